#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The example server with the real keyd, over HTTP."""

import http.client
import json
import os
import re
import signal
import subprocess

from client import OK
from harness import (BUILD, Keyd, LIBRARIES, Processes, check, check_equal,
                     check_match, environment, in_threads, main, new_token,
                     wait_until)

PROJECTS = '/api/v1/projects'
RUN = '/api/v1/projects/web/tests/login/run'
RUNS = '/api/v1/projects/web/test-runs/run-1'


class Server:
    """example-api on a port of its own."""

    def __init__(self, keyd):
        self.process = Processes.start(
            [os.path.join(BUILD, 'example-api'), '-p', '0', '-l',
             os.path.join(LIBRARIES, 'libkeyd.so.0')],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(KEYD_RUNTIME_DIR=keyd.runtime))
        line = self.process.stdout.readline()
        self.port = int(check_match(r'^http://127\.0\.0\.1:(\d+)$', line,
                                    'its first line').group(1))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        self.stderr = self.process.communicate(timeout=60)[1]
        if kind is None:
            check_equal(self.process.returncode, 0, 'its exit status')

    def ask(self, method, path, *headers):
        """The status, the headers and the body, which must be JSON."""
        for _ in range(5):
            answer = self.ask_once(method, path, *headers)
            if answer[0] != 503:
                break
            print('    keyd is away, or was late')
        return answer

    def ask_once(self, method, path, *headers):
        one = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        one.putrequest(method, path)
        for name, value in headers:
            one.putheader(name, value)
        one.endheaders()
        answer = one.getresponse()
        body = answer.read().decode()
        one.close()
        json.loads(body)
        return answer.status, answer.headers, body

    def status(self, token, method='GET', path=PROJECTS):
        return self.ask(method, path, bearer(token))[0]


def bearer(token):
    return 'Authorization', 'Bearer ' + token


def all_routes_answer():
    """each route answers a key that may use it, and 403 one that may not"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        manager = keyd.create('manager', 'adam')[0]
        with Server(keyd) as server:
            for method, path, status in (
                    ('GET', PROJECTS, 200), ('POST', RUN, 202),
                    ('GET', RUNS, 200), ('GET', RUNS + '/endpoints', 200),
                    ('GET', '/api/v1/nothing', 404), ('GET', RUN, 405)):
                check_equal(server.status(token, method, path), status,
                            '%s %s' % (method, path))
            status, headers, body = server.ask(
                'GET', '/api/v1/members', bearer(token))
            check_equal(status, 403, 'members')
            check_match('^Bearer .*error="insufficient_scope", '
                        'scope="members:manage"$',
                        headers['WWW-Authenticate'], 'challenge')
            check('acme' not in body, 'the body tells the org')
            check_equal(server.status(manager, 'GET', '/api/v1/members'), 200,
                        'members')


def refusals_are_those_of_the_contract():
    """each kind of refusal has its status and its challenge"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        revoked, made = keyd.create('revoked')
        keyd.done('revoke', made['id'], '--yes')
        wrong = token[:-1] + ('0' if token[-1] != '0' else '1')
        plain = r'^Bearer realm="[^"]+"$'
        invalid = (r'^Bearer realm="[^"]+", error="invalid_token", '
                   r'error_description="[^"]+"$')
        challenges = set()
        with Server(keyd) as server:
            for headers, pattern in (
                    ([], plain),
                    ([('X-API-Key', token)], plain),
                    ([('Authorization', token)], plain),
                    ([('Authorization', 'Basic ' + token)], plain),
                    ([('Authorization', 'Bearer')], plain),
                    ([bearer(wrong)], invalid),
                    ([bearer('x')], invalid),
                    ([bearer(new_token())], invalid),
                    ([bearer(revoked)], invalid)):
                status, answer, body = server.ask('GET', PROJECTS, *headers)
                name = headers[0][0] if headers else 'no header'
                check_equal(status, 401, name)
                check_match(pattern, answer['WWW-Authenticate'], name)
                check(token not in str(answer) + body, 'the token comes back')
                challenges.add(answer['WWW-Authenticate'])
            check(len(challenges) <= 3, 'unknown and revoked are told apart')
            for scheme in ('bearer', 'BEARER', 'BeArEr'):
                check_equal(server.ask('GET', PROJECTS, (
                    'Authorization', scheme + ' ' + token))[0], 200, scheme)
            check_equal(server.ask('GET', PROJECTS, bearer(token),
                                   bearer(token))[0], 400, 'two headers')
            check_equal(server.ask('GET', PROJECTS, bearer(token),
                                   ('authorization', 'x'))[0], 400,
                        'two headers')
        check(not re.search('cmk_', server.stderr), 'a token on its stderr')


