#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A key's successor: both work meanwhile, and when the old one may go."""

import time

from client import EXPIRED, OK, REVOKED
from harness import (Keyd, check, check_equal, check_match, main,
                     one_sentence, record, wait_until)

SHORT = '''
context "minute" {
	rotate_after = "12s"
}
context "slow" {
	rotate_after = "3d"
}
'''


def rotate(keyd, ident, *more):
    """The new token and what was said about it."""
    result = keyd.ctl('rotate', ident, *more)
    check_equal(result.returncode, 0, 'rotate: ' + result.stderr)
    token = result.stdout
    check_match(r'\Acmk_[0-9a-z]{52}\n\Z', token, 'the token alone')
    return record(token[:-1]), result.stderr


def both_keys_work_until_the_old_one_is_revoked():
    """without a grace the old key works until it is revoked"""
    with Keyd() as keyd:
        keyd.people()
        old_token, old = keyd.create('ci', context='personal',
                                     project='site')
        token, said = rotate(keyd, old['id'])
        check('keydctl revoke ' + old['id'] in said, 'how to end the old one')
        for one in (old_token, token):
            check_equal(keyd.verdict(one), OK, 'verdict')
        new = keyd.json('show', keyd.json('show', old['id'])['rotated_to'])
        for name in ('org', 'user', 'name', 'role', 'permissions', 'context',
                     'project', 'expires'):
            check_equal(new[name], keyd.json('show', old['id'])[name], name)
        check_equal(new['rotated_from'], old['id'], 'the link back')
        keyd.done('revoke', old['id'])
        check_equal(keyd.verdict(old_token), REVOKED, 'the old one')
        check_equal(keyd.verdict(token), OK, 'the new one')


def a_grace_ends_the_old_one():
    """with a grace the old key ends after it, and not a second late"""
    with Keyd() as keyd:
        keyd.people()
        old_token, old = keyd.create('ci')
        begun = time.time()
        token, _said = rotate(keyd, old['id'], '--grace', '2s')
        ends = time.time() + 2  # at the latest
        asked = begun
        while keyd.verdict(old_token) == OK:
            check(asked < ends, 'the old key ended late')
            asked = time.time()
        check(time.time() >= begun + 1, 'the old key ended early')
        check_equal(keyd.verdict(old_token), EXPIRED, 'the old one')
        check_equal(keyd.verdict(token), OK, 'the new one')


def no_grace_outlives_the_key():
    """a grace is cut to the old key's own end, and 0s is none at all"""
    with Keyd() as keyd:
        keyd.people()
        end = int(time.time()) + 100
        old_token, old = keyd.create('ci', expires=end)
        new = keyd.json('rotate', old['id'], '--grace', '90d')
        record(new['token'])
        check_equal(new['old_key']['expires'], new['expires'], 'the end')
        check_equal(keyd.verdict(old_token), OK, 'meanwhile')
        token, said = rotate(keyd, new['id'], '--grace', '0s')
        check_match('has ended$', said.strip(), 'what it says')
        check_equal(keyd.verdict(new['token']), EXPIRED, 'the middle one')
        check_equal(keyd.verdict(token), OK, 'the last one')


def show_tells_when_the_old_key_was_used():
    """show of the new key tells the last use of the old one"""
    with Keyd() as keyd:
        keyd.people()
        old_token, old = keyd.create('ci')
        rotate(keyd, old['id'])
        new = keyd.json('show', old['id'])['rotated_to']
        check_match(r'^old key: +live, never used$', keyd.done('show', new),
                    'an old key that was never used')
        keyd.verdict(old_token)
        used = keyd.json('show', new)['old_key']['last_used']
        check_match('^old key: +live, last used %s$' % used,
                    keyd.done('show', new), 'the last use')
        keyd.done('revoke', old['id'])
        keyd.verdict(old_token)
        check_match('^still used: +by someone: 1 time since its end, last at ',
                    keyd.done('show', old['id']), 'who still tries it')
        check_match(', 1x +ci$', keyd.done('list', '--all'), 'in the list')


def a_dead_key_is_not_rotated():
    """a revoked, expired, unknown or rotated key is refused"""
    with Keyd() as keyd:
        keyd.people()
        _token, revoked = keyd.create('revoked')
        short, ended = keyd.create('ended', expires=int(time.time()) + 3)
        _token, twice = keyd.create('twice')
        keyd.done('revoke', revoked['id'])
        rotate(keyd, twice['id'])
        wait_until('the key has expired',
                   lambda: keyd.verdict(short) == EXPIRED)
        before = keyd.json('list', '--all')
        for ident in (revoked['id'], ended['id'], twice['id'],
                      'key_' + 16 * '0'):
            result = keyd.ctl('rotate', ident)
            check_equal((result.returncode, result.stdout), (1, ''), ident)
            one_sentence(result.stderr)
        for wrong in (('rotate',), ('rotate', 'ci'),
                      ('rotate', twice['id'], '--grace', '1w')):
            result = keyd.ctl(*wrong)
            check_equal((result.returncode, result.stdout), (2, ''), wrong)
            one_sentence(result.stderr)
        check_equal(keyd.json('list', '--all'), before, 'the keys')


def contexts_say_when_rotation_is_due():
    """list --due shows keys past their context's time, with the days over"""
    with Keyd(SHORT) as keyd:
        keyd.people()
        _token, made = keyd.create('short', context='minute')
        keyd.create('long', context='slow')
        check_equal(keyd.json('list', '--due')['keys'], [], 'due at once')
        check_match('^rotation due: .*, 0d left$',
                    keyd.done('show', made['id']), 'days left')
        wait_until('the key is due',
                   lambda: keyd.json('list', '--due')['keys'] != [])
        due = keyd.json('list', '--due')['keys']
        check_equal([(key['id'], key['due_days']) for key in due],
                    [(made['id'], -1)], 'due')
        check_match(' 0d over +short$', keyd.done('list', '--due'), 'table')
        rotate(keyd, made['id'], '--grace', '0s')
        check_equal(keyd.json('list', '--due')['keys'], [], 'after rotation')


main(both_keys_work_until_the_old_one_is_revoked,
     a_grace_ends_the_old_one,
     no_grace_outlives_the_key,
     show_tells_when_the_old_key_was_used,
     a_dead_key_is_not_rotated,
     contexts_say_when_rotation_is_due)
