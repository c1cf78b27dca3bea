#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Who may make which keys, and that a key keeps what it was made with."""

import client
from client import OK, FORBIDDEN
from harness import (Keyd, check, check_equal, check_match, check_refused,
                     main, new_token, one_sentence)

EDITOR = {'tests:run', 'data:read', 'tests:write', 'probes:write',
          'registrars:write', 'files:write'}
ADMIN = EDITOR | {'members:manage', 'settings:manage'}


def permissions(made):
    return set(made['permissions'].split(' '))


def the_default_roles_are_those_of_the_contract():
    """each role gives its key exactly the permissions of the contract"""
    with Keyd() as keyd:
        keyd.people()
        for user, wanted in (('alice', EDITOR), ('adam', ADMIN),
                             ('olga', ADMIN | {'billing:manage'})):
            token, made = keyd.create('of ' + user, user)
            check_equal(permissions(made), wanted, user)
            with keyd.verifier() as verifier:
                for one in ADMIN | {'billing:manage'}:
                    code = verifier.verify(token, one)['code']
                    check_equal(code, OK if one in wanted else FORBIDDEN,
                                '%s with a key of %s' % (one, user))


def a_tester_may_not_create():
    """a member whose role may not create keys cannot"""
    with Keyd() as keyd:
        keyd.people()
        refused = keyd.ctl('create', '--org', 'acme', '--user', 'tom',
                           '--name', 'x')
        check_equal((refused.returncode, refused.stdout), (1, ''), 'create')
        one_sentence(refused.stderr)
        for user in ('nobody', 'tom'):
            with keyd.admin() as admin:
                try:
                    keyd.create('x', user, admin)
                    check(False, '%s made a key' % user)
                except client.Refused as why:
                    check(why.code in (client.E_DENIED, client.E_NOT_FOUND,
                                       client.E_INVALID), str(why))
        check_equal(keyd.json('list', '--all')['keys'], [], 'keys')


def a_lesser_role_may_be_given():
    """an editor can make a tester's key, but neither an admin's nor a new"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('lesser', role='tester')
        check_equal(permissions(made), {'tests:run', 'data:read'}, 'tester')
        check_equal(made['role'], 'tester', 'role')
        check_equal(keyd.verdict(token, 'tests:write'), FORBIDDEN, 'verdict')
        check_equal(keyd.verdict(token, 'tests:run'), OK, 'verdict')
        keyd.create('same', role='editor')
        for role in ('admin', 'owner', 'king'):
            result = keyd.ctl('create', '--org', 'acme', '--user', 'alice',
                              '--name', role, '--role', role)
            check_equal((result.returncode, result.stdout), (1, ''), role)
            one_sentence(result.stderr)


def a_key_keeps_its_permissions_when_its_member_changes():
    """a change or removal of the member changes no key, and shows them"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        result = keyd.ctl('member', 'set', 'acme', 'alice', '--role', 'owner')
        check_equal(result.returncode, 0, 'member set: ' + result.stderr)
        check(made['id'] in result.stdout + result.stderr,
              'member set does not show the live key')
        check('revoke' in result.stdout + result.stderr,
              'member set does not say how to revoke it')
        check_equal(keyd.verdict(token, 'billing:manage'), FORBIDDEN, 'wider')
        keyd.done('member', 'set', 'acme', 'alice', '--role', 'tester')
        check_equal(keyd.verdict(token, 'tests:write'), OK, 'narrower')
        result = keyd.ctl('member', 'remove', 'acme', 'alice')
        check_equal(result.returncode, 0, 'member remove: ' + result.stderr)
        check(made['id'] in result.stdout + result.stderr,
              'member remove does not show the live key')
        check_equal(keyd.verdict(token, 'tests:write'), OK, 'removed')
        with keyd.admin() as admin:
            kept = admin.show(made['id'])
            check_equal(kept['permissions'], made['permissions'], 'show')


