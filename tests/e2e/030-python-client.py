#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A client written from doc/PROTOCOL alone talks to the real keyd."""

import os
import sys

import client
from client import OK, Refused
from harness import (Keyd, SOURCE, check, check_equal, check_match,
                     check_refused, main, new_token, run)


def it_verifies_a_key():
    """the Python client verifies a key that keydctl made, and refuses"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci', project='shop')
        with keyd.verifier() as verifier:
            check_equal(verifier.welcome['prefix'], 'cmk', 'prefix')
            verdict = verifier.verify(token, 'tests:run', 'acme')
            check_equal(verdict['code'], OK, 'code')
            for name in ('id', 'org', 'user', 'name', 'project', 'expires'):
                check_equal(verdict[name], made[name], name)
            unknown = verifier.verify(new_token(), 'tests:run')
            check_equal(unknown['code'], client.UNKNOWN, 'code')
            check_equal([unknown[name] for name in (
                'id', 'org', 'user', 'name', 'project')], [''] * 5, 'texts')
        program = [sys.executable, '-B',
                   os.path.join(SOURCE, 'tests/e2e/client.py'),
                   '-r', keyd.runtime, '--permission', 'tests:run']
        check_equal(run(program, token + '\n').returncode, 0, 'client.py')
        check_equal(run(program, new_token() + '\n').returncode, 1,
                    'client.py with an unknown token')


def it_manages_orgs_members_and_keys():
    """every admin request of the document works as written"""
    with Keyd() as keyd, keyd.admin() as admin:
        org = admin.org_add('acme')
        check_equal(org['org'], 'acme', 'org')
        check(org['plan'] != '' and org['created'] > 0, 'plan and time')
        check_equal([row['org'] for row in admin.org_list()], ['acme'],
                    'orgs')
        member = admin.member_add('acme', 'alice', 'editor')
        check_equal((member['role'], member['live'], member['revoked']),
                    ('editor', 0, 0), 'member')
        check_equal(len(admin.member_list('acme')), 1, 'members')
        token, made = keyd.create('ci', admin=admin, expires=4000000000)
        check_equal((made['context'], made['created_by'], made['revoked']),
                    ('development', os.getuid(), 0), 'created')
        del made['existed']
        view = admin.show(made['id'])
        check_equal({name: view[name] for name in made}, made, 'show')
        check_equal((view['count'], view['last'], view['drifted']), (0, 0, 0),
                    'use of a new key')
        check_equal(admin.list(), [view], 'list')
        check_equal(admin.list('acme', 'alice'), [view], 'list of a user')
        row = admin.revoke(made['id'], dry=1)[0]
        check_equal((row['before'], row['when']), (0, 0), 'dry run')
        row = admin.revoke_digest(client.digest_of(token), reason='why')[0]
        check_equal((row['id'].decode(), row['before']), (made['id'], 0),
                    'revoked')
        gone = admin.show(made['id'])
        check_equal((gone['reason'], gone['revoked_by'], gone['revoked']),
                    ('why', os.getuid(), row['when']), 'show')
        check_equal(admin.list(), [], 'live keys')
        check_equal(admin.list(everything=1), [gone], 'all keys')
        admin.member_remove('acme', 'alice')
        check(admin.status(), 'status has no facts')


def a_wrong_version_is_refused_politely():
    """a wrong version gets the range, and hello may be said again"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier(hello=False) as verifier:
            for major in (9, 1, 255, 0):
                refused = check_refused(
                    client.E_VERSION, verifier.hello, 9, 9, major=major)
                check_equal((refused.lowest, refused.highest), (1, 1),
                            'range')
                check_match(r'\w+ \w+ \w+', refused.text, 'the sentence')
            check_refused(client.E_VERSION, verifier.hello, 2, 200)
            welcome = verifier.hello(1, 200, major=7)
            check_equal(welcome['major'], 1, 'the greatest that both speak')
            check_equal(verifier.verify(token)['code'], OK, 'verdict')
            refused = check_refused(
                client.E_VERSION, verifier.call, client.VERIFY,
                bytes(36), major=2)
            check_equal((refused.lowest, refused.highest), (1, 1), 'range')
            check_equal(verifier.verify(token)['code'], OK, 'verdict')


