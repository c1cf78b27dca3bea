#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Debian's Caddy asks keyd-http with forward_auth, as documented."""

import proxy
from harness import check, check_equal, main
from keyd_http import bearer


class Caddy(proxy.Proxy):
    def start(self):
        # The path follows unix/, and has a slash of its own.
        site = self.configured('caddy')
        config = self.write('Caddyfile', '{\n\tadmin off\n}\n' + site)
        self.run(['caddy', 'run', '--adapter', 'caddyfile', '--config',
                  config], HOME=self.folder, XDG_DATA_HOME=self.folder,
                 XDG_CONFIG_HOME=self.folder)


def all_that_every_proxy_does():
    """what each proxy must do: let in, refuse, limit, and fail closed"""
    with Caddy() as caddy:
        for one in proxy.CHECKS:
            one(caddy)


def a_refusal_tells_no_more_than_its_challenge():
    """unknown and revoked look the same to the client"""
    with Caddy() as caddy:
        token, made = caddy.keyd.create('ci')
        caddy.keyd.done('revoke', made['id'], '--yes')
        one = caddy.ask(bearer(token))
        other = caddy.ask(bearer(proxy.new_token()))
        check_equal(one.code, 401, 'code')
        for name in one.headers:
            check(name == 'Date' or one[name] == other[name], name)
        check('X-Keyd-Org' not in one.headers, 'the org is told')


main(all_that_every_proxy_does, a_refusal_tells_no_more_than_its_challenge)
