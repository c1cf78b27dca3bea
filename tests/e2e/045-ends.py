#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What a client sent is answered, however much of it and its end come at once.

keyd hears of a socket when something comes, and not again because something
was left in it: each of these leaves something, or an end behind it.
"""

import contextlib
import os
import signal
import socket
import threading
import time

import client
from client import OK, VERIFY, frame
from harness import Keyd, check_equal, main, scaled, wait_until

MANY = 2000  # requests, more bytes than keyd takes up at a time


@contextlib.contextmanager
def halted(keyd):
    """So that all that is sent meanwhile is there when keyd looks."""
    os.kill(keyd.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(keyd.pid, signal.SIGCONT)


def requests(token, count):
    body = client.digest_of(token) + b'\0\0' + b'\0\0'
    return [frame(VERIFY, at, body) for at in range(1, count + 1)]


def ck_answered(one, count):
    """Each of them in its turn."""
    for at in range(1, count + 1):
        _, kind, ident, body = one.receive()
        check_equal((kind, ident, body[0]),
                    (VERIFY | client.ANSWER, at, OK), 'answer')


def ck_all_answered(one, count):
    """The same, and then the end."""
    ck_answered(one, count)
    check_equal(one.socket.recv(1), b'', 'behind them')


def in_the_background(job, *arguments):
    thread = threading.Thread(target=job, args=arguments, daemon=True)
    thread.start()
    return thread


def an_end_comes_with_the_last_request():
    """requests and the end behind them are taken together"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        for count in (1, 2, 50):
            with keyd.verifier() as one:
                with halted(keyd):
                    one.send_raw(b''.join(requests(token, count)))
                    one.socket.shutdown(socket.SHUT_WR)
                ck_all_answered(one, count)


def more_than_fits_is_taken_bit_by_bit():
    """more than keyd holds, sent by one who reads nothing until he has ended"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        for halt in (contextlib.nullcontext(), halted(keyd)):
            with keyd.verifier() as one:
                with halt:
                    sender = in_the_background(
                        send_and_end, one, requests(token, MANY))
                    time.sleep(0.2)
                ck_all_answered(one, MANY)
                sender.join()
        with keyd.verifier() as one:
            with halted(keyd):
                one.send_raw(b''.join(requests(token, MANY)))
            ck_answered(one, MANY)


def send_and_end(one, frames):
    one.send_raw(b''.join(frames))
    one.socket.shutdown(socket.SHUT_WR)


def pieces_are_put_together():
    """byte by byte, with whole requests between and the end behind"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        frames = requests(token, 20)
        with keyd.verifier() as one:
            for at, data in enumerate(frames):
                if at % 2:
                    one.send_raw(data)
                    continue
                for byte in data:
                    one.send_raw(bytes([byte]))
            one.socket.shutdown(socket.SHUT_WR)
            ck_all_answered(one, len(frames))


def who_hangs_up_is_forgotten():
    """no connection stays behind, whatever its client sent or did not read"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        data = requests(token, MANY)
        before = keyd.settled_descriptors()
        for at in range(scaled(60)):
            one = keyd.verifier()
            with halted(keyd) if at % 2 else contextlib.nullcontext():
                one.socket.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    one.socket.send(b''.join(data[:at * at]) + b'half'[:at % 3])
                one.close()
        wait_until('all are forgotten',
                   lambda: keyd.descriptors() == before)


main(an_end_comes_with_the_last_request, more_than_fits_is_taken_bit_by_bit,
     pieces_are_put_together, who_hangs_up_is_forgotten)
