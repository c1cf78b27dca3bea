#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Who did what, when: the audit log, and what shows that it is whole."""

import json
import os
import re
import threading
import time

import client
from harness import (KEYDCTL, Keyd, as_uid, check, check_equal, check_match,
                     main, need_root, new_token, one_sentence, open_to_all,
                     run, scaled, wait_until, Processes)


def log_of(keyd, *filters):
    return keyd.json('audit', *filters)['entries']


def what_is_done_and_refused_is_told():
    """each change and each refusal is one entry with its key and its user"""
    with Keyd() as keyd:
        keyd.done('org', 'add', 'acme')
        keyd.done('member', 'add', 'acme', 'alice', '--role', 'editor')
        token = keyd.done('create', '--org', 'acme', '--user', 'alice',
                          '--name', 'ci').strip()
        ident = keyd.json('list')['keys'][0]['id']
        keyd.ctl('create', '--org', 'acme', '--user', 'nobody', '--name', 'x')
        keyd.done('revoke', '--token', '--reason', 'leaked', stdin=token)
        entries = log_of(keyd)
        check_equal([(e['what'], e['outcome']) for e in entries],
                    [('start', 'done'), ('org-add', 'done'),
                     ('member-add', 'done'), ('create', 'done'),
                     ('create', 'not_found'), ('revoke', 'done')], 'entries')
        check_equal([e['seq'] for e in entries], [1, 2, 3, 4, 5, 6], 'seqs')
        made, refused, gone = entries[3], entries[4], entries[5]
        check_equal((made['keys'], made['user']), ([ident], 'alice'), 'made')
        check('nobody' in refused['detail'], 'the refusal says nothing')
        check_equal((gone['keys'], gone['detail'], gone['uid']),
                    ([ident], 'leaked', os.getuid()), 'revoked')
        check(gone['pid'] > 0, 'a pid')
        check(token not in json.dumps(entries), 'a token in the log')
        check_equal([e['seq'] for e in log_of(keyd, '--key', ident)], [4, 6],
                    'of the key')
        check_equal(log_of(keyd, '--org', 'other'), [], 'of another org')
        check_equal(len(log_of(keyd, '--since', '1h')), 6, 'since an hour')
        table = keyd.done('audit', '--key', ident).splitlines()
        check_equal(len(table), 3, 'lines of the table')
        check_match(r'^4 .* create +done .* acme +alice +%s +1 +ci$' % ident,
                    table[1], 'a row')
        check_equal(keyd.done('audit', 'check'),
                    'the audit log is whole, up to entry 6\n', 'check')


def strangers_are_told_of_but_cannot_fill_the_log():
    """denied requests are entries, then counts; so are unknown tokens"""
    need_root()
    with Keyd('admin_mode = 0666\n') as keyd:
        keyd.people()
        open_to_all(keyd)
        asked = 30
        for _ in range(asked):
            result = run(as_uid([KEYDCTL, '-r', keyd.runtime, 'status']))
            check_equal(result.returncode, 1, 'a stranger: ' + result.stderr)
        with keyd.verifier() as one:
            for _ in range(25):
                one.verify(new_token())
        keyd.restart()  # counts are written at a stop, if not each minute
        denied = [e for e in log_of(keyd) if e['outcome'] == 'denied']
        single = [e for e in denied if e['what'] != 'denied']
        check(10 <= len(single) <= 20, '%d single entries' % len(single))
        check_equal(len(single) + sum(e['count'] for e in denied), asked,
                    'denials')
        check(all(e['uid'] != 0 for e in denied), 'whose they are')
        unknown = [e for e in log_of(keyd) if e['what'] == 'unknown-tokens']
        check(1 <= len(unknown) <= 2, 'entries of unknown tokens')
        check_equal(sum(e['count'] for e in unknown), 25, 'unknown tokens')


def two_organizations(keyd):
    """acme with keys of alice and olga, globex with one of bob: their ids."""
    keyd.people()
    with keyd.admin() as admin:
        admin.org_add('globex', rate=1000, burst=1000)
        admin.member_add('globex', 'bob', 'owner')
        other = admin.create(client.digest_of(new_token()), 'globex', 'bob',
                             'b')
    return [keyd.create('a1')[1]['id'], keyd.create('a2', 'olga')[1]['id'],
            other['id']]


def told(entries, what):
    return [(e['org'], e['user'], e['keys'], e['count']) for e in entries
            if e['what'] == what]


def each_organization_finds_what_became_of_its_keys():
    """an entry is about keys of one organization, however many were named"""
    with Keyd() as keyd:
        one, two, other = two_organizations(keyd)
        keyd.done('revoke', one, other, two)
        check_equal(told(log_of(keyd), 'revoke'),
                    [('acme', 'alice', [one], 1), ('globex', 'bob', [other],
                                                   1),
                     ('acme', 'olga', [two], 1)], 'named')
    with Keyd() as keyd:
        one, two, other = two_organizations(keyd)
        time.sleep(2.1)
        keyd.done('revoke', '--unused-for', '1s', '--reason', 'idle')
        check_equal(told(log_of(keyd, '--org', 'acme'), 'revoke-all'),
                    [('acme', None, [one, two], 2)], 'of acme')
        check_equal(told(log_of(keyd, '--org', 'globex'), 'revoke-all'),
                    [('globex', 'bob', [other], 1)], 'of globex')
        check_equal(keyd.json('audit', 'check')['whole'], True, 'whole')


