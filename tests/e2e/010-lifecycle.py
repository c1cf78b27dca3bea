#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The life of a key: made, used, revoked, expired."""

import json
import re

import client
from client import Refused
from harness import (Keyd, check, check_equal, check_match, check_refused,
                     main, new_token, one_sentence, record, wait_until)


def started():
    keyd = Keyd()
    keyd.start()
    keyd.done('org', 'add', 'acme')
    keyd.done('org', 'add', 'other')
    keyd.done('member', 'add', 'acme', 'alice', '--role', 'editor')
    return keyd


def create(keyd, name, *more):
    result = keyd.ctl('create', '--org', 'acme', '--user', 'alice', '--name',
                      name, *more)
    check_equal(result.returncode, 0, 'create: ' + result.stderr)
    token = record(result.stdout.rstrip('\n'))
    check(client.check_token(token), 'stdout is not a token alone')
    check_equal(result.stdout, token + '\n', 'stdout of create')
    check(token not in result.stderr, 'the token is on stderr too')
    return token


def verify(keyd, token, *more):
    result = keyd.ctl('verify', *more, stdin=token + '\n')
    check_equal(len(result.stdout.splitlines()), 1, 'lines of verify')
    check(len(token) < 8 or token not in result.stdout + result.stderr,
          'verify prints a token')
    return result.returncode, result.stdout.rstrip('\n')


def id_of(keyd, token):
    return check_match(r'^allow (key_[0-9a-z]{16}) ',
                       verify(keyd, token)[1], 'verify').group(1)


