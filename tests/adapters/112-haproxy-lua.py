#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Debian's HAProxy asks keyd-http from Lua, as documented."""

import os

import proxy
from document import replaced
from harness import (SOURCE, check, check_equal, check_match, in_threads, main,
                     need_root)
from keyd_http import bearer

LUA = os.path.join(SOURCE, 'doc/keyd-http.lua')


class Haproxy(proxy.Proxy):
    more = ''  # in global

    def start(self):
        config = replaced(proxy.documented('haproxy'), **{
            'global\n': 'global\n' + self.more,
            '127.0.0.1:8080': '127.0.0.1:%d' % self.port,
            '127.0.0.1:9000': '127.0.0.1:%d' % self.backend.server_port,
            '/usr/local/share/doc/keyd/keyd-http.lua': LUA})
        self.run(['haproxy', '-db', '-f', self.write('haproxy.cfg', config)],
                 KEYD_HTTP_SOCKET=self.http.path)

    def log(self):
        with open(self.path('log'), encoding='utf-8') as log:
            return log.read()


class InChroot(Haproxy):
    """As Debian configures it, with keyd-http at an address."""

    def __init__(self):
        super().__init__(tcp=True)

    def start(self):
        os.mkdir(self.path('empty'), 0o755)
        self.more = '\tchroot %s\n\tsetenv KEYD_HTTP_SOCKET %s\n' % (
            self.path('empty'), '127.0.0.1:%d' % self.http.port)
        super().start()


def all_that_every_proxy_does():
    """what each proxy must do: let in, refuse, limit, and fail closed"""
    with Haproxy() as haproxy:
        for one in proxy.CHECKS:
            one(haproxy)


def many_at_once_are_answered():
    """400 requests of 8 clients are all answered, each with its own verdict"""
    with Haproxy() as haproxy:
        token = haproxy.keyd.create('ci')[0]

        def wrong_of(number):
            for at in range(50):
                good = (number + at) % 2 == 0
                text = token if good else token[:-1]
                code = haproxy.ask(bearer(text)).code
                if code != (200 if good else 401):
                    yield code

        check_equal(in_threads(8, wrong_of, lambda wrong: set(wrong) == {503}),
                    [], 'wrong answers')


def an_address_is_asked_from_a_chroot():
    """in a chroot, where there is no socket, an address is asked"""
    need_root()
    with InChroot() as haproxy:
        token = haproxy.keyd.create('ci')[0]
        check_equal(haproxy.ask(bearer(token)).code, 200, 'good')
        check_equal(haproxy.ask(bearer(token[:-1])).code, 401, 'bad')
        check_equal(haproxy.ask(path='/health').code, 200, 'open to all')


def without_keyd_http_the_log_says_so():
    """nobody at the socket is 503 with Retry-After, and a line in the log"""
    with Haproxy() as haproxy:
        token = haproxy.keyd.create('ci')[0]
        check_equal(haproxy.ask(bearer(token)).code, 200, 'before')
        check('does not answer' not in haproxy.log(), 'the log before')
        haproxy.http.stop()
        answer = haproxy.ask(bearer(token))
        check_equal(answer.code, 503, 'code')
        check(int(answer['Retry-After']) >= 1, 'Retry-After')
        check_match('keyd-http does not answer at unix@%s: ' %
                    haproxy.http.path, haproxy.log(), 'the log')
        check(token not in haproxy.log(), 'the token is in the log')
        haproxy.http.start()


main(all_that_every_proxy_does, an_address_is_asked_from_a_chroot,
     without_keyd_http_the_log_says_so, many_at_once_are_answered)