def a_revoked_key_is_refused_at_once():
    """the very next call after keydctl revoke answers 401"""
    with Keyd() as keyd:
        keyd.people()
        with Server(keyd) as server:
            for at in range(20):
                token, made = keyd.create('k%d' % at)
                check_equal(server.status(token), 200, 'before')
                keyd.done('revoke', made['id'], '--yes')
                check_equal(server.status(token), 401, 'after')


def a_limit_is_told_and_kept():
    """RateLimit with each verdict, and 429 with Retry-After after the last"""
    with Keyd() as keyd:
        with keyd.admin() as admin:
            admin.org_add('acme', plan='enterprise', rate=1, burst=3)
            admin.member_add('acme', 'alice', 'editor')
        token = keyd.create('ci')[0]
        with Server(keyd) as server:
            for left in (2, 1, 0):
                status, headers, _body = server.ask('GET', PROJECTS,
                                                    bearer(token))
                check_equal(status, 200, 'status')
                check_match('^"default";r=%d;t=\d+$' % left,
                            headers['RateLimit'], 'RateLimit')
                check_equal(headers['RateLimit-Policy'], '"default";q=1;w=60',
                            'RateLimit-Policy')
            status, headers, _body = server.ask('GET', PROJECTS,
                                                bearer(token))
            check_equal(status, 429, 'status')
            check(1 <= int(headers['Retry-After']) <= 60, 'Retry-After')
            check_match('^"default";r=0;', headers['RateLimit'], 'RateLimit')


def without_keyd_it_answers_503():
    """keyd away is 503 with Retry-After, and 200 once it is back"""
    keyd = Keyd()
    keyd.start()
    keyd.people()
    token = keyd.create('ci')[0]
    with Server(keyd) as server:
        for end in (keyd.stop, keyd.kill):
            check_equal(server.status(token), 200, 'before')
            end()
            status, headers, _ = server.ask('GET', PROJECTS, bearer(token))
            check_equal(status, 503, 'without keyd')
            check(int(headers['Retry-After']) >= 1, 'Retry-After')
            check_equal(headers['WWW-Authenticate'], None, 'challenge')
            check_equal(server.status(token[:-1]), 401, 'a malformed token')
            keyd.start()
            check_equal(server.status(token), 200, 'with keyd again')
        keyd.process.send_signal(signal.SIGSTOP)
        try:
            status, headers, _ = server.ask('GET', PROJECTS, bearer(token))
            check_equal(status, 503, 'with keyd stopped')
            check(int(headers['Retry-After']) >= 1, 'Retry-After')
        finally:
            keyd.process.send_signal(signal.SIGCONT)
        wait_until('keyd is back', lambda: server.status(token) == 200)
        check_equal(keyd.verdict(token), OK, 'verdict')
    check_equal(keyd.stop(), 0, 'exit status')


def many_requests_at_once_are_answered():
    """200 requests of 8 clients at once are all answered with 200"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with Server(keyd) as server:
            answers = in_threads(
                8, lambda _: [server.status(token) for _ in range(25)],
                lambda answers: 503 in answers)
            check_equal(answers, [200] * 200, 'answers')


main(all_routes_answer, refusals_are_those_of_the_contract,
     a_revoked_key_is_refused_at_once,
     a_limit_is_told_and_kept, without_keyd_it_answers_503,
     many_requests_at_once_are_answered)
