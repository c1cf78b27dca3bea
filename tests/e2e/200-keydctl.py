#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""keydctl as a person and a script meet it: words, documents, statuses."""

import json
import os
import re
import time

from harness import (KEYDCTL, Keyd, check, check_equal, check_match, main,
                     one_sentence, run)


def explain_says_why():
    """explain shows each step, its verdict is verify's, and it takes nothing"""
    with Keyd() as keyd:
        with keyd.admin() as admin:
            admin.org_add('acme', plan='enterprise', rate=1, burst=2)
            admin.member_add('acme', 'alice', 'editor')
        token, made = keyd.create('ci')
        for _ in range(5):
            good = keyd.ctl('explain', '--permission', 'tests:run',
                            stdin=token)
            check_equal(good.returncode, 0, 'explain: ' + good.stderr)
        lines = good.stdout.splitlines()
        check_equal([line.split(':')[0] for line in lines[:-1]],
                    ['format', 'known', 'revoked', 'expired', 'org',
                     'permission', 'rate limit'], 'steps')
        check(all(': passed' in line.replace('  ', '') or 'passed' in line
                  for line in lines[:-1]), 'not all passed')
        check_equal(lines[-1], 'allow %s org=acme user=alice' % made['id'],
                    'verdict')
        for words, step, verdict in (
                (('--permission', 'members:manage'), 'permission',
                 'deny 403 forbidden %s permission=members:manage'),
                (('--org', 'other'), 'org', 'deny 403 wrong_org %s')):
            result = keyd.ctl('explain', *words, stdin=token)
            check_equal(result.returncode, 1, words)
            failed = [line for line in result.stdout.splitlines()
                      if 'FAILED' in line]
            check_equal([line.split(':')[0] for line in failed], [step],
                        'what failed')
            check_match('not reached', result.stdout, 'what follows')
            check_equal(result.stdout.splitlines()[-1], verdict % made['id'],
                        'verdict')
            check_equal(result.stdout.splitlines()[-1] + '\n', keyd.ctl(
                'verify', *words, stdin=token).stdout, "verify's")
        document = keyd.json('explain', stdin=token)
        check_equal((document['allow'], document['status'],
                     document['rate_remaining']), (True, 'ok', 1), 'document')
        check_equal([one['step'] for one in document['steps']][0], 'format',
                    'the first step')
        check_equal(keyd.json('show', made['id'])['uses'], 0, 'uses')
        for text, word in (('', 'missing'), ('cmk_x', 'malformed')):
            result = keyd.ctl('explain', stdin=text)
            check_equal(result.returncode, 1, word)
            check_equal(result.stdout.splitlines()[-1], 'deny 401 ' + word,
                        'verdict')
            check_match('^format: +FAILED: ', result.stdout, 'format')
        keyd.ctl('verify', stdin=token)
        keyd.ctl('verify', stdin=token)
        result = keyd.ctl('explain', stdin=token)
        check_match('^rate limit: +FAILED: .* spent', result.stdout, 'limit')
        check_match('^deny 429 rate_limited .* retry_after=[0-9]+$',
                    result.stdout, 'verdict')


def every_command_explains_itself():
    """--help of each command and group; what is not there is said"""
    overview = run([KEYDCTL, '--help']).stdout
    names = [line[2:17].strip() for line in overview.splitlines()
             if line.startswith('  ') and not line.startswith('  --')]
    check(len(names) >= 21, 'commands: %r' % names)
    for name in names:
        result = run([KEYDCTL, *name.split(), '--help'])
        check_equal((result.returncode, result.stderr), (0, ''), name)
        check_match('^usage: keydctl %s' % name, result.stdout, name)
        check(len(max(result.stdout.splitlines(), key=len)) <= 200, name)
    for group in ('org', 'member'):
        check_match('%s add' % group,
                    run([KEYDCTL, group, '--help']).stdout, group)
        result = run([KEYDCTL, group])
        check_equal((result.returncode, result.stdout), (2, ''), group)
        one_sentence(result.stderr)
    for wrong in (('nonsense',), ('org', 'nonsense'), ('audit', 'nonsense'),
                  ('list', '--bogus'), ('rotate',), ('show', 'a', 'b'),
                  ('-r', 'a', '-r', 'b', 'list'), ('list', '--org', '')):
        result = run([KEYDCTL, *wrong])
        check_equal((result.returncode, result.stdout), (2, ''), wrong)
        one_sentence(result.stderr)


