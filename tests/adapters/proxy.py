# SPDX-License-Identifier: ISC
"""A proxy of Debian's before a backend, with keyd-http for its keys.

Its configuration is the one of doc/keyd-http.md, but for paths and ports: what
is tested is what people copy.
"""

import http.client
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../e2e'))

# pylint: disable=wrong-import-position
from document import blocks, replaced
from harness import (Failure, Processes, check, check_equal,
                     check_match, environment, new_token, record, wait_until)
from keyd_http import House, ask_on, bearer


# A tester may not run tests.
ROLES = ''.join(
    'role "%s" { permissions = { %s } may_create = true }\n' % role
    for role in (('tester', '"data:read"'),
                 ('editor', '"data:read", "tests:run"'),
                 ('admin', '"data:read", "tests:run"'),
                 ('owner', '"data:read", "tests:run"')))


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def documented(language):
    """The one block of this language in the documentation."""
    block, = blocks('doc/keyd-http.md', language)
    return block


class Backend(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked with."""

    protocol_version = 'HTTP/1.1'

    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length)
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        for name in ('X-Keyd-Key-Id', 'X-Keyd-Org', 'X-Keyd-User'):
            values = self.headers.get_all(name) or []
            self.send_header('Seen-' + name, '|'.join(values))
        self.end_headers()
        if body:
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Backends(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A proxy may end its connections as it likes."""


class Proxy:
    """keyd, keyd-http, a backend, and a proxy before it."""

    def __init__(self, tcp=False):
        self.keyd = House(*(() if tcp else ('-m', '0666')), config=ROLES,
                          tcp=tcp)
        self.port = free_port()
        self.backend = Backends(('127.0.0.1', 0), Backend)
        self.process = None

    def __enter__(self):
        _, self.http = self.keyd.__enter__()
        self.folder = os.path.join(self.keyd.folder, 'proxy')
        os.mkdir(self.folder)
        threading.Thread(target=self.backend.serve_forever,
                         daemon=True).start()
        self.start()
        wait_until('the proxy listens', self.listens)
        return self

    def __exit__(self, kind, *rest):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.backend.shutdown()
        self.backend.server_close()
        return self.keyd.__exit__(kind, *rest)

    def start(self):
        raise NotImplementedError

    def run(self, argv, **env):
        with open(self.path('log'), 'a', encoding='utf-8') as log:
            self.process = Processes.start(
                ['setpriv', '--pdeathsig', 'KILL', *argv], stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                env=environment(**env))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as out:
            out.write(text)
        return self.path(name)

    def configured(self, language, **more):
        """The documented configuration, for these paths and ports."""
        return replaced(documented(language), **{
            '/run/keyd-http/http.sock': self.http.path,
            '127.0.0.1:8080': '127.0.0.1:%d' % self.port,
            '127.0.0.1:9000': '127.0.0.1:%d' % self.backend.server_port,
            **more})

    def listens(self):
        if self.process.poll() is not None:
            with open(self.path('log'), encoding='utf-8') as log:
                raise Failure('the proxy ended: ' + log.read())
        try:
            socket.create_connection(('127.0.0.1', self.port), 1).close()
        except ConnectionRefusedError:
            return False
        return True

    def ask(self, *headers, path='/api/x', method='GET', body=None):
        one = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        try:
            return ask_on(one, path, *headers, method=method, body=body)
        finally:
            one.close()


def a_good_key_reaches_the_backend(proxy):
    """with its identity, in place of what the client says it is"""
    token, made = proxy.keyd.create('good')
    answer = proxy.ask(bearer(token), ('X-Keyd-Org', 'forged'),
                       ('X-Keyd-User', 'root'), ('X-Keyd-Key-Id', 'key_0'))
    check_equal(answer.code, 200, 'code')
    check_equal(answer['Seen-X-Keyd-Key-Id'], made['id'], 'key id')
    check_equal(answer['Seen-X-Keyd-Org'], 'acme', 'org')
    check_equal(answer['Seen-X-Keyd-User'], 'alice', 'user')
    answer = proxy.ask(bearer(token), method='POST', body='hello')
    check_equal((answer.code, answer.body), (200, 'hello'), 'a body')
    answer = proxy.ask(bearer(token), path='/api/x?permission=no&any&org=z')
    check_equal(answer.code, 200, "the client's query")


def refusals_reach_the_client(proxy):
    """401, 403, 429, 503 with their headers, and nobody else gets in"""
    keyd = proxy.keyd
    token, made = keyd.create('refused')
    for headers, pattern in (
            ([], '^Bearer realm="api"$'),
            ([('X-API-Key', token)], '^Bearer realm="api"$'),
            ([bearer(new_token())], 'error="invalid_token"')):
        answer = proxy.ask(*headers)
        check_equal(answer.code, 401, repr(headers[:1]))
        check_match(pattern, answer['WWW-Authenticate'], 'challenge')
        check_equal(len(answer.headers.get_all('WWW-Authenticate')), 1,
                    'challenges')
        check('Seen-X-Keyd-Org' not in answer.headers, 'it got in')
    check_equal(proxy.ask(bearer(token)).code, 200, 'before')
    keyd.done('revoke', made['id'], '--yes')
    check_equal(proxy.ask(bearer(token)).code, 401, 'at once after')


def no_spelling_of_a_path_gets_around(proxy):
    """a path that a backend may take for a guarded one is no way past"""
    for path in ('/%61pi/x', '//api/x', '/./api/x', '/x/../api/x', '/API/x',
                 '/api%2fx', '/api;y/x', '/api'):
        answer = proxy.ask(('X-Keyd-User', 'root'), path=path)
        check('Seen-X-Keyd-User' not in answer.headers, path + ' got in')


def a_missing_permission_is_403(proxy):
    """a key without the permission is 403, with the scope that it needs"""
    keyd = proxy.keyd
    token = record(keyd.done(
        'create', '--org', 'acme', '--user', 'olga', '--name', 'tests',
        '--role', 'tester').strip())
    answer = proxy.ask(bearer(token))
    check_equal(answer.code, 403, 'code')
    check_match('error="insufficient_scope", scope="tests:run"$',
                answer['WWW-Authenticate'], 'challenge')


def a_limit_is_429(proxy):
    """a key over its limit is 429 with Retry-After and RateLimit"""
    keyd = proxy.keyd
    with keyd.admin() as admin:
        admin.org_add('small', plan='enterprise', rate=1, burst=2)
        admin.member_add('small', 'eve', 'editor')
    token = record(keyd.done('create', '--org', 'small', '--user', 'eve',
                             '--name', 'ci').strip())
    codes = [proxy.ask(bearer(token)).code for _ in range(2)]
    check_equal(codes, [200, 200], 'the burst')
    answer = proxy.ask(bearer(token))
    check_equal(answer.code, 429, 'code')
    check(int(answer['Retry-After']) >= 1, 'Retry-After')
    check_match('^"default";r=0;', answer['RateLimit'], 'RateLimit')
    check_equal(answer['RateLimit-Policy'], '"default";q=1;w=60',
                'RateLimit-Policy')


def two_headers_are_refused(proxy):
    """two Authorization headers are 400"""
    token = proxy.keyd.create('twice')[0]
    check_equal(proxy.ask(bearer(token), bearer(token)).code, 400, 'code')


def without_keyd_nobody_gets_in(proxy):
    """keyd or keyd-http away is an error, 503 or 5xx, until they are back"""
    token = proxy.keyd.create('away')[0]
    proxy.keyd.stop()
    answer = proxy.ask(bearer(token))
    check_equal(answer.code, 503, 'without keyd')
    check(int(answer['Retry-After']) >= 1, 'Retry-After')
    proxy.keyd.start()
    check_equal(proxy.ask(bearer(token)).code, 200, 'with keyd')
    check_equal(proxy.http.stop(), 0, 'exit status of keyd-http')
    answer = proxy.ask(bearer(token))
    check(500 <= answer.code < 600, 'without keyd-http: %d' % answer.code)
    proxy.http.start()
    wait_until('it is back', lambda: proxy.ask(bearer(token)).code == 200)


CHECKS = (a_good_key_reaches_the_backend, refusals_reach_the_client,
          no_spelling_of_a_path_gets_around, a_missing_permission_is_403,
          a_limit_is_429, two_headers_are_refused, without_keyd_nobody_gets_in)
