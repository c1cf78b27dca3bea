#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Debian's HAProxy asks keyd-http from Lua, as documented."""

import os
import threading

import proxy
from harness import SOURCE, check_equal, main, slowness
from keyd_http import bearer

LUA = os.path.join(SOURCE, 'doc/keyd-http.lua')


class Haproxy(proxy.Proxy):
    def start(self):
        config = proxy.replaced(proxy.documented('haproxy'), **{
            '127.0.0.1:8080': '127.0.0.1:%d' % self.port,
            '127.0.0.1:9000': '127.0.0.1:%d' % self.backend.server_port,
            '/usr/local/share/doc/keyd/keyd-http.lua': LUA})
        self.run(['haproxy', '-db', '-f', self.write('haproxy.cfg', config)],
                 KEYD_HTTP_SOCKET=self.http.path)


def all_that_every_proxy_does():
    """what each proxy must do: let in, refuse, limit, and fail closed"""
    with Haproxy() as haproxy:
        for one in proxy.CHECKS:
            one(haproxy)


def many_at_once_are_answered():
    """400 requests of 8 clients are all answered, each with its own verdict"""
    with Haproxy() as haproxy:
        token = haproxy.keyd.create('ci')[0]
        wrong = []

        def ask(number):
            for at in range(50):
                good = (number + at) % 2 == 0
                text = token if good else token[:-1]
                code = haproxy.ask(bearer(text)).code
                if code != (200 if good else 401):
                    wrong.append(code)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(60 * slowness())
        check_equal(wrong, [], 'wrong answers')


main(all_that_every_proxy_does, many_at_once_are_answered, limit=90)
