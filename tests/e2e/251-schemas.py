#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What an earlier keyd wrote is taken up: its database, and its backup.

schema-2 holds both as a keyd left them whose schema was 2, with its hash key;
with the argument "record FILE" this writes down the same of today's.
"""

import base64
import json
import os
import re
import sys
import textwrap
import zlib

from client import OK, REVOKED
from harness import (KEYDCTL, Keyd, SOURCE, check, check_equal, check_match,
                     main, record, run)

RECORDING = os.path.join(SOURCE, 'tests/e2e/schema-2')
NAMES = ['k%d' % at for at in range(12)]
DEAD, GONE, ROTATED = NAMES[3], NAMES[4], NAMES[5]
OLD, NOW = 2, 3


def packed(data):
    text = base64.b64encode(zlib.compress(data, 9)).decode()
    return textwrap.wrap(text, 76)


def unpacked(lines):
    return zlib.decompress(base64.b64decode(''.join(lines)))


def contents(*path):
    with open(os.path.join(*path), 'rb') as file:
        return file.read()


def write_down():
    """records today's schema"""
    keys = {}
    with Keyd() as keyd:
        keyd.people()
        for name in NAMES:
            token, made = keyd.create(name)
            keys[name] = {'token': token, 'id': made['id']}
        for name in (DEAD, GONE):
            keyd.done('revoke', keys[name]['id'], '--yes', '--reason', 'old')
        key = json.loads(keyd.done('--json', 'rotate', keys[ROTATED]['id']))
        keys['new'] = {'token': key['token'], 'id': key['id']}
        keyd.done('backup', os.path.join(keyd.folder, 'backup'))
    with open(target, 'w', encoding='ascii') as out:
        json.dump({
            'hash.key': contents(keyd.state, 'hash.key').hex(),
            'keys': keys,
            'data.mdb': packed(contents(keyd.state, 'data.mdb')),
            'backup': packed(contents(keyd.folder, 'backup')),
        }, out, indent=1)
        out.write('\n')


def put(path, data):
    with open(path, 'wb') as file:
        file.write(data)
    os.chmod(path, 0o400 if path.endswith('hash.key') else 0o600)


class Recording:
    """What was written down."""

    def __init__(self):
        with open(RECORDING, encoding='ascii') as file:
            self.all = json.load(file)
        self.keys = self.all['keys']
        for key in self.keys.values():
            record(key['token'])

    def state(self, keyd, *names):
        """Puts these files where keyd finds them."""
        os.mkdir(keyd.state, 0o700)
        put(os.path.join(keyd.state, 'hash.key'),
            bytes.fromhex(self.all['hash.key']))
        for name in names:
            put(os.path.join(keyd.state, name), unpacked(self.all[name]))

    def is_all_there(self, keyd):
        dead = {DEAD, GONE}
        for name, key in self.keys.items():
            check_equal(keyd.verdict(key['token']),
                        REVOKED if name in dead else OK, name)
            shown = keyd.json('show', key['id'])
            check_equal(shown['name'], ROTATED if name == 'new' else name,
                        'show by its id')
        for owner in ((), ('--org', 'acme', '--user', 'alice')):
            check_equal(len(keyd.json('list', '--all', *owner)['keys']),
                        len(self.keys), 'list %s' % (owner,))
        taken = keyd.ctl('create', '--org', 'acme', '--user', 'alice',
                         '--name', NAMES[0])
        check_equal((taken.returncode, taken.stdout), (1, ''), 'a taken name')
        keyd.done('audit', 'check')

    def may_change(self, keyd):
        """Old keys are revoked and rotated by their ids, beside new ones."""
        first, second = NAMES[:2]
        known = {key['id'] for key in self.keys.values()}
        token, made = keyd.create('later')
        check(made['id'] not in known, 'an id was given again')
        check_equal(keyd.verdict(token), OK, 'a new key')
        check_equal(keyd.json('show', made['id'])['name'], 'later', 'its id')
        keyd.done('revoke', self.keys[first]['id'], '--yes')
        check_equal(keyd.verdict(self.keys[first]['token']), REVOKED, first)
        keyd.done('rotate', self.keys[second]['id'])
        keyd.done('revoke', made['id'], '--yes')
        check_equal(keyd.verdict(token), REVOKED, 'a new key')
        keyd.done('audit', 'check')


def an_older_database_is_taken_up():
    """the database of an earlier keyd: every key is found, and may change"""
    then = Recording()
    keyd = Keyd()
    then.state(keyd, 'data.mdb')
    check(b'schema' + OLD.to_bytes(8, 'big') in contents(
        keyd.state, 'data.mdb'), 'the schema of the recording')
    with keyd:
        then.is_all_there(keyd)
        then.may_change(keyd)
        keyd.restart()
        check_equal(keyd.json('show', then.keys['new']['id'])['name'],
                    ROTATED, 'after a new start')


def schema_of_old(keyd):
    """What a keyd that looks for it at the old place finds there."""
    return re.findall(b'(?<!\x01)schema' + NOW.to_bytes(8, 'big'),
                      contents(keyd.state, 'data.mdb'))


def an_older_keyd_would_refuse_what_is_left():
    """the schema of today stands where an older keyd looks for it"""
    then = Recording()
    old, new = Keyd(), Keyd()
    then.state(old, 'data.mdb')
    check_equal(schema_of_old(old), [], 'before')
    for keyd in (old, new):
        with keyd:
            check(schema_of_old(keyd), 'no schema for an older keyd')


def another_hash_key_takes_nothing_up():
    """a start with another hash.key is refused, and changes nothing"""
    then = Recording()
    keyd = Keyd()
    then.state(keyd, 'data.mdb')
    path = os.path.join(keyd.state, 'hash.key')
    os.unlink(path)
    put(path, os.urandom(32))
    before = contents(keyd.state, 'data.mdb')
    keyd.start(ready=False)
    check(keyd.process.wait(timeout=60) != 0, 'it was started')
    check_match('another hash.key', keyd.log(), 'log')
    check_equal(contents(keyd.state, 'data.mdb'), before, 'the database')
    os.unlink(path)
    put(path, bytes.fromhex(then.all['hash.key']))
    with keyd:
        then.is_all_there(keyd)


def an_older_backup_is_restored():
    """its backup, into a new database and again into that one"""
    then = Recording()
    keyd = Keyd()
    then.state(keyd)
    path = os.path.join(keyd.folder, 'backup')
    put(path, unpacked(then.all['backup']))
    with keyd:
        for force in ((), ('--force',)):
            result = run([KEYDCTL, '-r', keyd.runtime, 'restore', path,
                          '--yes', *force])
            check_equal(result.returncode, 0, result.stderr)
            then.is_all_there(keyd)
            then.may_change(keyd)


if sys.argv[1:2] == ['record']:
    _, _, target = sys.argv
    del sys.argv[1:]
    main(write_down)
main(an_older_database_is_taken_up, an_older_keyd_would_refuse_what_is_left,
     another_hash_key_takes_nothing_up, an_older_backup_is_restored)
