#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""keyd-http as proxies and others ask it: /auth, /introspect, /healthz."""

import json
import os
import select
import signal
import socket
import stat
import subprocess
import time

from harness import (as_uid, check, check_equal, check_match,
                     environment, in_threads, main, need_root, new_token,
                     open_to_all, record, run, slowness, STRANGER, wait_until)
from keyd_http import KEYD_HTTP, House, ask_on, bearer

INVALID = (r'^Bearer realm="api", error="invalid_token", '
           r'error_description="[^"]+"$')


def limited_key(keyd, burst=2):
    with keyd.admin() as admin:
        admin.org_add('small', plan='enterprise', rate=1, burst=burst)
        admin.member_add('small', 'eve', 'editor')
    return record(keyd.done('create', '--org', 'small', '--user', 'eve',
                            '--name', 'ci').strip())


def a_good_key_is_let_in_with_its_name():
    """/auth is 200 with the key's identity and limit for a good token"""
    with House() as (keyd, http):
        token, made = keyd.create('ci', project='w\u00e9b 100%')
        answer = http.auth(token, 'permission=tests:run&org=acme')
        check_equal(answer.code, 200, 'code')
        for name, value in (
                ('Status', 'ok'), ('Code', '200'), ('Key-Id', made['id']),
                ('Org', 'acme'), ('User', 'alice'), ('Name', 'ci'),
                ('Project', 'w%C3%A9b%20100%25'), ('Expires', None)):
            check_equal(answer['X-Keyd-' + name], value, name)
        check_match(r'^"default";r=\d+;t=\d+$', answer['RateLimit'],
                    'RateLimit')
        check_equal(answer['RateLimit-Policy'], '"default";q=60000000;w=60',
                    'RateLimit-Policy')
        check_equal(answer['Cache-Control'], 'no-store', 'Cache-Control')
        check_equal(answer.body, '', 'body')
        for method in ('HEAD', 'POST', 'DELETE', 'PATCH', 'PROPFIND'):
            check_equal(http.ask('/auth', bearer(token), method=method).code,
                        200, method)


def refusals_are_those_of_the_contract():
    """each kind of refusal has its code and challenge, and tells no more"""
    with House() as (keyd, http):
        token, made = keyd.create('ci')
        revoked, gone = keyd.create('revoked')
        keyd.done('revoke', gone['id'], '--yes')
        wrong = token[:-1] + ('0' if token[-1] != '0' else '1')
        missing = r'^Bearer realm="api"$'
        for headers, status, pattern in (
                ([], 'missing', missing),
                ([('X-API-Key', token)], 'missing', missing),
                ([('Authorization', token)], 'missing', missing),
                ([('Authorization', 'Basic eDp5')], 'missing', missing),
                ([bearer(wrong)], 'malformed', INVALID),
                ([bearer(new_token())], 'invalid_token', INVALID),
                ([bearer(revoked)], 'invalid_token', INVALID)):
            answer = http.ask('/auth?permission=tests:run', *headers)
            check_equal(answer.code, 401, status)
            check_equal(answer['X-Keyd-Status'], status, 'status')
            check_equal(answer['X-Keyd-Key-Id'], None, 'key id')
            check_match(pattern, answer['WWW-Authenticate'], status)
        unknown = http.auth(new_token())
        known = http.auth(revoked)
        for name in unknown.headers:
            check(name == 'Date' or unknown[name] == known[name],
                  'unknown and revoked are told apart by ' + name)
        check_equal(unknown.body, known.body, 'bodies')

        answer = http.auth(token, 'permission=billing:manage')
        check_equal(answer.code, 403, 'forbidden')
        check_match('error="insufficient_scope", scope="billing:manage"$',
                    answer['WWW-Authenticate'], 'challenge')
        answer = http.auth(token, 'org=globex')
        check_equal(answer.code, 403, 'wrong org')
        check_equal(answer['WWW-Authenticate'], None, 'challenge')
        check_equal(answer['X-Keyd-Org'], None, 'org')
        check('acme' not in answer.body + str(answer.headers), 'org told')
        check_equal(http.auth(token, 'permission=no:such').code, 500,
                    'a permission that no role has')
        check_equal(http.auth(token, 'org=ACME').code, 500, 'no slug')
        check_equal(made['user'], 'alice', 'user')