def hello_comes_first_and_once():
    """requests before hello and a second hello are error 4"""
    with Keyd() as keyd:
        with keyd.verifier(hello=False) as verifier:
            check_refused(client.E_HELLO, verifier.verify_digest, bytes(32))
            verifier.hello()
            check_refused(client.E_HELLO, verifier.hello)
            verdict = verifier.verify_digest(bytes(32))
            check_equal(verdict['code'], client.UNKNOWN, 'verdict')
        with keyd.verifier(hello=False) as verifier:
            check_refused(client.E_MALFORMED, verifier.call, client.HELLO,
                          b'\1')
            verifier.hello()


def unknown_optional_fields_are_ignored():
    """fields that a later version may add change nothing"""
    more = b'\x7e\0\3abc' + b'\xff\0\0' + b'\x7e\2\0' + bytes(512)
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier(hello=False) as verifier:
            verifier.hello(more=more)
            verdict = verifier.verify_digest(
                client.digest_of(token), 'tests:run', more=more)
            check_equal(verdict['code'], OK, 'verdict')
            for bad in (b'\x01', b'\x01\0', b'\x01\0\3ab'):
                check_refused(client.E_MALFORMED, verifier.verify_digest,
                              bytes(32), more=bad)
        with keyd.admin() as admin:
            admin.call(client.STATUS, more)


def requests_belong_to_their_socket():
    """each request on the wrong socket is error 3, and so is an unknown"""
    with Keyd() as keyd:
        with keyd.verifier() as verifier:
            for kind in (client.STATUS, client.ORG_ADD, client.ORG_SET,
                         client.ORG_LIST, client.MEMBER_ADD,
                         client.MEMBER_SET, client.MEMBER_REMOVE,
                         client.MEMBER_LIST, client.CREATE, client.REVOKE,
                         client.LIST, client.SHOW, 0x00, 0x34, 0x7f, 0x81,
                         0x82, 0xb0, 0xff):
                check_refused(client.E_TYPE, verifier.call, kind, b'')
            check_equal(verifier.verify_digest(bytes(32))['code'],
                        client.UNKNOWN, 'verdict')
        with keyd.admin() as admin:
            check_refused(client.E_TYPE, admin.verify_digest, bytes(32))
            admin.status()


def answers_come_in_order():
    """100 verifies sent at once are answered in their order"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        good, bad = client.digest_of(token), client.digest_of(new_token())
        with keyd.verifier() as verifier:
            frames = b''.join(
                client.frame(client.VERIFY, 5000 - at,
                             (good if at % 3 else bad) + bytes(4))
                for at in range(100))
            verifier.send_raw(frames)
            for at in range(100):
                body = verifier.answer(client.VERIFY, 5000 - at)
                code = client.decode(client.VERDICT_FIELDS, body)['code']
                check_equal(code, OK if at % 3 else client.UNKNOWN,
                            'verdict %d' % at)


def changes_and_reads_keep_their_order():
    """an answer that must wait for the disk keeps its place"""
    with Keyd() as keyd, keyd.admin() as admin:
        admin.org_add('acme')
        admin.member_add('acme', 'alice', 'editor')
        kinds = []
        for at in range(40):
            if at % 2:
                kind, body = client.STATUS, b''
            else:
                kind, body = client.CREATE, client.encode(
                    client.CREATE_FIELDS,
                    {'dry': 0, 'digest': client.digest_of(str(at)),
                     'org': 'acme', 'user': 'alice', 'name': str(at),
                     'role': '', 'context': '', 'project': '', 'expires': 0})
            kinds.append((kind, admin.send(kind, body)))
        for kind, ident in kinds:
            try:
                admin.answer(kind, ident)
            except Refused as refused:
                check(False, str(refused))
        check_equal(len(admin.list()), 20, 'keys')


main(it_verifies_a_key, it_manages_orgs_members_and_keys,
     a_wrong_version_is_refused_politely, hello_comes_first_and_once,
     unknown_optional_fields_are_ignored, requests_belong_to_their_socket,
     answers_come_in_order, changes_and_reads_keep_their_order)
