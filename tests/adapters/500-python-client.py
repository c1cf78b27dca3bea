#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""doc/clients/python: the client by ctypes, with the real libkeyd and keyd."""

import ctypes
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../e2e'))
from exchange import Apart, Later, Recorded, recorded
from harness import (Keyd, LIBRARIES, Processes, SOURCE, Scratch,
                     check, check_equal, check_match, environment, main,
                     new_token, run, wait_until)

CLIENT = os.path.join(SOURCE, 'doc/clients/python')
LIBRARY = os.path.join(LIBRARIES, 'libkeyd.so.0')
sys.path.insert(0, CLIENT)
import keyd as client

Status = client.Status


def connect(keyd, **more):
    more.setdefault('deadline', 20)
    return client.Keyd(keyd.runtime, library=LIBRARY, **more)


def every_verdict_is_told():
    """each status, its HTTP status, and the headers of the answer"""
    challenge = 'Bearer realm="a \\"b\\"", error="'
    invalid = challenge + 'invalid_token", error_description="The access ' \
        'token is %s"'
    dead = invalid % 'unknown, expired or revoked'
    with Keyd() as keyd, connect(keyd) as all_orgs, \
            connect(keyd, org='other') as other:
        keyd.people(limited=True)
        good, revoked, expired = [keyd.create(name) for name in 'abc']
        keyd.done('revoke', revoked[1]['id'], '--yes')
        keyd.done('rotate', expired[1]['id'], '--grace', '0s')
        for one, token, permission, status, http_status, wanted in (
                (all_orgs, good[0], 'tests:run', Status.OK, 200, None),
                (all_orgs, good[0], None, Status.OK, 200, None),
                (all_orgs, None, None, Status.MISSING, 401,
                 'Bearer realm="a \\"b\\""'),
                (all_orgs, 'cmk_', None, Status.MALFORMED, 401,
                 invalid % 'malformed'),
                (all_orgs, new_token(), None, Status.UNKNOWN, 401, dead),
                (all_orgs, revoked[0], None, Status.REVOKED, 401, dead),
                (all_orgs, expired[0], None, Status.EXPIRED, 401, dead),
                (other, good[0], None, Status.WRONG_ORG, 403, None),
                (all_orgs, good[0], 'billing:manage', Status.FORBIDDEN, 403,
                 challenge + 'insufficient_scope", scope="billing:manage"'),
                (all_orgs, good[0], 'no:such', Status.EPERMISSION, 500,
                 None)):
            verdict = one.verify(token, permission)
            check_equal((verdict.status, verdict.http_status, bool(verdict)),
                        (status, http_status, status == 0), permission)
            headers = dict(one.headers(verdict, 'a "b"'))
            check_equal(headers.get('WWW-Authenticate'), wanted, status)
            check_equal('RateLimit' in headers, status == 0, 'RateLimit')
        while verdict.status is not Status.RATE_LIMITED:
            verdict = all_orgs.verify(good[0])
        headers = dict(all_orgs.headers(verdict))
        check_equal((verdict.http_status, headers['Retry-After'],
                     headers['RateLimit-Policy']),
                    (429, '1', '"default";q=60;w=60'), 'limited')
        check_equal((verdict.key_id, verdict.org, verdict.user, verdict.name),
                    (good[1]['id'], 'acme', 'alice', 'a'), 'who it is')
        keyd.stop()
        verdict = all_orgs.verify(good[0])
        check_equal((verdict.status, verdict.http_status,
                     all_orgs.headers(verdict)),
                    (Status.EUNAVAILABLE, 503, [('Retry-After', '1')]),
                    'without keyd')
        keyd.start()