def the_detail_is_for_who_asks_for_it():
    """detail=yes tells which it was and whose key, in headers"""
    with House() as (keyd, http):
        revoked, gone = keyd.create('revoked')
        keyd.done('revoke', gone['id'], '--yes')
        answer = http.auth(revoked, 'detail=yes')
        check_equal(answer.code, 401, 'code')
        check_equal(answer['X-Keyd-Status'], 'revoked', 'status')
        check_equal(answer['X-Keyd-Key-Id'], gone['id'], 'key id')
        check_equal(answer['X-Keyd-Org'], 'acme', 'org')
        token = keyd.create('ci')[0]
        answer = http.auth(token, 'detail=yes&org=globex')
        check_equal(answer['X-Keyd-Status'], 'wrong_org', 'status')
        answer = http.auth(token, 'detail=yes&permission=no:such')
        check_equal(answer['X-Keyd-Status'], 'permission', 'as in keydctl')


def a_limit_is_told_and_can_be_carried():
    """429 with Retry-After; with carry=403 it is 403 and X-Keyd-Code 429"""
    with House() as (keyd, http):
        token = limited_key(keyd)
        check_equal([http.auth(token).code for _ in range(2)], [200, 200],
                    'the burst')
        answer = http.auth(token)
        check_equal(answer.code, 429, 'code')
        check_equal(answer['X-Keyd-Status'], 'rate_limited', 'status')
        check(int(answer['Retry-After']) >= 1, 'Retry-After')
        check_match('^"default";r=0;', answer['RateLimit'], 'RateLimit')
        check_equal(answer['WWW-Authenticate'], None, 'challenge')
        answer = http.auth(token, 'carry=403')
        check_equal(answer.code, 403, 'carried')
        check_equal(answer['X-Keyd-Code'], '429', 'X-Keyd-Code')
        check(int(answer['Retry-After']) >= 1, 'Retry-After')
        check_equal(http.ask('/auth?carry=403').code, 401, 'missing')
        keyd.process.send_signal(signal.SIGSTOP)
        try:
            check_equal(http.auth(new_token()).code, 503, 'a hanging keyd')
            answer = http.auth(new_token(), 'carry=403')
            check_equal((answer.code, answer['X-Keyd-Code']), (403, '503'),
                        'carried')
            check(int(answer['Retry-After']) >= 1, 'Retry-After')
        finally:
            keyd.process.send_signal(signal.SIGCONT)


def a_mistake_of_the_server_lets_nobody_in():
    """a parameter that is misspelt, empty or given twice is 500"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        for wanted in ('permision=tests:run', 'permission=', 'permission',
                       'permission=tests:run&permission=data:read',
                       'org=', 'org=acme&org=acme', 'carry=200', 'detail=no',
                       'permission=tests%3', 'permission=tests%00',
                       'any=yes', 'permission=' + 'x' * 64, '=', 'a=b'):
            answer = http.auth(token, wanted)
            check_equal(answer.code, 500, wanted)
            check_equal(answer['X-Keyd-Key-Id'], None, wanted)
        for wanted in ('any', '', '&&any&', 'permission=tests%3Arun',
                       'permission=tests:run&org=acme'):
            check_equal(http.auth(token, wanted).code, 200, wanted)


def a_prefix_keeps_the_clients_query_out():
    """/auth/WANTED/path?query, as Envoy asks, takes nothing from the client"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        for path, code in (
                ('/auth/permission=tests:run&org=acme/x/y?permission=a', 200),
                ('/auth/permission=billing:manage/x?permission=tests:run', 403),
                ('/auth/permission=billing:manage/?any', 403),
                ('/auth/permission=billing:manage', 403),
                ('/auth/org=globex/x', 403),
                ('/auth/any/permission=nonsense?x', 200),
                ('/auth/x/y', 500), ('/auth/', 500), ('/auth//x', 500),
                ('/auth/?permission=tests:run', 500),
                ('/authx', 404), ('/auth%2fany/', 404), ('/', 404)):
            check_equal(http.ask(path, bearer(token)).code, code, path)