def a_key_lives_until_it_is_revoked():
    """a key is made, allows what it may, and is refused once revoked"""
    keyd = started()
    token = create(keyd, 'ci')
    code, line = verify(keyd, token, '--permission', 'tests:run')
    check_equal(code, 0, 'exit status')
    check_match(r'^allow key_[0-9a-z]{16} org=acme user=alice\b', line,
                'verify')
    check_equal(verify(keyd, token, '--org', 'acme')[0], 0, 'its own org')
    code, line = verify(keyd, token, '--permission', 'billing:manage')
    check_equal(code, 1, 'exit status of a refusal')
    check_match(r'^deny 403 forbidden\b', line, 'verify')
    code, line = verify(keyd, token, '--org', 'other')
    check_equal(code, 1, 'exit status of a refusal')
    check_match(r'^deny 403 wrong.org\b', line, 'verify')
    ident = id_of(keyd, token)
    keyd.done('revoke', ident, '--reason', 'left the house', '--yes')
    code, line = verify(keyd, token, '--permission', 'tests:run')
    check_equal(code, 1, 'exit status of a refusal')
    check_match(r'^deny 401 revoked\b', line, 'verify')
    keyd.done('revoke', ident, '--yes')  # again is no mistake
    check_match('left the house', keyd.done('show', ident), 'show')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def wrong_tokens_are_refused():
    """texts that are no token, and tokens of nobody, are denied with 401"""
    keyd = started()
    token = create(keyd, 'ci')
    wrong = token[:20] + ('a' if token[20] != 'a' else 'b') + token[21:]
    for text, word in ((wrong, 'malformed'), ('', ''), ('cmk_', 'malformed'),
                       (token.upper(), 'malformed'), (token + 'a', ''),
                       (new_token(), 'unknown')):
        code, line = verify(keyd, text)
        check_equal(code, 1, 'exit status')
        check_match('^deny 401 ' + word, line, 'verify')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def a_key_is_revoked_by_its_token():
    """revoke --token takes the token from standard input"""
    keyd = started()
    token = create(keyd, 'ci')
    keyd.done('revoke', '--token', '--yes', '--dry-run', stdin=token + '\n')
    check_equal(verify(keyd, token)[0], 0, 'verify after a dry run')
    keyd.done('revoke', '--token', '--yes', stdin=token + '\n')
    check_match('^deny 401 revoked', verify(keyd, token)[1], 'verify')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def lists_and_json_are_whole():
    """list, show and the JSON of each command say what there is"""
    keyd = started()
    token = create(keyd, 'ci', '--project', 'shop', '--context',
                   'production-ci', '--expires', '90d')
    gone = create(keyd, 'gone')
    ident, gone_id = id_of(keyd, token), id_of(keyd, gone)
    keyd.done('revoke', gone_id, '--yes')
    live, everything = keyd.done('list'), keyd.done('list', '--all')
    check(ident in live and gone_id not in live, 'list')
    check(ident in everything and gone_id in everything, 'list --all')
    check(ident not in keyd.done('list', '--org', 'other'), 'list --org other')
    shown = keyd.done('show', ident)
    for part in ('acme', 'alice', 'ci', 'editor', 'shop', 'production-ci',
                 'tests:write'):
        check(part in shown, 'show has no %s:\n%s' % (part, shown))
    for args in (('org', 'list'), ('member', 'list', 'acme'), ('list',),
                 ('list', '--all'), ('show', ident), ('status',),
                 ('org', 'add', 'third'), ('org', 'set', 'third', '--plan',
                                           'pro'),
                 ('member', 'add', 'third', 'bob', '--role', 'tester'),
                 ('member', 'set', 'third', 'bob', '--role', 'editor'),
                 ('member', 'remove', 'third', 'bob'),
                 ('revoke', gone_id, '--yes')):
        keyd.json(*args)
    made = keyd.json('create', '--org', 'acme', '--user', 'alice', '--name',
                     'json')
    tokens = [value for value in json.dumps(made).split('"')
              if client.check_token(value)]
    check_equal(len(tokens), 1, 'tokens in the JSON of create')
    record(tokens[0])
    keyd.json('verify', stdin=tokens[0])
    refusal = keyd.ctl('--json', 'verify', stdin=new_token() + '\n')
    check_equal(refusal.returncode, 1, 'exit status of a refusal')
    json.loads(refusal.stdout)
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def exit_statuses_are_the_contract():
    """0 done, 1 refused or failed, 2 called wrongly, 3 no keyd"""
    keyd = started()
    for wrong in ((), ('nonsense',), ('org',), ('org', 'nonsense'),
                  ('create',), ('list', '--nonsense'), ('show',),
                  ('show', 'a', 'b'), ('org', 'add'), ('revoke',),
                  ('create', '--org', 'acme', '--user', 'alice', '--name',
                   'x', '--expires', 'soon')):
        result = keyd.ctl(*wrong)
        check_equal(result.returncode, 2, 'keydctl %s' % ' '.join(wrong))
        check_equal(result.stdout, '', 'stdout of a wrong call')
        check(result.stderr != '', 'a wrong call without a word')
    for failing in (('show', 'key_0000000000000000'),
                    ('revoke', 'key_0000000000000000', '--yes'),
                    ('org', 'add', 'acme'), ('member', 'list', 'nowhere'),
                    ('member', 'add', 'acme', 'bob', '--role', 'king')):
        result = keyd.ctl(*failing)
        check_equal(result.returncode, 1, 'keydctl %s' % ' '.join(failing))
        one_sentence(result.stderr)
    check_equal(keyd.stop(), 0, 'exit status of keyd')
    result = keyd.ctl('list')
    check_equal(result.returncode, 3, 'exit status without keyd')
    one_sentence(result.stderr)