def nothing_a_stranger_sends_gets_through():
    """NUL, what is no Unicode, two tokens: refused, and no exception"""
    with Keyd() as keyd, connect(keyd) as authority:
        keyd.people()
        token = keyd.create('ci')[0]
        for text in (token + '\0', token + '\0x', '\0', '', '\ud800', 'é',
                     token + ' ', token[:-1], token.encode() + b'\0',
                     'x' * 100000):
            verdict = authority.verify(text, 'tests:run')
            check_equal((verdict.status, bool(verdict)),
                        (Status.MALFORMED, False), repr(text[:60]))
        for header, status in (
                ('Bearer ' + token, Status.OK),
                ('bEARER   ' + token, Status.OK),
                (None, Status.MISSING), ('', Status.MISSING),
                ('Basic ' + token, Status.MISSING),
                ('Bearer', Status.MISSING), (token, Status.MISSING),
                ('Bearer %s\0' % token, Status.MALFORMED),
                ('Bearer %s,Bearer %s' % (token, token), Status.MALFORMED)):
            check_equal(authority.verify_bearer(header).status, status,
                        repr(header))
        check_equal(authority.verify(token, 'tests:run\0').status,
                    Status.EPERMISSION, 'a NUL in the permission')
        check(Status(77) is Status.EPROTOCOL, 'a status of a later libkeyd')
        with connect(keyd) as closed:
            pass
        check_equal(closed.verify(token).http_status, 500, 'after close')
        for wrong, word in (({'org': 'No!'}, 'org'), ({'org': 'a\0b'}, 'NUL')):
            try:
                connect(keyd, **wrong)
            except ValueError as why:
                check_match(word, str(why), 'what is wrong')
                continue
            check(False, '%r was taken' % wrong)


def it_waits_no_longer_than_its_deadline_and_comes_back():
    """a stopped keyd is a timeout; a restarted one is asked at once"""
    with Keyd() as keyd, connect(keyd) as patient, \
            connect(keyd, deadline=1) as authority:
        keyd.people()
        token, key = keyd.create('ci')
        wait_until('keyd has answered', lambda: authority.verify(token))
        keyd.process.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        verdict = authority.verify(token)
        took = time.monotonic() - begin
        keyd.process.send_signal(signal.SIGCONT)
        check_equal((verdict.status, verdict.http_status),
                    (Status.ETIMEOUT, 503), 'verdict')
        check(0.95 < took < 60, 'it took %.2f s' % took)
        wait_until('it works again', lambda: authority.verify(token))
        check(patient.verify(token), 'verdict')
        for _ in range(5):
            keyd.restart()
            check(patient.verify(token), 'verdict after a restart')
        keyd.done('revoke', key['id'], '--yes')
        check_equal(patient.verify(token).status, Status.REVOKED, 'verdict')
        wait_until('the other one knows', lambda: authority.verify(
            token).status is Status.REVOKED)


