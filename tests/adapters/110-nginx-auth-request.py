#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Debian's nginx asks keyd-http with auth_request, as documented."""

import proxy
from harness import (check, check_equal, check_match, main, open_to_all,
                     wait_until)
from keyd_http import bearer


FORGETFUL = 'location /forgot/ { auth_request /_keyd; root html; }\n'


class Nginx(proxy.Proxy):
    def start(self):
        site = self.configured('nginx', **{
            '/var/log/nginx/api.log': self.path('access'),
            '\tlocation = /_keyd {': FORGETFUL + '\tlocation = /_keyd {'})
        open_to_all(self.keyd)
        self.write('nginx.conf', '''
daemon off;
pid %s;
error_log stderr notice;
worker_processes 2;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path %s;
	proxy_temp_path %s;
	fastcgi_temp_path %s;
	uwsgi_temp_path %s;
	scgi_temp_path %s;
%s
}
''' % (self.path('pid'), *(self.path('t%d' % n) for n in range(5)), site))
        self.run(['nginx', '-e', 'stderr', '-p', self.folder, '-c',
                  self.path('nginx.conf')])

    def logged(self):
        with open(self.path('access'), encoding='utf-8') as log:
            return log.read()


def all_that_every_proxy_does():
    """what each proxy must do: let in, refuse, limit, and fail closed"""
    with Nginx() as nginx:
        for one in proxy.CHECKS:
            one(nginx)


def the_log_has_the_key():
    """the access log has the key's id and the exact verdict, and no token"""
    with Nginx() as nginx:
        token, made = nginx.keyd.create('ci')
        check_equal(nginx.ask(bearer(token)).code, 200, 'code')
        nginx.keyd.done('revoke', made['id'], '--yes')
        answer = nginx.ask(bearer(token))
        check_equal(answer.code, 401, 'code')
        check('X-Keyd-Status' not in answer.headers, 'the client is told')
        wait_until('both are in the log', lambda: nginx.logged().count(
            '\n') == 2)
        lines = nginx.logged()
        check_match(r'" 200 key=%s org=acme verdict=ok$' % made['id'], lines,
                    'the log')
        check_match(r'" 401 key=%s org=acme verdict=revoked$' % made['id'],
                    lines, 'the log')
        check(token not in lines, 'the token is in the log')


def the_inner_location_is_not_for_clients():
    """a client cannot ask /_keyd itself"""
    with Nginx() as nginx:
        token = nginx.keyd.create('ci')[0]
        check_equal(nginx.ask(bearer(token), path='/_keyd').code, 404, 'code')


def a_location_that_forgot_what_it_wants_is_closed():
    """without its permission a location lets nobody in"""
    with Nginx() as nginx:
        token = nginx.keyd.create('ci')[0]
        check_equal(nginx.ask(bearer(token), path='/forgot/').code, 500,
                    'code')


def without_keyd_http_it_is_for_later():
    """keyd-http away is 503 with Retry-After"""
    with Nginx() as nginx:
        token = nginx.keyd.create('ci')[0]
        nginx.http.stop()
        answer = nginx.ask(bearer(token))
        check_equal(answer.code, 503, 'code')
        check_equal(answer['Retry-After'], '1', 'Retry-After')
        nginx.http.start()


def large_requests_pass():
    """a large head and a large body are no trouble"""
    with Nginx() as nginx:
        token = nginx.keyd.create('ci')[0]
        big = [('X-Big-%d' % n, 'x' * 7000) for n in range(3)]
        check_equal(nginx.ask(bearer(token), *big).code, 200, 'head')
        answer = nginx.ask(bearer(token), method='POST', body='y' * 500000)
        check_equal((answer.code, len(answer.body)), (200, 500000), 'body')


main(all_that_every_proxy_does, the_log_has_the_key,
     the_inner_location_is_not_for_clients,
     a_location_that_forgot_what_it_wants_is_closed,
     without_keyd_http_it_is_for_later, large_requests_pass)