def two_tokens_are_refused():
    """more than one Authorization header is 400, whatever they hold"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        for second in (bearer(token), ('authorization', 'x'),
                       ('AUTHORIZATION', '')):
            answer = http.ask('/auth', bearer(token), second)
            check_equal(answer.code, 400, repr(second[0]))
        answer = http.ask('/auth?carry=403', bearer(token), bearer(token))
        check_equal((answer.code, answer['X-Keyd-Code']), (403, '400'),
                    'carried')


def a_body_of_the_client_is_not_waited_for():
    """a Content-Length without its body is answered at once, and closed"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        for head in ('Content-Length: 1000000', 'Transfer-Encoding: chunked',
                     'Content-Length: 5\r\nExpect: 100-continue'):
            with http.plain() as one:
                began = time.monotonic()
                one.sendall(('POST /auth HTTP/1.1\r\nHost: x\r\n'
                             'Authorization: Bearer %s\r\n%s\r\n\r\n' % (
                                 token, head)).encode())
                answer = b''
                while part := one.recv(65536):
                    answer += part
                check(answer.startswith(b'HTTP/1.1 200 '), repr(answer[:20]))
                check(time.monotonic() - began < 50 * slowness(), 'it waited')
                check_equal(answer.count(b'HTTP/1.1'), 1, 'answers')


def until_its_end(one):
    answer = b''
    try:
        while part := one.recv(65536):
            answer += part
    except ConnectionResetError:  # it did not read all of it
        pass
    return answer


def two_lengths_are_refused():
    """what has its length said twice is 400, and nothing behind it is heard"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        body = 'token=' + token
        for lengths in (('Content-Length: %d' % len(body), 'Content-Length: 5'),
                        ('Content-Length: 0', 'Content-Length: %d' % len(body)),
                        ('Content-Length: %d' % len(body),
                         'Transfer-Encoding: chunked')):
            for path in ('/introspect', '/auth', '/nothing'):
                with http.plain() as one:
                    one.sendall(('\r\n'.join((
                        'POST %s HTTP/1.1' % path, 'Host: x', *lengths,
                        'Authorization: Bearer ' + token, 'Content-Type: '
                        'application/x-www-form-urlencoded', '', body))
                        + 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
                        ).encode())
                    answer = until_its_end(one)
                check(answer.startswith(b'HTTP/1.1 400 '), repr(answer[:20]))
                check_equal(answer.count(b'HTTP/1.1'), 1, 'answers')


def a_connection_is_used_again():
    """many requests go over one connection, and see a revoke at once"""
    with House() as (keyd, http):
        one = http.connect()
        for at in range(10):
            token, made = keyd.create('k%d' % at)
            check_equal(ask_on(one, '/auth', bearer(token)).code, 200, 'before')
            keyd.done('revoke', made['id'], '--yes')
            check_equal(ask_on(one, '/auth', bearer(token)).code, 401, 'after')
        one.close()


def a_token_is_introspected():
    """/introspect says what RFC 7662 asks for, and of others only inactive"""
    with House() as (keyd, http):
        token, made = keyd.create('ci', expires=int(time.time()) + 1000)
        answer = http.introspect('token=' + token + '&token_type_hint=x')
        check_equal(answer.code, 200, 'code')
        check_equal(answer['Content-Type'], 'application/json', 'type')
        check_equal(answer['Cache-Control'], 'no-store', 'Cache-Control')
        check_equal(json.loads(answer.body), {
            'active': True, 'client_id': made['id'], 'username': 'alice',
            'sub': 'acme/alice', 'exp': made['expires'],
            'iat': made['created'], 'scope': made['permissions']}, 'body')
        answer = http.introspect('token=' + token,
                                 query='?permission=tests:run&org=acme')
        check_equal(json.loads(answer.body)['scope'], made['permissions'],
                    'scope')
        for body, query in (
                ('token=' + new_token(), ''), ('token=x', ''),
                ('token=' + token, '?permission=billing:manage'),
                ('token=' + token, '?org=globex')):
            answer = http.introspect(body, query=query)
            check_equal((answer.code, answer.body), (200, '{"active":false}'),
                        'inactive')
        keyd.done('revoke', made['id'], '--yes')
        check_equal(http.introspect('token=' + token).body,
                    '{"active":false}', 'revoked')
        never = keyd.create('never')[0]
        check('exp' not in json.loads(http.introspect('token=' + never).body),
              'exp of a key without an end')


def what_is_no_introspection_is_refused():
    """a wrong method, type or body has its code; a limit is 429"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        good = 'token=' + token
        for body in ('', 'token=', 'tokens=' + token, good + '&' + good,
                     'token=%zz', good + '&x=%', good + '%00'):
            check_equal(http.introspect(body).code, 400, body[:12])
        check_equal(http.introspect(good, kind='application/json').code, 415,
                    'type')
        check_equal(http.introspect(
            good, kind='application/x-www-form-urlencoded; charset=utf-8').code,
            200, 'type with a charset')
        check_equal(http.introspect(good + '&x=' + 'y' * 5000).code, 413,
                    'long')
        check_equal(http.ask('/introspect', ('Transfer-Encoding', 'chunked'),
                             method='POST').code, 411, 'of unknown length')
        check_equal(http.introspect(good, query='?permision=x').code, 500,
                    'misspelt')
        answer = http.ask('/introspect?token=' + token)
        check_equal((answer.code, answer['Allow']), (405, 'POST'), 'GET')
        small = 'token=' + limited_key(keyd, 1)
        check_equal(http.introspect(small).code, 200, 'the burst')
        answer = http.introspect(small)
        check_equal(answer.code, 429, 'limited')
        check(int(answer['Retry-After']) >= 1, 'Retry-After')


