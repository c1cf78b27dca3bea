#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Clients and keyds of different versions understand each other.

protocol-1.0 holds what keydctl and keyd of version 0.1.0 said to each other;
with the argument "record FILE" this writes down the same of today's.
"""

import hashlib
import json
import os
import socket
import sys

from exchange import (ANSWER, Apart, CREATE, ERROR, HELLO, IMPORT_ABORT,
                      IMPORT_BEGIN, Later, Recorded, Recorder, UNKNOWN_FIELDS,
                      decode, facts, frame, read_frame, recorded)
from harness import (KEYDCTL, Keyd, SOURCE, check, check_equal, check_match,
                     main, new_token, record, run)

RECORDING = os.path.join(SOURCE, 'tests/e2e/protocol-1.0')


class Life:
    """All that keydctl can ask, of a keyd that has nothing yet."""

    def __init__(self, runtime):
        self.runtime = runtime
        self.done('org', 'add', 'acme', '--plan', 'pro')
        self.done('org', 'set', 'acme', '--rate', '1000', '--burst', '100')
        self.done('org', 'list')
        self.done('member', 'add', 'acme', 'alice', '--role', 'editor')
        self.done('member', 'add', 'acme', 'tom', '--role', 'tester')
        self.done('member', 'set', 'acme', 'tom', '--role', 'admin')
        self.done('member', 'list', 'acme')
        token, self.id = self.made('create', '--org', 'acme', '--user',
                                   'alice', '--name', 'ci', '--context',
                                   'production-ci', '--project', 'shop')
        self.verified('ok', token, '--permission', 'tests:run')
        self.verified('ok', token, '--org', 'acme')
        self.verified('forbidden', token, '--permission', 'billing:manage')
        self.verified('wrong_org', token, '--org', 'other')
        self.verified('unknown', new_token())
        result = self.ctl('verify', '--permission', 'no:such', stdin=token)
        check_equal(result.returncode, 1, 'a permission of nobody')
        self.done('explain', '--permission', 'tests:run', stdin=token)
        self.done('list', '--org', 'acme')
        self.done('show', self.id)
        self.made('rotate', self.id, '--grace', '1h')
        self.done('revoke', self.id, '--reason', 'leaked', '--dry-run')
        self.done('revoke', self.id, '--reason', 'leaked', '--yes')
        self.verified('revoked', token)
        self.done('revoke', '--org', 'acme', '--user', 'alice', '--yes')
        self.done('member', 'remove', 'acme', 'tom', '--revoke-keys')
        row = {'hash': hashlib.sha256(b'of another maker').hexdigest(),
               'org': 'acme', 'user': 'alice', 'name': 'taken over'}
        self.done('import', '-', '--yes', stdin=json.dumps(row) + '\n')
        self.done('audit')
        self.done('audit', 'check')
        self.done('audit', 'prune', '--before', '2020-01-01T00:00:00Z',
                  '--yes')
        self.done('status')

    def ctl(self, *args, stdin=''):
        return run([KEYDCTL, '-r', self.runtime, '--json', *args], stdin)

    def done(self, *args, stdin=''):
        result = self.ctl(*args, stdin=stdin)
        check_equal(result.returncode, 0, 'keydctl %s: %s%s' % (
            ' '.join(args), result.stdout, result.stderr))
        return json.loads(result.stdout)

    def made(self, *args):
        """The token and the id of a new key."""
        key = self.done(*args)
        return record(key['token']), key['id']

    def verified(self, status, token, *args):
        result = self.ctl('verify', *args, stdin=token)
        check_equal(json.loads(result.stdout)['status'], status,
                    'verify %s' % ' '.join(args))


class Replay:
    """Asks a keyd what was recorded, byte by byte, and compares."""

    def __init__(self, keyd, pairs, more=b''):
        self.paths = {'verify': keyd.verify_path, 'admin': keyd.admin_path}
        self.lines = {}
        self.names = {}  # what was named otherwise then: ids of keys
        self.started = b''  # the id of the import
        for asked, told in pairs:
            name, kind, body = asked
            body = self.renamed(kind, body) + more
            self.compare(kind, told, self.ask(name, kind, body))
        for line in self.lines.values():
            line.close()

    def renamed(self, kind, body):
        if IMPORT_BEGIN < kind <= IMPORT_ABORT:
            body = self.started + body[8:]
        for old, new in self.names.items():
            body = body.replace(old, new)
        return body

    def ask(self, name, kind, body):
        if kind == HELLO:
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(60)
            line.connect(self.paths[name])
            if name in self.lines:
                self.lines[name].close()
            self.lines[name] = line
        self.lines[name].sendall(frame(kind, 77, body))
        major, got, ident, body = read_frame(self.lines[name])
        check_equal((major, ident), (1, 77), 'major and id')
        return got, body

    def compare(self, kind, told, got):
        check_equal(got[0], told[1], 'type of the answer to 0x%02x' % kind)
        then, now = decode(*told[1:]), decode(*got)
        for (code, old), (_, new) in zip(then, now):
            if code == 'x23' and old:
                self.names.setdefault(old, new)
        if kind == IMPORT_BEGIN:
            self.started = got[1][:8]
        check_equal(facts(now), [self.names.get(fact, fact)
                                 for fact in facts(then)],
                    'answer to 0x%02x' % kind)


def an_old_client_is_answered_as_ever():
    """what a client of version 1.0 sent gets the answers it knows"""
    pairs = recorded(RECORDING)
    kinds = {asked[1] for asked, _ in pairs}
    check_equal(sorted(kinds), [
        0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x23, 0x30,
        0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x40, 0x41, 0x42, 0x50, 0x51,
        0x52], 'types that were recorded')
    with Keyd() as keyd:
        Replay(keyd, pairs)


def a_later_client_is_answered_too():
    """fields of a later version in every request change nothing"""
    with Keyd() as keyd:
        Replay(keyd, recorded(RECORDING), UNKNOWN_FIELDS)


def a_type_of_later_is_refused_and_no_more():
    """a request of a later version is error 3, and the connection goes on"""
    with Keyd() as keyd:
        for one in (keyd.verifier(), keyd.admin()):
            with one:
                for kind in (0x6e, 0x7e):
                    one.send(kind, b'\0\7whatever' + UNKNOWN_FIELDS)
                    got, ident, body = one.receive()[1:]
                    check_equal((got, ident, body[0]), (ERROR, one.ident, 3),
                                'answer')
        keyd.people()
        check_equal(keyd.verdict(keyd.create('ci')[0]), 0, 'verdict')


def an_old_keyd_is_understood():
    """keydctl works with a keyd of version 1.0"""
    pairs = recorded(RECORDING)
    created = next(told for asked, told in pairs if asked[1] == CREATE)
    with Recorded(pairs) as old:
        life = Life(old.runtime)
        check_equal(life.id.encode(), decode(*created[1:])[1][1], 'id')
        check_equal([asked for asked, _ in old.left if asked[1] != HELLO],
                    [], 'what was not asked')


def a_later_keyd_is_understood():
    """keydctl works with a keyd that says more than version 1.0 does"""
    with Keyd() as keyd, Later(keyd.runtime) as later:
        Life(later.runtime)


def another_major_is_said_clearly():
    """no common major version: a sentence that says which there are"""
    with Apart() as apart:
        for args in (('verify',), ('status',)):
            result = run([KEYDCTL, '-r', apart.runtime, *args], new_token())
            check_equal(result.returncode, 1, 'exit status of keydctl')
            check_match('versions 2 and 3 of the protocol', result.stderr,
                        'keydctl %s' % args)
    with Keyd() as keyd, keyd.verifier(hello=False) as newer:
        newer.send(HELLO, b'\2\3\0\5later' + UNKNOWN_FIELDS)
        major, got, _, body = newer.receive()
        check_equal((major, got, body[:3]), (1, ERROR, b'\1\1\1'), 'answer')
        check_match('version 1 of the protocol', body[7:].decode(),
                    'sentence')
        newer.send(HELLO, b'\1\3\0\5later' + UNKNOWN_FIELDS)
        check_equal(newer.receive()[1], HELLO | ANSWER, 'answer')


def write_down():
    """records today's version"""
    with Keyd() as keyd, Recorder(keyd.runtime) as recorder:
        Life(recorder.runtime)
        with open(target, 'w', encoding='ascii') as out:
            out.write('\n'.join(recorder.lines) + '\n')


if sys.argv[1:2] == ['record']:
    _, _, target = sys.argv
    del sys.argv[1:]
    main(write_down)
main(an_old_client_is_answered_as_ever, a_later_client_is_answered_too,
     a_type_of_later_is_refused_and_no_more, an_old_keyd_is_understood,
     a_later_keyd_is_understood, another_major_is_said_clearly)
