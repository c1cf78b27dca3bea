#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""When a key was used, and whether someone still tries one that is dead."""

import re
import time

from client import EXPIRED, FORBIDDEN, OK, RATE_LIMITED, REVOKED, WRONG_ORG
from harness import (Keyd, check, check_equal, check_match, main, run,
                     scaled, wait_until)


def use_of(admin, ident):
    view = admin.show(ident)
    return {name: view[name] for name in (
        'first', 'last', 'count', 'refused', 'refused_last')}


def a_use_is_seen_at_once():
    """the first and last use and their count are shown at once"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        with keyd.admin() as admin, keyd.verifier() as one:
            check_equal(set(use_of(admin, made['id']).values()), {0},
                        'use of a new key')
            before = int(time.time())
            check_equal(one.verify(token)['code'], OK, 'verdict')
            used = use_of(admin, made['id'])
            check(before <= used['first'] <= int(time.time()), 'first use')
            check_equal((used['last'], used['count']), (used['first'], 1),
                        'use')
            time.sleep(1.1)
            one.verify(token)
            later = use_of(admin, made['id'])
            check_equal((later['first'], later['count']), (used['first'], 2),
                        'use')
            check(later['last'] > used['last'], 'the last use stands still')
            check_equal(admin.list()[0]['last'], later['last'], 'in the list')


def what_is_refused_is_no_use():
    """a refused verify is no use of the key, whatever the reason"""
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin, keyd.verifier() as one:
            admin.org_set('acme', plan='enterprise', rate=1, burst=1)
            token, made = keyd.create('ci', admin=admin)
            for code, more in ((FORBIDDEN, {'permission': 'members:manage'}),
                               (WRONG_ORG, {'org': 'other'})):
                check_equal(one.verify(token, **more)['code'], code, 'verdict')
            check_equal(set(use_of(admin, made['id']).values()), {0}, 'use')
            check_equal(one.verify(token)['code'], OK, 'verdict')
            check_equal(one.verify(token)['code'], RATE_LIMITED, 'verdict')
            used = use_of(admin, made['id'])
            check_equal((used['count'], used['refused']), (1, 0), 'use')


def who_tries_a_dead_key_is_seen():
    """use of a revoked or expired key is counted, with the last time"""
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin, keyd.verifier() as one:
            token, made = keyd.create('leaked', admin=admin)
            short, ended = keyd.create('short', admin=admin,
                                       expires=int(time.time()) + 5)
            one.verify(token)
            used = use_of(admin, made['id'])
            admin.revoke(made['id'])
            before = int(time.time())
            for _ in range(3):
                check_equal(one.verify(token)['code'], REVOKED, 'verdict')
            after = use_of(admin, made['id'])
            check_equal((after['count'], after['last'], after['refused']),
                        (used['count'], used['last'], 3), 'use')
            check(after['refused_last'] >= before, 'the last of them')
            wait_until('the key has expired',
                       lambda: one.verify(short)['code'] == EXPIRED)
            check(use_of(admin, ended['id'])['refused'] >= 1, 'use')
            rows = {row['id']: row for row in admin.list(everything=1)}
            check_equal(rows[made['id']]['refused'], 3, 'in the list')


def a_use_outlives_keyd():
    """uses are kept by a stop, and by a crash some seconds later"""
    keyd = Keyd()
    keyd.start()
    keyd.people()
    token, made = keyd.create('ci')
    check_equal(keyd.verdict(token), OK, 'verdict')
    with keyd.admin() as admin:
        used = use_of(admin, made['id'])
    keyd.restart()
    with keyd.admin() as admin:
        check_equal(use_of(admin, made['id']), used, 'after a stop')
    before = snapshots(keyd)[0]
    check_equal(keyd.verdict(token), OK, 'verdict')
    with keyd.admin() as admin:
        used = use_of(admin, made['id'])
    wait_until('the use is written', lambda: snapshots(keyd)[0] > before)
    keyd.kill()
    keyd.start()
    with keyd.admin() as admin:
        check_equal(use_of(admin, made['id']), used, 'after a crash')
    keyd.stop()


def a_verify_writes_nothing():
    """many verifies are written a few times"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.admin() as admin, keyd.verifier() as one:
            admin.org_set('acme', plan='enterprise', rate=60000000,
                          burst=60000000)
            before = keyd.written()
            for _ in range(scaled(10000)):
                one.verify(token)
            check(keyd.written() - before < 200000,
                  '%d bytes were written' % (keyd.written() - before))


def snapshots(keyd):
    """The last transaction, and those that keyd's readers look at."""
    text = run(['mdb_stat', '-er', keyd.state]).stdout
    last = int(check_match(r'Last transaction ID: (\d+)', text,
                           'the database').group(1))
    return last, [int(txn) for txn in re.findall(
        r'^ *%d +\S+ +(\d+)$' % keyd.pid, text, re.MULTILINE)]


def who_waits_holds_no_pages():
    """what is written while nobody asks leaves no old snapshot behind"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier() as one:
            one.verify(token)
            before, held = snapshots(keyd)
            check_equal(held, [before], 'the snapshot of the last answer')
            wait_until('the use is written',
                       lambda: snapshots(keyd)[0] > before)
            wait_until('the old snapshot is let go',
                       lambda: snapshots(keyd)[1] == [])


def an_unused_key_is_one_not_used_just_now():
    """a key used a moment ago is not revoked as unused"""
    with Keyd() as keyd:
        keyd.people()
        tokens = [keyd.create('key %d' % at)[0] for at in range(300)]
        time.sleep(1.1)
        with keyd.admin() as admin, keyd.verifier() as one:
            for token in tokens[::2]:
                one.verify(token)
            since = admin.list()[0]['last']
            check_equal(len(admin.list(unused_since=since)), 150, 'unused')
            check_equal(admin.revoke_all(unused_since=since), 150, 'revoked')
            codes = [one.verify(token)['code'] for token in tokens]
            check_equal((set(codes[::2]), set(codes[1::2])),
                        ({OK}, {REVOKED}), 'verdicts')


if __name__ == '__main__':
    main(a_use_is_seen_at_once, what_is_refused_is_no_use,
         who_tries_a_dead_key_is_seen, a_use_outlives_keyd,
         a_verify_writes_nothing, who_waits_holds_no_pages,
         an_unused_key_is_one_not_used_just_now)