def who_introspects_must_be_authorized():
    """with -i by a key with a permission; over TCP without -i nobody"""
    with House(tcp=True) as (keyd, http):
        token = keyd.create('ci')[0]
        check_equal(http.introspect('token=' + token).code, 403, 'over TCP')
        check_equal(http.auth(token).code, 200, '/auth over TCP')
    with House('-i', 'members:manage', tcp=True) as (keyd, http):
        token = keyd.create('ci')[0]
        boss = keyd.create('boss', 'adam')[0]
        body = 'token=' + token
        answer = http.introspect(body)
        check_equal(answer.code, 401, 'nobody')
        check_equal(answer['WWW-Authenticate'], 'Bearer realm="api"',
                    'challenge')
        answer = http.introspect(body, bearer(token))
        check_equal(answer.code, 403, 'without the permission')
        check_match('scope="members:manage"$', answer['WWW-Authenticate'],
                    'challenge')
        check_equal(http.introspect(body, bearer(boss), bearer(boss)).code,
                    400, 'two')
        answer = http.introspect(body, bearer(boss))
        check(json.loads(answer.body)['active'], 'with the permission')
    with House('-R', 'a "realm"') as (keyd, http):
        check_equal(http.ask('/auth')['WWW-Authenticate'],
                    'Bearer realm="a \\"realm\\""', 'realm')


def without_keyd_it_says_so():
    """keyd away is 503 at /auth, /introspect and /healthz, until it is back"""
    keyd = House()
    with keyd as (_, http):
        token = keyd.create('ci')[0]
        check_equal(http.ask('/healthz').body, 'ok\n', 'health')
        check_equal(http.ask('/healthz', method='HEAD').code, 200, 'HEAD')
        check_equal(http.ask('/healthz', method='POST').code, 405, 'POST')
        for end in (keyd.stop, keyd.kill):
            check_equal(http.auth(token).code, 200, 'before')
            end()
            for answer in (http.auth(token), http.introspect('token=' + token)):
                check_equal(answer.code, 503, 'without keyd')
                check(int(answer['Retry-After']) >= 1, 'Retry-After')
            check_equal(http.ask('/healthz').code, 503, 'health')
            check_equal(http.auth(token[:-1]).code, 401, 'malformed')
            keyd.start()
            check_equal(http.auth(token).code, 200, 'with keyd again')
            check_equal(http.ask('/healthz').code, 200, 'health')
        keyd.process.send_signal(signal.SIGSTOP)
        try:
            check_equal(http.auth(token).code, 503, 'a hanging keyd')
            check_equal(http.ask('/healthz').code, 503, 'health')
        finally:
            keyd.process.send_signal(signal.SIGCONT)


