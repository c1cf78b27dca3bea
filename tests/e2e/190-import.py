#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Keys of another maker, by their hashes: all of a file, or none of it."""

import hashlib
import json
import os
import threading
import time

import client
from client import OK, REVOKED, UNKNOWN
from harness import (LONG, Keyd, Scratch, check, check_equal, check_match,
                     main, one_sentence, scaled)

FOREIGN = 'accept_foreign_tokens = true\n'


def token_of(number):
    return 'sk_legacy_%d' % number


def row(number, **more):
    return {'hash': hashlib.sha256(token_of(number).encode()).hexdigest(),
            'org': 'acme', 'user': 'alice', 'name': 'legacy-%d' % number,
            **more}


def file_of(rows):
    """A file of rows, or of lines as they are."""
    path = os.path.join(Scratch.get(), 'import.jsonl')
    with open(path, 'w', encoding='utf-8') as out:
        for one in rows:
            out.write(one if isinstance(one, str) else json.dumps(one))
            out.write('\n')
    return path


def imported_keys_verify():
    """each imported key is accepted, with all that the file says of it"""
    with Keyd(FOREIGN) as keyd:
        keyd.people()
        end = int(time.time()) + 3600
        path = file_of([row(1), '', row(
            2, role='tester', context='personal', project='site',
            created='2024-01-31T12:00:00Z',
            expires=time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(end)))])
        check_equal(keyd.done('import', path, '--dry-run'),
                    'would import 2 keys\n', 'dry run')
        check_equal(keyd.verdict(token_of(1)), UNKNOWN, 'after a dry run')
        check_equal(keyd.done('import', path), 'imported 2 keys\n', 'import')
        for number in (1, 2):
            check_equal(keyd.verdict(token_of(number)), OK, 'verdict')
        check_match('^allow key_', keyd.done('verify', stdin=token_of(1)),
                    'keydctl verify')
        keys = {key['name']: key for key in keyd.json('list')['keys']}
        second = keys['legacy-2']
        check_equal((second['role'], second['context'], second['project'],
                     second['created'], second['permissions']),
                    ('tester', 'personal', 'site', '2024-01-31T12:00:00Z',
                     ['tests:run', 'data:read']), 'the second')
        keyd.done('revoke', second['id'])
        check_equal(keyd.verdict(token_of(2)), REVOKED, 'revoked')
        events = keyd.json('audit')['entries']
        check_equal([(e['what'], e['count']) for e in events
                     if e['what'].startswith('import')],
                    [('import-rows', 2), ('import-abort', 0),
                     ('import-rows', 2), ('import', 2)], 'the log')
        check_equal(keyd.json('import', '-', stdin=json.dumps(row(3))),
                    {'imported': 1, 'dry_run': False}, 'standard input')


def a_fault_refuses_the_whole_file():
    """the first fault is told with its line, and nothing is imported"""
    good = [row(number) for number in range(400)]
    with Keyd(FOREIGN) as keyd:
        keyd.people()
        keyd.create('taken')
        for bad, said in (
                ('{', 'JSON'), ('[]', 'JSON object'), ('{} x', 'JSON'),
                (row(7, name='other'), 'hash'),
                (row(900, name='legacy-7'), 'name'),
                (row(900, name='taken'), 'name'),
                (row(900, hash='ab'), 'hash'),
                (row(900, org='nowhere'), 'organization'),
                (row(900, user='nobody'), 'nobody'),
                (row(900, user='tom'), 'role'),
                (row(900, role='owner'), 'permissions'),
                (row(900, context='none'), 'context'),
                (row(900, expires='2001-01-01T00:00:00Z'), 'expired'),
                (row(900, expires='soon'), 'expires'),
                (row(900, created='9000-01-01T00:00:00Z'), 'future'),
                (row(900, expire='2030-01-01T00:00:00Z'), 'member'),
                (row(900, name=7), 'name'),
                ({'hash': 64 * 'a', 'org': 'acme', 'user': 'alice'}, 'name'),
                (row(900, project=17000 * 'x'), '16 KiB'),
                (row(900, project=200 * 'x'), 'project')):
            path = file_of([*good[:250], '', bad, *good[250:], '{', row(7)])
            result = keyd.ctl('import', path)
            check_equal((result.returncode, result.stdout), (1, ''), said)
            line = one_sentence(result.stderr)
            check_match('line 252: .*%s.*; nothing was imported' % said, line,
                        'what it says')
        check_equal([key['name'] for key in keyd.json('list')['keys']],
                    ['taken'], 'keys')
        check_equal(keyd.json('status')['keys'], 1, 'keys in the database')
        path = file_of(good)
        check_equal(keyd.done('import', path), 'imported 400 keys\n', 'good')
        for wrong, code in ((('import',), 2), (('import', path, path), 2),
                            (('import', '/nonexistent'), 1),
                            (('import', '/'), 1)):
            result = keyd.ctl(*wrong)
            check_equal((result.returncode, result.stdout), (code, ''), wrong)
            one_sentence(result.stderr)