def create_may_be_asked_for_twice():
    """the same request with the same digest is the same key"""
    keyd = started()
    token = new_token()
    digest = client.digest_of(token)
    with keyd.admin() as admin:
        first = admin.create(digest, 'acme', 'alice', 'ci')
        again = admin.create(digest, 'acme', 'alice', 'ci')
        check_equal((first['existed'], again['existed']), (0, 1), 'existed')
        check_equal(again['id'], first['id'], 'id')
        for more in ({'name': 'other'}, {'role': 'tester'},
                     {'context': 'shared'}, {'project': 'p'},
                     {'expires': 4000000000}):
            options = {'name': 'ci', **more}
            check_refused(client.E_EXISTS, admin.create, digest, 'acme',
                          'alice', **options)
        admin.revoke(first['id'])
        check_refused(client.E_EXISTS, admin.create, digest, 'acme', 'alice',
                      'ci')
    check_equal(keyd.verdict(token), client.REVOKED, 'verdict')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def a_dry_run_makes_nothing():
    """a dry run of create tells the permissions and makes no key"""
    keyd = started()
    token = new_token()
    with keyd.admin() as admin:
        made = admin.create(client.digest_of(token), 'acme', 'alice', 'ci',
                            dry=1)
        check_equal(made['id'], '', 'id')
        check('tests:write' in made['permissions'].split(), 'permissions')
        check_equal(admin.list(everything=1), [], 'keys')
    check_equal(keyd.verdict(token), client.UNKNOWN, 'verdict')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def names_are_unique_among_live_keys():
    """a name is taken while its key lives, and free afterwards"""
    keyd = started()
    token = create(keyd, 'ci')
    taken = keyd.ctl('create', '--org', 'acme', '--user', 'alice', '--name',
                     'ci')
    check_equal(taken.returncode, 1, 'exit status')
    check_equal(taken.stdout, '', 'stdout')
    one_sentence(taken.stderr)
    keyd.done('revoke', id_of(keyd, token), '--yes')
    check_equal(verify(keyd, create(keyd, 'ci'))[0], 0, 'the new key')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def an_expired_key_is_refused():
    """a key is refused from its end on, and its name is free again"""
    keyd = started()
    token = create(keyd, 'short', '--expires', '1s')
    wait_until('the key has expired',
               lambda: 'expired' in verify(keyd, token)[1])
    code, line = verify(keyd, token)
    check_equal(code, 1, 'exit status')
    check_match('^deny 401 expired', line, 'verify')
    check('short' not in keyd.done('list'), 'an expired key in list')
    check('short' in keyd.done('list', '--all'), 'no expired key in list -a')
    check_equal(verify(keyd, create(keyd, 'short'))[0], 0, 'the new key')
    with keyd.admin() as admin:
        check_refused(client.E_INVALID, admin.create,
                      client.digest_of(new_token()), 'acme', 'alice', 'past',
                      expires=1000000000)
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def pages_have_no_gaps():
    """1000 keys are listed page after page, each once"""
    keyd = started()
    with keyd.admin() as admin:
        for at in range(1000):
            admin.send(client.CREATE, client.encode(client.CREATE_FIELDS, {
                'dry': 0, 'digest': client.digest_of('key %d' % at),
                'org': 'acme', 'user': 'alice', 'name': 'key %d' % at,
                'role': '', 'context': '', 'project': 'p' * 120,
                'expires': 0}))
            if at % 100 == 99:
                for ident in range(admin.ident - 99, admin.ident + 1):
                    admin.answer(client.CREATE, ident)
        names = [row['name'] for row in admin.list()]
    check_equal(sorted(names), sorted('key %d' % at for at in range(1000)),
                'names')
    check_equal(len(keyd.json('list')['keys']), 1000, 'rows of list --json')
    rows = re.findall(r'key_[0-9a-z]{16}', keyd.done('list'))
    check_equal(len(set(rows)), 1000, 'rows of list')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


def all_of_the_keys_are_revoked_or_none():
    """an unknown id among those to revoke leaves all the others alone"""
    keyd = started()
    with keyd.admin() as admin:
        tokens = [keyd.create('k%d' % at, admin=admin) for at in range(3)]
        ids = [made['id'] for _, made in tokens]
        check_refused(client.E_NOT_FOUND, admin.revoke, *ids,
                      'key_0000000000000000')
        check_equal(keyd.verdict(tokens[0][0]), client.OK, 'verdict')
        rows = admin.revoke(*ids, reason='all')
        check_equal([row['before'] for row in rows], [0, 0, 0], 'before')
        try:
            rows = admin.revoke(ids[1])
        except Refused as refused:
            check(False, 'revoked again: %s' % refused)
        check_equal(rows[0]['before'], 1, 'before, the second time')
    for token, _ in tokens:
        check_equal(keyd.verdict(token), client.REVOKED, 'verdict')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


main(a_key_lives_until_it_is_revoked, wrong_tokens_are_refused,
     a_key_is_revoked_by_its_token, lists_and_json_are_whole,
     exit_statuses_are_the_contract, create_may_be_asked_for_twice,
     a_dry_run_makes_nothing, names_are_unique_among_live_keys,
     an_expired_key_is_refused, pages_have_no_gaps,
     all_of_the_keys_are_revoked_or_none)