def a_removed_members_keys_can_go_with_it():
    """member remove and set with --revoke-keys revoke all keys at once"""
    with Keyd() as keyd:
        keyd.people()
        mine = [keyd.create('mine %d' % at)[0] for at in range(3)]
        other = keyd.create('other', 'adam')[0]
        with keyd.admin() as admin:
            answer = admin.member_set('acme', 'adam', 'admin')
            check_equal((answer['live'], answer['revoked']), (1, 0), 'counts')
        keyd.done('member', 'remove', 'acme', 'alice', '--revoke-keys')
        for token in mine:
            check_equal(keyd.verdict(token), client.REVOKED, 'verdict')
        check_equal(keyd.verdict(other), OK, 'verdict of the other')
        with keyd.admin() as admin:
            answer = admin.member_set('acme', 'adam', 'editor', revoke=1)
            check_equal((answer['live'], answer['revoked']), (0, 1), 'counts')
            check_equal([row['user'] for row in admin.member_list('acme')],
                        ['adam', 'olga', 'tom'], 'members')
        check_equal(keyd.verdict(other), client.REVOKED, 'verdict')


def a_key_keeps_its_permissions_when_the_policy_changes():
    """another keyd.conf changes what new keys may, and no existing one"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('before')
        keyd.reload(POLICY)
        check_equal(keyd.verdict(token, 'tests:write'), OK, 'tests:write')
        check_equal(keyd.verdict(token, 'cake:eat'), FORBIDDEN, 'cake:eat')
        later, new = keyd.create('after')
        check_equal(permissions(new), {'cake:eat'}, 'the new key')
        check_equal(keyd.verdict(later, 'cake:eat'), OK, 'cake:eat')
        with keyd.admin() as admin:
            check_equal(admin.show(made['id'])['permissions'],
                        made['permissions'], 'show')
        keyd.restart()
        check_equal(keyd.verdict(token, 'tests:write'), OK, 'tests:write')


def a_permission_of_no_role_is_a_mistake():
    """a permission that no role has is an error, not a refusal"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier() as verifier:
            check_refused(client.E_PERMISSION, verifier.verify, token,
                          'tests:rum')
            check_equal(verifier.verify(token, 'tests:run')['code'], OK,
                        'the next verify')
            check_equal(verifier.verify(new_token(), 'tests:run')['code'],
                        client.UNKNOWN, 'an unknown token')
        result = keyd.ctl('verify', '--permission', 'tests:rum',
                          stdin=token + '\n')
        check_equal(result.returncode, 1, 'exit status')
        check_match('tests:rum|permission', result.stdout + result.stderr,
                    'keydctl')


def orgs_and_members_are_checked():
    """names that cannot be, and ones that are not there, are refused"""
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin:
            for slug in ('', 'Acme', '-a', 'a b', 'a' * 10 + '_'):
                check_refused(client.E_INVALID, admin.org_add, slug)
            for user in ('', '-x', 'a b', 'a/b'):
                check_refused(client.E_INVALID, admin.member_add, 'acme',
                              user, 'tester')
            check_refused(client.E_EXISTS, admin.org_add, 'acme')
            check_refused(client.E_EXISTS, admin.member_add, 'acme', 'tom',
                          'editor')
            check_refused(client.E_NOT_FOUND, admin.member_add, 'nowhere',
                          'tom', 'editor')
            check_refused(client.E_NOT_FOUND, admin.member_add, 'acme',
                          'new', 'king')
            check_refused(client.E_NOT_FOUND, admin.org_add, 'x', plan='gold')
            check_refused(client.E_NOT_FOUND, admin.org_set, 'nowhere')
            check_refused(client.E_NOT_FOUND, admin.member_remove, 'acme',
                          'nobody')
            check_refused(client.E_NOT_FOUND, admin.member_list, 'nowhere')
            check_refused(client.E_NOT_FOUND, admin.show, 'key_' + '0' * 16)
            for name in ('', 'a\nb', '\x1b[31m', ' a'):
                check_refused(client.E_INVALID, keyd.create, name,
                              admin=admin)
            org = admin.org_set('acme', plan='enterprise', rate=5, burst=2)
            check_equal((org['plan'], org['rate'], org['burst']),
                        ('enterprise', 5, 2), 'org')
            check_refused(client.E_INVALID, admin.org_set, 'acme', rate=5)


POLICY = '''
role editor {
    permissions = { "cake:eat" }
    may_create = true
}
'''

main(the_default_roles_are_those_of_the_contract, a_tester_may_not_create,
     a_lesser_role_may_be_given,
     a_key_keeps_its_permissions_when_its_member_changes,
     a_removed_members_keys_can_go_with_it,
     a_key_keeps_its_permissions_when_the_policy_changes,
     a_permission_of_no_role_is_a_mistake, orgs_and_members_are_checked)