def an_imported_key_has_a_past():
    """the keys of an import are named, and so is the line that spoils one"""
    with Keyd('accept_foreign_tokens = true\n') as keyd:
        two_organizations(keyd)
        rows = [{'hash': '%064x' % n, 'org': org, 'user': user,
                 'name': 'n%d' % n}
                for n, (org, user) in enumerate(
                    [('acme', 'alice'), ('globex', 'bob')] * 3)]
        text = '\n'.join(json.dumps(row) for row in rows)
        keyd.done('import', '-', stdin=text)
        made = {key['name']: key['id'] for key in keyd.json('list')['keys']}
        entries = [e for e in log_of(keyd) if e['what'].startswith('import')]
        check_equal([(e['what'], e['org'], e['count'], e['keys'])
                     for e in entries],
                    [('import-rows', 'acme', 3,
                      [made['n%d' % n] for n in (0, 2, 4)]),
                     ('import-rows', 'globex', 3,
                      [made['n%d' % n] for n in (1, 3, 5)]),
                     ('import', None, 6, [])], 'an import')
        check_equal({e['detail'] for e in entries}, {'import 1'}, 'which')
        check_equal(told(log_of(keyd, '--key', made['n3']), 'import-rows'),
                    [('globex', 'bob', [made['n%d' % n] for n in (1, 3, 5)],
                      3)], 'of one key')
        check_equal(keyd.ctl('import', '-', stdin=text).returncode, 1, 'again')
        entries = log_of(keyd)[-2:]
        check_equal([(e['what'], e['outcome'], e['keys']) for e in entries],
                    [('import-rows', 'invalid', []),
                     ('import-abort', 'done', [])], 'what is refused')


def who_reaches_for_the_keys_of_others_is_named():
    """an issuer is told of no foreign key; the log says what was tried"""
    need_root()
    with Keyd('''admin_mode = 0666
              grant ci { users = {"12345"} power = "issue" orgs = {"acme"} }
              ''') as keyd:
        other = two_organizations(keyd)[2]
        open_to_all(keyd)
        none = 'key_' + 16 * '0'
        for ident in (other, none):
            for words in (('show',), ('rotate',), ('revoke',),
                          ('revoke', '--dry-run')):
                result = run(as_uid([KEYDCTL, '-r', keyd.runtime, *words,
                                     ident]))
                check_equal((result.returncode, result.stdout), (1, ''), words)
                check_match('there is no key ' + ident, result.stderr, words)
        wait_until('all is told', lambda: len([
            e for e in log_of(keyd) if e['uid'] == 12345]) == 6)
        entries = [e for e in log_of(keyd) if e['uid'] == 12345]
        check_equal(sorted((e['what'], e['outcome'], e['org'], e['keys'])
                           for e in entries if e['org']),
                    sorted((what, 'denied', 'globex', [other]) for what in
                           ('show', 'rotate', 'revoke', 'revoke')), 'denied')
        check_equal([(e['what'], e['outcome'], e['keys'])
                     for e in entries if not e['org']],
                    [('rotate', 'not_found', [none]),
                     ('revoke', 'not_found', [none])], 'not found')
        check_equal(len(log_of(keyd, '--key', other)), 5, 'of the key')


def a_reload_is_told():
    """a reload is an entry, with the reason when it was not taken"""
    with Keyd() as keyd:
        keyd.reload('')
        wait_until('the reload is told', lambda: any(
            e['what'] == 'reload' for e in log_of(keyd)))
        keyd.configure('plan = 3\n')
        os.kill(keyd.pid, 1)
        wait_until('the refusal is told', lambda: any(
            e['what'] == 'reload' and e['outcome'] == 'invalid' and
            e['detail'] for e in log_of(keyd)))


def a_changed_byte_is_named():
    """check names the entry in whose bytes one was changed on disk"""
    with Keyd() as keyd:
        keyd.people()
        mark = 'a remarkable reason'
        for name in ('one', 'two', 'three'):
            _token, made = keyd.create(name)
            keyd.done('revoke', made['id'], '--reason',
                      mark if name == 'two' else name)
        seq = [e['seq'] for e in log_of(keyd) if e['detail'] == mark]
        check_equal(len(seq), 1, 'entries with the mark')
        keyd.stop()
        path = os.path.join(keyd.state, 'data.mdb')
        with open(path, 'r+b') as file:
            # In an entry, not in the key's record, the ids of keys follow.
            # A page that was freed may have it too.
            found = list(re.finditer(mark.encode() + b'\0\1key_',
                                     file.read()))
            check(found, 'no such entry on disk')
            for one in found:
                file.seek(one.start())
                file.write(b'A')
        keyd.start()
        result = keyd.ctl('audit', 'check')
        check_equal((result.returncode, result.stdout), (1, ''), 'check')
        check_match('entry %d of the audit log is broken' % seq[0],
                    one_sentence(result.stderr), 'what check says')
        result = keyd.ctl('audit', 'prune', '--before', '1s')
        if result.returncode == 0:
            time.sleep(2)
            result = keyd.ctl('audit', 'prune', '--before', '1s')
        check_equal(result.returncode, 1, 'what is broken was pruned')


