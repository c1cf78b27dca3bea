#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""nginx with the keyd module: subrequests, redirects, satisfy and HTTP/2.

How often a request used a key is what keyd says of it.
"""

import os
import re
import time

from nginx import Nginx, again_if_late, bearer, connect
from http2 import Http2
from harness import (Keyd, check, check_equal, check_match, main, new_token,
                     run, wait_until)

BURST = 10
LEASE = 1.2  # s after which a use that was leased is reported


class Keys:
    """A key for each path that is asked, to count what became of it."""

    def __init__(self, keyd):
        self.keyd, self.made = keyd, {}
        keyd.people()

    def new(self, path):
        token, made = self.keyd.create(path.replace('/', 'x'))
        self.made[path] = made['id']
        return bearer(token)

    def uses(self):
        return {path: self.keyd.json('show', name)['uses']
                for path, name in self.made.items()}

    def check(self, nginx, uses):
        """A process tells of its uses with the next question that it has."""
        def told():
            status = nginx.status('/any/', new_token())
            if status == 503:  # keyd was late
                return False
            check_equal(status, 401, 'unknown')
            return sum(self.uses().values()) >= sum(uses.values())
        time.sleep(LEASE)
        wait_until('keyd was told of all uses', told)
        check_equal(self.uses(), uses, 'uses')


def served(text):
    return ('server { LISTEN; location /any/ { keyd on; alias www/; } %s }'
            % text)


def redirects_cost_one_use():
    """internal redirects ask the same question once, and another one too"""
    text = '''
        keyd tests:run;
        error_page 404 = @named;
        error_page 402 /open/index.html;
        location /try/ { try_files /no /nor /index.html; }
        location /rewrite/ { rewrite ^ /index.html last; }
        location /accel/ {
            proxy_pass http://unix:SOCKET2;
            location /accel/other { keyd data:read;
                proxy_pass http://unix:SOCKET2; }
        }
        location /hidden/ { internal; alias www/; }
        location /index/ { alias www/; }
        location /gone/ { }
        location @named { try_files /index.html =500; }
    }
    server { listen unix:SOCKET2; location / {
        add_header X-Accel-Redirect /hidden/index.html; return 200; }
    '''
    with Keyd() as keyd:
        keys = Keys(keyd)
        nginx = Nginx(keyd, '')
        nginx.configure(served(text.replace('SOCKET2', nginx.socket + '2')))
        uses = {'/try/x': 1, '/rewrite/': 1, '/accel/': 1, '/accel/other': 2,
                '/index/': 1, '/gone/x': 1}
        with nginx:
            for path in uses:
                answer = nginx.ask(path, keys.new(path))
                check_equal((answer.status, answer.body), (200, 'front\n'),
                            path)
                answer.only('RateLimit')
                answer.only('RateLimit-Policy')
                check_equal(nginx.ask(path).status, 401, path)
            keys.check(nginx, uses)


def error_pages_keep_the_headers():
    """a refusal with a page of its own keeps its status and each field once"""
    text = '''
        keyd members:manage;
        error_page 401 403 429 /denied.html;
        location /own/ {
            error_page 401 403 429 /free/denied.html;
            alias www/;
        }
        location /free/ { keyd off; alias www/; }
        location /as/ { error_page 401 =200 /free/denied.html; alias www/; }
        location /limited/ { keyd on; alias www/;
            error_page 429 /free/denied.html; }
    '''
    with Keyd() as keyd, Nginx(keyd, served(text)) as nginx:
        keyd.people()
        with keyd.admin() as admin:
            admin.org_add('slow', plan='enterprise', rate=1, burst=BURST)
            admin.member_add('slow', 'sam', 'editor')
        token = keyd.done('create', '--org', 'slow', '--user', 'sam',
                          '--name', 'k').strip()
        for path, own in (('/', False), ('/own/', True)):
            for headers, status in (((), 401), ((bearer(token),), 403)):
                answer = nginx.ask(path, *headers)
                check_equal(answer.status, status, path)
                check_equal(answer.body == 'sorry\n', own, 'page of ' + path)
                answer.only('WWW-Authenticate')
        check_equal(nginx.ask('/as/').status, 200, 'another status')
        for _ in range(BURST):
            nginx.status('/limited/', token)
        answer = nginx.ask('/limited/', bearer(token))
        check_equal((answer.status, answer.body), (429, 'sorry\n'), 'limited')
        answer.only('Retry-After')
        answer.only('RateLimit')


def a_page_for_any_key_does_not_hide_the_refusal():
    """an error page that the key may see leaves the refusal what it is"""
    text = '''
        keyd members:manage;
        error_page 403 /page/denied.html;
        location /page/ { keyd on; alias www/; }
        location /less/ { error_page 403 = @less; alias www/; }
        location @less { keyd on; add_header X-Who $keyd_user;
            try_files /index.html =404; }
    '''
    with Keyd() as keyd, Nginx(keyd, served(text)) as nginx:
        keyd.people()
        token, made = keyd.create('ci')
        logged = '403 /page/denied.html forbidden id=%s org=- user=-' % \
            made['id']
        for times in (1, 2):  # from keyd, then from memory
            answer = nginx.ask('/', bearer(token))
            check_equal((answer.status, answer.body), (403, 'sorry\n'), 'page')
            check_match('insufficient_scope', answer.only('WWW-Authenticate'),
                        'challenge')
            # It is logged after it was answered.
            wait_until('the refusal is logged as one', lambda n=times:
                       nginx.accesses().count(logged) == n)
            answer = nginx.ask('/less/', bearer(token))
            check_equal((answer.status, answer.body), (200, 'front\n'),
                        'another answer')
            check_equal(answer.only('X-Who'), 'alice', 'user')
            answer.none('WWW-Authenticate')


def satisfy_any_lets_others_in():
    """satisfy any: either is enough, and who is let in costs no key anything"""
    text = '''
        location /in/ { satisfy any; allow all; keyd tests:run; alias www/; }
        location /out/ { satisfy any; deny all; keyd tests:run; alias www/; }
        location /both/ { allow all; keyd tests:run; alias www/; }
        location /never/ { deny all; keyd tests:run; alias www/; }
        location /basic/ {
            satisfy any;
            auth_basic people;
            auth_basic_user_file users;
            keyd tests:run;
            alias www/;
        }
        location /asked/ {
            satisfy any;
            auth_request /no;
            keyd tests:run;
            alias www/;
        }
        location /no { internal; return 403; }
    '''
    with Keyd() as keyd:
        keys = Keys(keyd)
        nginx = Nginx(keyd, served(text))
        users = os.path.join(nginx.folder, 'users')
        with open(users, 'w', encoding='ascii') as out:
            out.write('ann:{PLAIN}secret\n')
        os.chmod(users, 0o644)
        with nginx:
            for path, without, with_key in (
                    ('/in/', 200, 200), ('/out/', 401, 200),
                    ('/both/', 401, 200), ('/never/', 403, 403),
                    ('/basic/', 401, 200), ('/asked/', 401, 200)):
                answer = nginx.ask(path)
                check_equal(answer.status, without, path)
                answer = nginx.ask(path, keys.new(path))
                check_equal(answer.status, with_key, path)
                answer.none('WWW-Authenticate')
            keys.check(nginx, {'/in/': 0, '/out/': 1, '/both/': 1,
                               '/never/': 0, '/basic/': 1, '/asked/': 1})
            ann = ('Authorization', 'Basic YW5uOnNlY3JldA==')
            answer = nginx.ask('/basic/', ann)
            check_equal(answer.status, 200, 'a password')
            answer.none('WWW-Authenticate')
            check_equal(sorted(nginx.ask('/basic/').headers.get_all(
                'WWW-Authenticate')), ['Basic realm="people"',
                                       'Bearer realm="api"'], 'both')


def auth_request_may_ask_keyd():
    """auth_request to a location with keyd: headers, names, one use"""
    text = '''
        location = /auth { internal; keyd tests:run; try_files /none =204; }
        location = /auth/all { internal; keyd members:manage;
            try_files /none =204; }
        location /asked/ {
            auth_request /auth;
            auth_request_set $who $keyd_user;
            add_header X-Who "$who $keyd_org";
            alias www/;
        }
        location /twice/ { auth_request /auth; keyd tests:run; alias www/; }
        location /manage/ { auth_request /auth/all; alias www/; }
    '''
    with Keyd() as keyd, Nginx(keyd, served(text)) as nginx:
        keys = Keys(keyd)
        for path in ('/asked/', '/twice/'):
            answer = nginx.ask(path)
            check_equal(answer.status, 401, path)
            check_equal(answer.only('WWW-Authenticate'), 'Bearer realm="api"',
                        'challenge')
            check_equal(nginx.status(path, new_token()), 401, path)
            answer = nginx.ask(path, keys.new(path))
            check_equal((answer.status, answer.body), (200, 'front\n'), path)
            answer.only('RateLimit')
            answer.none('WWW-Authenticate')
            if path == '/asked/':
                check_equal(answer.headers['X-Who'], 'alice acme', 'who')
        check_equal(nginx.ask('/manage/', keys.new('/manage/')).status, 403,
                    'forbidden')
        keys.check(nginx, {'/asked/': 1, '/twice/': 1, '/manage/': 0})


def a_page_of_parts_costs_one_use():
    """the subrequests of a page ask each question once, many at once too"""
    text = '''
        ssi on;
        ssi_types *;
        keyd tests:run;
        location /parts/ { alias www/; }
        location /public/ { keyd off; alias www/; }
        location /open/ { keyd off; }
        location /read/ { keyd data:read; alias www/; }
    '''
    parts = '<!--# include virtual="/parts/index.html" -->'
    pages = {'eight.html': parts * 8,
             'public.html': '<!--# include virtual="/open/index.html" -->',
             'mixed.html': parts + parts.replace('parts', 'read') * 3}
    with Keyd() as keyd:
        keys = Keys(keyd)
        nginx = Nginx(keyd, served(text))
        for name, page in pages.items():
            path = os.path.join(nginx.folder, 'www', name)
            with open(path, 'w', encoding='ascii') as out:
                out.write(page)
            os.chmod(path, 0o644)
        with nginx:
            for path, body in (('/eight.html', 'front\n' * 8),
                               ('/mixed.html', 'front\n' * 4),
                               ('/public/eight.html', 'front\n' * 8),
                               ('/public/public.html', 'open\n')):
                key = keys.new(path)
                for _ in range(2):  # from keyd, then from memory
                    answer = nginx.ask(path, key)
                    check_equal((answer.status, answer.body), (200, body),
                                path)
            answer = nginx.ask('/public/eight.html')
            check_equal(answer.status, 200, 'the public part')
            check('front' not in answer.body, 'guarded parts were shown')
            check_equal(nginx.ask('/eight.html').status, 401, 'without a key')
            keys.check(nginx, {'/eight.html': 2, '/mixed.html': 4,
                               '/public/eight.html': 2,
                               '/public/public.html': 0})


def requests_on_one_connection_keep_their_order():
    """pipelined requests with new keys are answered each for itself"""
    with Keyd() as keyd, Nginx(keyd, served(
            'keyd tests:run; keepalive_requests 1000;')) as nginx:
        keyd.people()
        tokens = [keyd.create('k%d' % at)[0] for at in range(10)]
        wanted, request = [], b''
        for at in range(100):
            token = tokens[at % 10] if at % 3 else new_token()
            wanted.append(b'HTTP/1.1 200' if at % 3 else b'HTTP/1.1 401')
            request += ('GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer '
                        '%s\r\n\r\n' % token).encode()
        with connect(nginx.socket) as one:
            one.sendall(request)
            got = b''
            while got.count(b'HTTP/1.1 ') < 100 or not got.endswith(b'\n'):
                got += one.recv(65536)
        check_equal(re.findall(rb'HTTP/1\.1 \d+', got), wanted, 'answers')


def bodies_are_whole():
    """a body that comes while keyd is asked reaches the upstream as it was"""
    text = '''
        keyd tests:run;
        client_max_body_size 10m;
        location /up/ { proxy_pass http://unix:SOCKET2; }
        location /later/ { proxy_pass http://unix:SOCKET2;
            proxy_request_buffering off; proxy_http_version 1.1; }
    }
    server {
        listen unix:SOCKET2;
        client_max_body_size 10m;
        location / { dav_methods PUT; root up; create_full_put_path on;
            dav_access all:rw; }
    '''
    with Keyd() as keyd:
        keyd.people()
        nginx = Nginx(keyd, '')
        nginx.configure(served(text.replace('SOCKET2', nginx.socket + '2')))
        os.mkdir(os.path.join(nginx.folder, 'up'))
        os.chmod(os.path.join(nginx.folder, 'up'), 0o777)
        with nginx:
            for size in (0, 1, 1000, 3000000):
                for place in ('up', 'later'):
                    body = os.urandom(size)
                    path = '%s/%d' % (place, size)
                    token = keyd.create(path)[0]
                    answer = nginx.ask('/' + path, bearer(token), method='PUT',
                                       body=body)
                    check_equal(answer.status, 201, path)
                    with open(os.path.join(nginx.folder, 'up', path),
                              'rb') as one:
                        check(one.read() == body, 'body of ' + path)
                    answer = nginx.ask('/' + path, bearer(new_token()),
                                       method='PUT', body=body[:1000])
                    check_equal(answer.status, 401, path)


def http2_is_served_as_well():
    """HTTP/2: verdicts and fields, new keys and known ones, many at once"""
    text = '''
    server { listen unix:SOCKET2 http2; keyd tests:run; }
    server { LISTEN; }
    '''
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        nginx = Nginx(keyd, '')
        nginx.configure(text.replace('SOCKET2', nginx.socket + '2'))
        with nginx:
            for _ in range(2):
                said = curl(nginx, '').stdout
                check_match('^HTTP/2 401', said, 'without a key')
                check_match('^www-authenticate: Bearer realm="api"', said,
                            'challenge')
                said = curl(nginx, token).stdout
                check_match('^HTTP/2 200', said, 'with a key')
                check_match('^ratelimit: "default";r=', said, 'limit')
                check_match('^ratelimit-policy: "default";q=60000000;', said,
                            'policy')
            tokens = [keyd.create('k%d' % at)[0] for at in range(30)]
            for _ in range(2):
                with Http2(connect(nginx.socket + '2')) as one:
                    for other in tokens:
                        one.ask('/', other)
                        one.ask('/', new_token())
                        one.ask('/')
                    check_equal(one.finish(), [200, 401, 401] * 30, 'at once')


def curl(nginx, token):
    """One request; a token goes in by a file of options, not as argument."""
    options = 'header = "Authorization: Bearer %s"\n' % token if token else ''
    return run(['curl', '-sS', '-i', '--max-time', '20', '-K', '-',
                '--http2-prior-knowledge', '--unix-socket',
                nginx.socket + '2', 'http://x/'], options)


main(*map(again_if_late, (
    redirects_cost_one_use, error_pages_keep_the_headers,
    a_page_for_any_key_does_not_hide_the_refusal, satisfy_any_lets_others_in,
    auth_request_may_ask_keyd, a_page_of_parts_costs_one_use,
    requests_on_one_connection_keep_their_order, bodies_are_whole,
    http2_is_served_as_well)))