def a_crash_leaves_nothing_of_a_half_import():
    """kill -9 in the middle: nothing is there, and it can be done again"""
    with Keyd(FOREIGN) as keyd:
        keyd.people()
        rows = [{**row(number), 'digest': hashlib.sha256(
            token_of(number).encode()).digest(), 'role': '', 'context': '',
                 'project': '', 'created': 0, 'expires': 0}
                for number in range(300)]
        with keyd.admin() as admin:
            ident = admin.import_step(client.IMPORT_BEGIN)['id']
            for at in range(0, 300, 100):
                done = admin.import_step(client.IMPORT_ROWS, ident,
                                         rows[at:at + 100])
            check_equal(done['done'], 300, 'rows')
        keyd.kill()
        keyd.start()
        check_equal(keyd.json('list', '--all')['keys'], [], 'keys')
        check_equal(keyd.verdict(token_of(5)), UNKNOWN, 'verdict')
        path = file_of([row(number) for number in range(300)])
        result = keyd.ctl('import', path)
        check_equal(result.returncode, 3, 'while it may be under way')
        check('another import' in one_sentence(result.stderr), 'why')
        with keyd.admin() as admin:
            check_equal(admin.import_step(client.IMPORT_ABORT, ident)['left'],
                        0, 'left')
        check_equal(keyd.done('import', path), 'imported 300 keys\n', 'again')
        check_equal(keyd.verdict(token_of(5)), OK, 'verdict')


def others_go_on_meanwhile():
    """a key is revoked, and another made, while a large file comes in"""
    count = 1000000 if LONG else scaled(20000)
    with Keyd(FOREIGN) as keyd:
        keyd.people()
        path = file_of(row(number) for number in range(count))
        said = []
        began = time.monotonic()
        thread = threading.Thread(target=lambda: said.append(
            keyd.ctl('--timeout', '60s', 'import', path)))
        thread.start()
        longest = 0
        turns = 0
        while thread.is_alive():
            token, made = keyd.create('n%d' % turns, 'olga')
            start = time.monotonic()
            keyd.done('revoke', made['id'])
            longest = max(longest, time.monotonic() - start)
            check_equal(keyd.verdict(token), REVOKED, 'verdict')
            turns += 1
        print('    %d keys in %.1f s; the longest of %d revocations took '
              '%.0f ms' % (count, time.monotonic() - began, turns,
                           longest * 1000))
        check_equal((said[0].returncode, said[0].stdout),
                    (0, 'imported %d keys\n' % count), 'import')
        for number in (0, count // 2, count - 1):
            check_equal(keyd.verdict(token_of(number)), OK, 'verdict')


main(imported_keys_verify,
     a_fault_refuses_the_whole_file,
     a_crash_leaves_nothing_of_a_half_import,
     others_go_on_meanwhile, limit=300 if LONG else 120)