def threads_and_children_share_it():
    """many threads at once, and the children of a fork"""
    with Keyd() as keyd, connect(keyd, deadline=20) as authority:
        keyd.people()
        tokens = [keyd.create('k%d' % at)[0] for at in range(8)]
        wrong = []

        def work(at):
            for step in range(100):
                token = tokens[at] if step % 3 else new_token()
                verdict = authority.verify(token, 'tests:run')
                if (verdict.name if step % 3 else verdict.status) != (
                        'k%d' % at if step % 3 else Status.UNKNOWN):
                    wrong.append(verdict)
        threads = [threading.Thread(target=work, args=(at,))
                   for at in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_equal(wrong, [], 'wrong verdicts')
        children = []
        for at in range(4):
            children.append(os.fork())
            if children[-1] == 0:
                work(at)
                os._exit(len(wrong))
        check_equal([os.waitpid(pid, 0)[1] for pid in children], [0] * 4,
                    'exit statuses')


def other_versions_of_keyd_are_understood():
    """libkeyd with an old keyd, a later one, and one of another major"""
    pairs = recorded(os.path.join(SOURCE, 'tests/e2e/protocol-1.0'))
    with Recorded(pairs) as old, connect(old) as authority:
        got = [authority.verify(new_token(), 'tests:run') for _ in range(7)]
        check_equal([verdict.status.name for verdict in got],
                    ['OK', 'OK', 'FORBIDDEN', 'WRONG_ORG', 'UNKNOWN',
                     'EPERMISSION', 'REVOKED'], 'what was recorded')
        check_equal((got[0].org, got[0].project, got[0].rate_limit),
                    ('acme', 'shop', 1000), 'fields')
    with Keyd() as keyd, Later(keyd.runtime) as later, \
            connect(later) as authority:
        keyd.people()
        token, key = keyd.create('ci')
        for _ in range(3):
            check_equal(authority.verify(token).key_id, key['id'], 'verdict')
        keyd.done('revoke', key['id'], '--yes')
        check_equal(authority.verify(token).status, Status.REVOKED, 'verdict')
    with Apart() as apart, connect(apart) as authority:
        verdict = authority.verify(new_token())
        check_equal((verdict.status, verdict.http_status),
                    (Status.EPROTOCOL, 500), 'verdict')
        check_match('versions 2 and 3', message_of_create(apart.runtime),
                    'the sentence of keyd_create')


def message_of_create(runtime):
    """Why keyd_create(3) failed."""
    lib = ctypes.CDLL(LIBRARY)
    handle = ctypes.c_void_p()
    options = (ctypes.c_void_p * 2)(16, ctypes.cast(
        ctypes.c_char_p(runtime.encode()), ctypes.c_void_p))
    check_equal(lib.keyd_open(options, ctypes.byref(handle)), 0, 'open')
    texts = [ctypes.cast(ctypes.c_char_p(text), ctypes.c_void_p)
             for text in (b'acme', b'alice', b'ci')]
    wanted = (ctypes.c_void_p * 4)(32, *texts)
    key = ctypes.create_string_buffer(1360)
    key[:8] = (1360).to_bytes(8, sys.byteorder)
    token = ctypes.create_string_buffer(72)
    status = lib.keyd_create(handle, wanted, token, ctypes.c_size_t(72), key)
    check_equal(status, Status.EPROTOCOL, 'status of keyd_create')
    lib.keyd_close(handle)
    return key[-256:].split(b'\0')[0].decode()


def the_example_is_true():
    """the server of the README answers requests as it should"""
    with open(os.path.join(CLIENT, 'README.md'), encoding='utf-8') as text:
        program = re.search('```python\n(.*?)```', text.read(), re.S)[1]
    path = os.path.join(Scratch.get(), 'example.py')
    with open(path, 'w', encoding='utf-8') as out:
        out.write(program)
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    with Keyd() as keyd:
        keyd.people()
        token, key = keyd.create('ci')
        server = Processes.start(
            [sys.executable, '-B', path], stderr=subprocess.DEVNULL,
            env=environment(PYTHONPATH=CLIENT, LD_LIBRARY_PATH=LIBRARIES,
                            KEYD_RUNTIME_DIR=keyd.runtime, PORT=str(port)))

        def get(**headers):
            one = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
            try:
                one.request('GET', '/', headers=headers)
                answer = one.getresponse()
                return answer.status, answer.headers, answer.read()
            except ConnectionRefusedError:
                return None
            finally:
                one.close()
        wait_until('the example listens', get)
        status, headers, body = get(Authorization='Bearer ' + token)
        check_equal((status, body), (200, b'alice of acme\n'), 'answer')
        check_match('r=', headers['RateLimit'], 'RateLimit')
        check_equal(get()[0], 401, 'without a token')
        keyd.done('revoke', key['id'], '--yes')
        status, headers, _ = get(Authorization='Bearer ' + token)
        check_equal(status, 401, 'after a revocation')
        check_match('invalid_token', headers['WWW-Authenticate'], 'challenge')
        server.terminate()
        server.wait(60)


def it_is_short():
    """under 200 lines: who uses it can read it"""
    lines = run(['sh', '-c', 'cat "$1"/*.py | wc -l', 'sh', CLIENT])
    check(0 < int(lines.stdout) < 200, 'it is %s lines' % lines.stdout.strip())


main(every_verdict_is_told, nothing_a_stranger_sends_gets_through,
     it_waits_no_longer_than_its_deadline_and_comes_back,
     threads_and_children_share_it, other_versions_of_keyd_are_understood,
     the_example_is_true, it_is_short)