def sockets_and_signals():
    """the socket has its mode, a dead one is replaced, SIGTERM ends in 0"""
    with House('-m', '0600') as (keyd, http):
        check_equal(stat.S_IMODE(os.stat(http.path).st_mode), 0o600, 'mode')
        second = run([KEYD_HTTP, '-s', http.path])
        check_equal(second.returncode, 73, 'a second one')
        check(os.path.exists(http.path), 'the socket of the first is gone')
        http.process.send_signal(signal.SIGHUP)
        check_equal(http.ask('/healthz').code, 200, 'after SIGHUP')
        http.process.kill()
        http.process.wait()
        check(os.path.exists(http.path), 'a dead socket')
        http.start()
        check_equal(http.ask('/healthz').code, 200, 'after a crash')
        check_equal(http.stop(), 0, 'exit status')
        check(http.notifications.have('STOPPING=1'), 'no STOPPING=1')
        check(not os.path.exists(http.path), 'the socket is left')
        with open(http.path, 'w', encoding='ascii') as out:
            out.write('precious')
        other = run([KEYD_HTTP, '-s', http.path])
        check_equal(other.returncode, 73, 'a file in the way')
        check_equal(os.path.getsize(http.path), 8, 'the file')
        os.unlink(http.path)
        http.start()
        check_equal(keyd.process.poll(), None, 'keyd')


def a_stop_answers_what_was_asked():
    """SIGTERM waits for the answer to a request that is under way"""
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        keyd.process.send_signal(signal.SIGSTOP)
        try:
            idle = descriptors(http)
            with http.plain() as one:
                wait_until('the client is there',
                           lambda: descriptors(http) > idle)
                before = descriptors(http)
                one.sendall(('GET /auth HTTP/1.1\r\nHost: x\r\nAuthorization: '
                             'Bearer %s\r\n\r\n' % token).encode())
                wait_until('keyd is asked, or it is late', lambda: descriptors(
                    http) > before or select.select([one], [], [], 0)[0])
                check_equal(http.stop(), 0, 'exit status')
                check(one.recv(65536).startswith(b'HTTP/1.1 503 '), 'answer')
        finally:
            keyd.process.send_signal(signal.SIGCONT)
        http.start()


def the_socket_may_come_from_systemd():
    """LISTEN_FDS is taken, Unix or loopback, and nothing else is"""
    with House() as (keyd, http):
        http.stop()
        token = keyd.create('ci')[0]
        passing = ['python3', '-c',
                   'import os, sys; os.environ["LISTEN_PID"] = str(os.getpid('
                   ')); os.dup2(int(sys.argv[1]), 3); '
                   'os.execvp(sys.argv[2], sys.argv[2:])']
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.bind(http.path)
        one.listen(8)
        http.start([*passing, str(one.fileno())], place=[],
                   pass_fds=[3, one.fileno()], LISTEN_FDS='1')
        check_equal(http.auth(token).code, 200, 'over the socket')
        check_equal(http.stop(), 0, 'exit status')
        check(os.path.exists(http.path), "systemd's socket is gone")
        one.close()
        os.unlink(http.path)
        open_one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        open_one.bind(('0.0.0.0', 0))
        open_one.listen(8)
        refused = run_passed([*passing, str(open_one.fileno()), KEYD_HTTP],
                             open_one.fileno())
        check_equal(refused.returncode, 73, 'an address of the network')
        open_one.close()
        http.start()


def run_passed(argv, fd):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60,
                          pass_fds=[fd], check=False,
                          env=environment(LISTEN_FDS='1'))


