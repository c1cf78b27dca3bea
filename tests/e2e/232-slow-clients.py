#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""No client of keyd-http takes it from the others."""

import socket
import time

from harness import (check, check_equal, main, scaled, wait_until)
from keyd_http import House, ask_on, bearer

HEAD = b'GET /healthz HTTP/1.1\r\nHost: x\r\n'


def is_over(one):
    """Has the other end closed it?"""
    one.setblocking(False)
    try:
        while one.recv(65536):
            pass
        return True
    except BlockingIOError:
        return False
    except (ConnectionResetError, BrokenPipeError):
        return True


def drip(connections, byte):
    for one in connections:
        one.setblocking(True)
        try:
            one.send(byte, socket.MSG_NOSIGNAL)
        except (ConnectionResetError, BrokenPipeError):
            pass


def timed(http, token):
    began = time.monotonic()
    check_equal(http.auth(token).code, 200, 'an honest client')
    return time.monotonic() - began


def slow_heads_hurt_nobody():
    """ten times as many half-sent requests as there is room leave others be"""
    with House('-c', '32') as (keyd, http):
        token = keyd.create('ci')[0]
        kept = http.connect()
        check_equal(ask_on(kept, '/auth', bearer(token)).code, 200, 'before')
        slow = []
        worst = 0
        for at in range(scaled(320)):
            slow.append(http.plain())
            slow[-1].sendall(HEAD[:20 + at % 10])
            if at % 8 == 0:
                drip(slow[-40:], b'x')
                worst = max(worst, timed(http, token))
        wait_until('most of them are ended', lambda: sum(
            not is_over(one) for one in slow) <= 33)
        print('    an honest client waited %.0f ms' % (worst * 1000))
        check_equal(http.process.poll(), None, 'keyd-http')
        for one in slow:
            one.close()


def slow_bodies_and_readers_hurt_nobody():
    """nor do bodies that do not come and answers that are not read"""
    with House('-c', '32') as (keyd, http):
        token = keyd.create('ci')[0]
        slow = []
        for at in range(scaled(120)):
            slow.append(http.plain())
            if at % 2:
                slow[-1].sendall(b'POST /introspect HTTP/1.1\r\nHost: x\r\n'
                                 b'Content-Length: 100\r\n\r\ntoken=')
            else:
                slow[-1].setblocking(False)
                try:
                    slow[-1].sendall(1000 * (b'GET /metrics HTTP/1.1\r\n'
                                             b'Host: x\r\n\r\n'))
                except BlockingIOError:
                    pass
            if at % 8 == 0:
                timed(http, token)
        timed(http, token)
        for one in slow:
            one.close()


def a_drip_ends_in_time():
    """a request is ended ten seconds after its first byte, however it drips"""
    with House() as (keyd, http):
        with http.plain() as head, http.plain() as body, \
             http.plain() as again:
            again.sendall(HEAD + b'\r\n')
            answer = b''
            while not answer.endswith(b'ok\n'):
                part = again.recv(65536)
                check(part, 'an answer')
                answer += part
            began = time.monotonic()
            again.sendall(HEAD)
            head.sendall(HEAD)
            body.sendall(b'POST /introspect HTTP/1.1\r\nHost: x\r\n'
                         b'Content-Length: 100\r\n\r\n')
            while not all([is_over(one) for one in (head, body, again)]):
                drip([head, body, again], b'x')
                time.sleep(0.5)
            check(time.monotonic() - began > 8, 'ended too early')
        check_equal(http.ask('/healthz').code, 200, 'health')


def large_heads_are_refused():
    """what a proxy passes on fits, and more is refused or ended"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        for size, good in ((8000, True), (30000, True), (60000, False),
                           (1000000, False)):
            with http.plain() as one:
                try:
                    one.sendall(b'GET /auth HTTP/1.1\r\nHost: x\r\n' + (
                        'Authorization: Bearer %s\r\n' % token).encode()
                        + b'X-Big: ' + size * b'x' + b'\r\n\r\n')
                    answer = one.recv(65536)
                except (ConnectionResetError, BrokenPipeError):
                    answer = b''
                check_equal(answer.startswith(b'HTTP/1.1 200 '), good,
                            '%d: %r' % (size, answer[:40]))
        check_equal(http.auth(token).code, 200, 'after them')
        with http.plain() as one:
            try:
                for _ in range(1000):
                    one.sendall(b'GET /' + 1000 * b'x')
            except (ConnectionResetError, BrokenPipeError):
                pass
        check_equal(http.auth(token).code, 200, 'after a long line')


def nonsense_is_no_request():
    """bytes that are no HTTP end the connection and nothing else"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        for junk in (b'\0' * 100, b'\r\n' * 10, b'\x16\x03\x01\x02', b'GET',
                     b'GET /healthz\r\n\r\n', b'GET /healthz HTTP/9.9\r\n\r\n',
                     b'GET /healthz HTTP/1.1\r\n\r\n',
                     b'GET /healthz HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n',
                     b'GET /auth HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer '
                     b'a\r\n b\r\n\r\n',
                     b'POST /introspect HTTP/1.1\r\nHost: x\r\n'
                     b'Content-Length: 5\r\nContent-Length: 6\r\n\r\ntoken=',
                     b'POST /introspect HTTP/1.1\r\nHost: x\r\n'
                     b'Content-Length: -1\r\n\r\n'):
            with http.plain() as one:
                one.sendall(junk)
                one.shutdown(socket.SHUT_WR)
                try:
                    answer = one.recv(65536)
                except ConnectionResetError:
                    answer = b''
                check(not answer.startswith(b'HTTP/1.1 200'), repr(junk))
        check_equal(http.auth(token).code, 200, 'after them')


main(slow_heads_hurt_nobody, slow_bodies_and_readers_hurt_nobody,
     a_drip_ends_in_time, large_heads_are_refused, nonsense_is_no_request)