def what_is_pruned_was_exported_and_the_rest_is_whole():
    """export writes lines that prune removes, and the chain goes on"""
    with Keyd() as keyd:
        keyd.people()
        time.sleep(2.1)
        lines = keyd.done('audit', 'export', '--before', '1s').splitlines()
        old = [json.loads(line) for line in lines]
        check_equal([e['seq'] for e in old], list(range(1, len(old) + 1)),
                    'exported')
        check(len(old) >= 6, 'too few entries')
        check_equal(keyd.done('audit', 'prune', '--before', '1s'),
                    'removed %d entries; the log begins with entry %d\n'
                    % (len(old), len(old) + 1), 'prune')
        check_equal(keyd.json('audit', 'check')['whole'], True, 'whole')
        entries = log_of(keyd)
        check_equal([(e['seq'], e['what'], e['count']) for e in entries],
                    [(len(old) + 1, 'audit-prune', len(old))], 'what is left')
        keyd.restart()
        check_equal(keyd.json('audit', 'check')['whole'], True, 'restarted')
        for wrong in (('--before', '9999-01-01'), (), ('--before', '1w')):
            result = keyd.ctl('audit', 'prune', *wrong)
            check_equal((result.returncode, result.stdout), (2, ''), wrong)


def who_follows_sees_what_comes():
    """audit --follow prints what comes, through a restart of keyd"""
    with Keyd() as keyd:
        keyd.people()
        path = os.path.join(keyd.runtime, 'followed')
        with open(path, 'wb') as out:
            process = Processes.start(
                [KEYDCTL, '-r', keyd.runtime, '--json', 'audit', '--follow'],
                stdout=out)

        def lines():
            with open(path, encoding='utf-8') as file:
                return [json.loads(line) for line in file]

        wait_until('the log is read', lambda: lines() != [])
        keyd.restart()
        keyd.done('org', 'add', 'late')
        wait_until('the change is seen', lambda: 'late' in [
            entry['org'] for entry in lines()], 20)
        seqs = [entry['seq'] for entry in lines()]
        check_equal(seqs, list(range(1, len(seqs) + 1)), 'what was printed')
        process.terminate()
        check_equal(process.wait(10), 0, 'the end of --follow')


class Storm(threading.Thread):
    """Creates keys until keyd is gone."""

    def __init__(self, keyd, number):
        super().__init__(daemon=True)
        self.keyd = keyd
        self.number = number
        self.made = []

    def run(self):
        try:
            with self.keyd.admin() as admin:
                while True:
                    name = 'k%d-%d' % (self.number, len(self.made))
                    self.made.append(
                        self.keyd.create(name, admin=admin)[1]['id'])
        except (client.ProtocolError, EOFError, OSError):
            pass


def kill_9_tears_no_entry_from_its_change():
    """what was acknowledged has its entry, and each entry has its key"""
    with Keyd() as keyd:
        keyd.people()
        acknowledged = []
        for turn in range(scaled(10)):
            storms = [Storm(keyd, 10 * turn + i) for i in range(3)]
            for storm in storms:
                storm.start()
            time.sleep(0.1 + 0.03 * turn)
            wait_until('some keys are made', lambda: sum(
                len(storm.made) for storm in storms) > 10)
            keyd.kill()
            for storm in storms:
                storm.join()
                acknowledged += storm.made
            keyd.start()
        told = [ident for e in log_of(keyd)
                if (e['what'], e['outcome']) == ('create', 'done')
                for ident in e['keys']]
        there = {key['id'] for key in keyd.json('list')['keys']}
        check(len(acknowledged) > 10, 'a storm in a glass')
        check_equal(set(acknowledged) - set(told), set(), 'without an entry')
        check_equal(set(told), there, 'entries and keys')
        check_equal(len(told), len(set(told)), 'entries')
        check_equal(keyd.json('audit', 'check')['whole'], True, 'whole')


main(what_is_done_and_refused_is_told,
     strangers_are_told_of_but_cannot_fill_the_log,
     each_organization_finds_what_became_of_its_keys,
     an_imported_key_has_a_past,
     who_reaches_for_the_keys_of_others_is_named,
     a_reload_is_told,
     a_changed_byte_is_named,
     what_is_pruned_was_exported_and_the_rest_is_whole,
     who_follows_sees_what_comes,
     kill_9_tears_no_entry_from_its_change)