def only_loopback_is_listened_on():
    """an address of the network, a wrong option: a sentence and no start"""
    for options in (['-l', '0.0.0.0:0'], ['-l', '192.0.2.1:80'],
                    ['-l', '[::]:80'], ['-l', '127.0.0.1'],
                    ['-l', 'localhost:80'], ['-l', '127.0.0.1:65536'],
                    ['-l', '::1:80'], ['-s', 'relative'],
                    ['-s', '/' + 'x' * 120], ['-s', '/nowhere/s']):
        ended = run([KEYD_HTTP, *options])
        check_equal(ended.returncode, 73, str(options))
        check_equal(len(ended.stderr.splitlines()), 1, ended.stderr)
    for options in (['-c', '0'], ['-t', '65'], ['-t', 'x'], ['-m', '660'],
                    ['-R', 'x\n'], ['-s', '/a', '-l', '127.0.0.1:1'],
                    ['-i', ''], ['-i', 'Tests:Run'], ['-i', 'x' * 64], ['-x'],
                    ['more']):
        check_equal(run([KEYD_HTTP, *options]).returncode, 64, str(options))
    check_equal(run([KEYD_HTTP, '-h']).returncode, 0, '-h')
    check_match(r'^keyd-http \d', run([KEYD_HTTP, '-v']).stdout, '-v')


def descriptors(http):
    return len(os.listdir('/proc/%d/fd' % http.process.pid))


def orgs_over_the_bound_leave_nothing():
    """more orgs than there is room for are asked about, and forgotten"""
    with House('-t', '2') as (keyd, http):
        token = keyd.create('ci')[0]

        for at in range(70):
            check_equal(http.auth(token, 'org=o%d' % at).code, 403, 'code')
        before = descriptors(http)
        for at in range(70, 120):
            check_equal(http.auth(token, 'org=o%d' % at).code, 403, 'code')
        check_equal(http.auth(token, 'org=acme').code, 200, 'acme')
        check(descriptors(http) < before + 10, '%d descriptors, before %d' % (
            descriptors(http), before))


def many_at_once_are_answered():
    """2000 requests of 16 threads, of many orgs, are all answered rightly"""
    with House('-t', '8') as (keyd, http):
        token = keyd.create('ci')[0]

        def wrong_of(number):
            one = http.connect()
            for at in range(125):
                org = 'o%d' % (number * 125 + at) if at % 5 == 0 else 'acme'
                code = ask_on(one, '/auth?org=' + org, bearer(token)).code
                if code != (200 if org == 'acme' else 403):
                    yield org, code
            one.close()

        check_equal(in_threads(16, wrong_of, lambda wrong: {
            code for _org, code in wrong} == {503}), [], 'wrong answers')


def it_needs_no_privilege():
    """a user that nobody has runs it, and verifies"""
    need_root()
    with House() as (keyd, http):
        token = keyd.create('ci')[0]
        http.stop()
        open_to_all(keyd)
        os.chmod(keyd.runtime, 0o755)
        os.chown(http.folder, STRANGER, STRANGER)
        os.chmod(http.notifications.path, 0o666)
        http.start(as_uid([]))
        check_equal(http.auth(token).code, 200, 'auth')
        check_equal(http.stop(), 0, 'exit status')
        http.start(as_uid([]))


main(a_good_key_is_let_in_with_its_name, refusals_are_those_of_the_contract,
     the_detail_is_for_who_asks_for_it, a_limit_is_told_and_can_be_carried,
     a_mistake_of_the_server_lets_nobody_in,
     a_prefix_keeps_the_clients_query_out, two_tokens_are_refused,
     a_body_of_the_client_is_not_waited_for, two_lengths_are_refused,
     a_connection_is_used_again,
     a_token_is_introspected, what_is_no_introspection_is_refused,
     who_introspects_must_be_authorized, without_keyd_it_says_so,
     sockets_and_signals, a_stop_answers_what_was_asked,
     the_socket_may_come_from_systemd, only_loopback_is_listened_on,
     orgs_over_the_bound_leave_nothing, many_at_once_are_answered,
     it_needs_no_privilege)