def wrong_values_are_refused_where_they_are_seen():
    """a number, time or name that cannot be is 2 here and 1 from keyd"""
    with Keyd() as keyd:
        keyd.people()
        for words, code in (
                (('org', 'set', 'acme', '--rate', '60000001',
                  '--burst', '1'), 2),
                (('org', 'set', 'acme', '--rate', '0', '--burst', '1'), 2),
                (('org', 'add', 'No Slug'), 1),
                (('create', '--org', 'acme', '--user', 'alice', '--name', 'x',
                  '--expires', '2001-01-01'), 2),
                (('create', '--org', 'acme', '--user', 'alice', '--name',
                  'x '), 1),
                (('audit', '--since', 'yesterday'), 2),
                (('audit', '--key', 'x'), 2),
                (('audit', 'prune'), 2),
                (('audit', 'export', '--before', '9000-01-01'), 2),
                (('list', '--unused-for', '0s'), 2),
                (('list', '--user', 'alice'), 2),
                (('list', '--org', 'nowhere'), 1),
                (('rotate', 'key_' + 16 * '0'), 1)):
            result = keyd.ctl(*words)
            check_equal((result.returncode, result.stdout), (code, ''), words)
            one_sentence(result.stderr)
            document = json.loads(keyd.ctl('--json', *words).stdout)
            check_equal(set(document['error']), {'status', 'message'}, words)
        check_match('no space at its ends', keyd.ctl(
            'create', '--org', 'acme', '--user', 'alice', '--name',
            ' x').stderr, 'a space')
        check_match('60000000', keyd.ctl(
            'org', 'set', 'acme', '--rate', '60000001', '--burst',
            '1').stderr, 'the greatest rate')


def every_document_is_one_and_whole():
    """--json prints one document that a parser takes, whatever the command"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci é"\\')
        for words, stdin, member in (
                (('org', 'list'), '', 'orgs'),
                (('member', 'list', 'acme'), '', 'members'),
                (('member', 'set', 'acme', 'alice', '--role', 'editor'), '',
                 'live_keys'),
                (('list',), '', 'keys'), (('list', '--due'), '', 'keys'),
                (('list', '--all'), '', 'keys'),
                (('show', made['id']), '', 'old_key'),
                (('verify',), token, 'allow'),
                (('explain',), token, 'steps'),
                (('audit',), '', 'entries'),
                (('audit', 'check'), '', 'whole'),
                (('audit', 'prune', '--before', '1d'), '', 'removed'),
                (('revoke', '--org', 'acme', '--user', 'olga', '--dry-run'),
                 '', 'keys'),
                (('status',), '', 'audit_entries')):
            check(member in keyd.json(*words, stdin=stdin), words)
        row = keyd.json('list')['keys'][0]
        check_equal(row['name'], 'ci é"\\', 'the name')
        check_equal(set(row) >= {
            'id', 'state', 'org', 'user', 'name', 'role', 'permissions',
            'context', 'project', 'created', 'creator_uid', 'expires',
            'revoked', 'revoker_uid', 'reason', 'rotated_from', 'rotated_to',
            'first_used', 'last_used', 'uses', 'refused', 'last_refused',
            'due', 'due_days', 'drifted'}, True, 'members of a key')
        for line in keyd.done('audit', 'export').splitlines():
            check_equal(len(json.loads(line)['hash']), 64, 'a hash')


def shown(keyd, key_id):
    """What show prints, but for the days left: one may end in between."""
    return re.sub(r'\d+d left', 'some days left', keyd.done('show', key_id))


def a_change_of_the_time_zone_changes_nothing():
    """times are in UTC wherever one is"""
    with Keyd() as keyd:
        keyd.people()
        _token, made = keyd.create('ci')
        before = shown(keyd, made['id'])
        zone = os.environ.get('TZ')
        os.environ['TZ'] = 'Pacific/Auckland'
        time.tzset()
        try:
            check_equal(shown(keyd, made['id']), before, 'show')
        finally:
            os.environ.pop('TZ')
            if zone is not None:
                os.environ['TZ'] = zone
            time.tzset()


main(explain_says_why,
     every_command_explains_itself,
     wrong_values_are_refused_where_they_are_seen,
     every_document_is_one_and_whole,
     a_change_of_the_time_zone_changes_nothing)
