#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Roles change and people leave: which keys remain, and many go at once."""

import time

from client import OK, REVOKED
from harness import (Keyd, check, check_equal, check_match, main,
                     one_sentence, scaled)


def ids(document):
    return {key['id'] for key in document['keys']}


def two_organizations(keyd):
    """acme with keys of alice and olga, and globex with one of bob."""
    keyd.people()
    with keyd.admin() as admin:
        admin.org_add('globex')
        admin.member_add('globex', 'bob', 'owner')
    made = {name: keyd.create(name, user) for name, user in (
        ('a1', 'alice'), ('a2', 'alice'), ('o1', 'olga'))}
    made['b1'] = (keyd.done('create', '--org', 'globex', '--user', 'bob',
                            '--name', 'b1').strip(), None)
    return made


def a_dry_run_shows_exactly_what_goes():
    """--dry-run lists the keys that the same command then revokes"""
    for filters, gone in ((('--org', 'acme'), {'a1', 'a2', 'o1'}),
                          (('--org', 'acme', '--user', 'alice'),
                           {'a1', 'a2'})):
        with Keyd() as keyd:
            made = two_organizations(keyd)
            would = keyd.json('revoke', *filters, '--dry-run')
            check_equal({key['name'] for key in would['keys']}, gone, 'would')
            check_equal(would['dry_run'], True, 'dry run')
            for token, _key in made.values():
                check_equal(keyd.verdict(token), OK, 'after a dry run')
            check_equal(keyd.done('revoke', *filters, '--reason', 'left'),
                        'revoked %d keys\n' % len(gone), 'revoke')
            for name, (token, _key) in made.items():
                check_equal(keyd.verdict(token),
                            REVOKED if name in gone else OK, name)
            for key in would['keys']:
                check_equal(keyd.json('show', key['id'])['reason'], 'left',
                            'reason')
            check_equal(keyd.json('revoke', *filters)['revoked'], 0, 'again')


def what_nobody_uses_goes():
    """--unused-for counts from the last use, or from the creation"""
    with Keyd() as keyd:
        keyd.people()
        used, _key = keyd.create('used')
        idle, _key = keyd.create('idle')
        keyd.verdict(idle)
        time.sleep(12.1)
        new, _key = keyd.create('new')
        keyd.verdict(used)
        unused = ('--unused-for', '11s')
        check_equal([key['name'] for key in keyd.json('list', *unused)['keys']],
                    ['idle'], 'list')
        check_equal(keyd.json('revoke', *unused)['revoked'], 1, 'revoke')
        for token, wanted in ((used, OK), (idle, REVOKED), (new, OK)):
            check_equal(keyd.verdict(token), wanted, 'verdict')


def drift_is_seen_and_goes_with_the_role():
    """list --drifted shows keys that may more than their owner now does"""
    with Keyd() as keyd:
        keyd.people()
        _token, big = keyd.create('big')
        _token, small = keyd.create('small', role='tester')
        check_equal(ids(keyd.json('list', '--drifted')), set(), 'at first')
        result = keyd.ctl('member', 'set', 'acme', 'alice', '--role', 'tester')
        check_equal(result.returncode, 0, result.stderr)
        check(big['id'] in result.stdout, 'the live keys are not shown')
        check('list --org acme --drifted' in result.stdout,
              'nor how to find those that may too much')
        check_equal(ids(keyd.json('list', '--drifted')), {big['id']}, 'after')
        check_match('^drifted: +it may more', keyd.done('show', big['id']),
                    'show')
        keyd.done('member', 'remove', 'acme', 'alice')
        check_equal(ids(keyd.json('list', '--drifted')),
                    {big['id'], small['id']}, 'without a role')
        keyd.done('revoke', big['id'])
        check('drifted' not in keyd.done('show', big['id']),
              'a revoked key is said to be able to do too much')


def a_member_goes_with_the_keys():
    """member remove --revoke-keys revokes them in the same transaction"""
    with Keyd() as keyd:
        keyd.people()
        token, _key = keyd.create('one')
        other, _key = keyd.create('two', 'olga')
        gone = keyd.json('member', 'remove', 'acme', 'alice', '--revoke-keys')
        check_equal((gone['live_keys'], gone['revoked_keys']), (0, 1), 'keys')
        check_equal(keyd.verdict(token), REVOKED, 'verdict')
        check_equal(keyd.verdict(other), OK, 'verdict')


def the_name_of_a_revoked_key_is_free():
    """a revoked key's name may be used again, and it stays revoked"""
    with Keyd() as keyd:
        keyd.people()
        old, made = keyd.create('ci')
        keyd.done('revoke', made['id'])
        new, _key = keyd.create('ci')
        check_equal((keyd.verdict(old), keyd.verdict(new)), (REVOKED, OK),
                    'verdicts')


def wrong_calls_revoke_nothing():
    """a call that is not clear about which keys revokes none"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        for words, code in ((('--user', 'alice'), 2),
                            ((made['id'], '--org', 'acme'), 2),
                            (('--token', '--org', 'acme'), 2),
                            ((), 2),
                            (('--unused-for', '0s'), 2),
                            (('--unused-for', '1w'), 2),
                            (('--org', ''), 2),
                            (('--org', 'nowhere'), 1)):
            result = keyd.ctl('revoke', *words)
            check_equal((result.returncode, result.stdout), (code, ''), words)
            one_sentence(result.stderr)
        check_equal(keyd.verdict(token), OK, 'verdict')


def many_go_at_once():
    """an organization with many keys is revoked by one command"""
    count = scaled(3000)
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin:
            some = [keyd.create('k%d' % i, admin=admin)[0]
                    for i in range(count)]
        listed = keyd.done('list').splitlines()
        check_equal(len(listed), count + 1, 'lines of the list')
        check_equal(len({len(line) - len(line.split()[-1])
                         for line in listed}), 1, 'where names begin')
        check_equal(keyd.json('revoke', '--org', 'acme')['revoked'], count,
                    'revoked')
        with keyd.verifier() as one:
            for token in some[::7]:
                check_equal(one.verify(token)['code'], REVOKED, 'verdict')


main(a_dry_run_shows_exactly_what_goes,
     what_nobody_uses_goes,
     drift_is_seen_and_goes_with_the_role,
     a_member_goes_with_the_keys,
     the_name_of_a_revoked_key_is_free,
     wrong_calls_revoke_nothing,
     many_go_at_once)
