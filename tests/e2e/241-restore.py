#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A backup is restored: whole or not at all, and nothing is lost unasked."""

import itertools
import json
import os
import shutil
import signal
import struct
import subprocess
import threading
import time

import client
from backup_file import pieces_of, send
from client import (E_BUSY, E_INVALID, E_NOT_FOUND, OK, RATE_LIMITED,
                    RESTORE_BEGIN, RESTORE_CHECK, RESTORE_CHUNK,
                    RESTORE_COMMIT, REVOKED, UNKNOWN)
from harness import (KEYDCTL, LIBRARIES, Keyd, Processes, Scratch, check,
                     check_equal, check_match, check_refused, environment,
                     main, one_sentence, sanitized, scaled, wait_until)

numbers = itertools.count()
NOTHING_LOST = '; nothing was restored$'


def new_path():
    return os.path.join(Scratch.get(), 'backup%d' % next(numbers))


def back_up(keyd):
    path = new_path()
    keyd.done('backup', path)
    return path


def same_hash_key(keyd, config=''):
    """A keyd of a new state directory with the hash key of the other."""
    other = Keyd(config)
    os.mkdir(other.state, 0o700)
    shutil.copy(os.path.join(keyd.state, 'hash.key'), other.state)
    return other


def fill(keyd, count, name='filling'):
    rows = [{'digest': client.digest_of('%s %d' % (name, at)), 'org': 'acme',
             'user': 'alice', 'name': '%s %d' % (name, at), 'role': '',
             'context': '', 'project': 'a project' * 9, 'created': 0,
             'expires': 0} for at in range(count)]
    with keyd.admin() as admin:
        ident = admin.import_step(client.IMPORT_BEGIN)['id']
        for at in range(0, count, 64):
            check_equal(admin.import_step(
                client.IMPORT_ROWS, ident, rows[at:at + 64])['why'], '',
                        'import')
        admin.import_step(client.IMPORT_COMMIT, ident)


def seen(keyd):
    """All that an administrator sees, but for the log and the time."""
    told = [keyd.json(*args) for args in (
        ('org', 'list'), ('member', 'list', 'acme'), ('list', '--all'))]
    for key in told[2]['keys']:
        del key['due_days']
    return told


def states(keyd):
    return {key['id']: key['state']
            for key in keyd.json('list', '--all')['keys']}


def a_new_host_has_it_all():
    """tokens, plans, members, uses and the log are there on another host"""
    with Keyd() as keyd:
        keyd.people()
        keyd.done('org', 'add', 'globex', '--plan', 'pro')
        tokens = [keyd.create('k%d' % at) for at in range(5)]
        keyd.done('revoke', tokens[1][1]['id'], '--yes', '--reason', 'leaked')
        rotated = keyd.json('rotate', tokens[2][1]['id'], '--grace', '1h',
                            '--yes')
        for token, _ in tokens:
            keyd.verdict(token)
        keyd.restart()  # so that uses are written
        was = seen(keyd)
        log = keyd.json('audit')['entries']
        path = back_up(keyd)
        with same_hash_key(keyd) as other:
            result = other.ctl('restore', path)
            check_equal((result.returncode, result.stdout),
                        (0, 'restored 6 keys\n'), 'restore')
            check_match('revoked after 2.*Z are live again here',
                        one_sentence(result.stderr), 'a warning')
            check_equal([other.verdict(token) for token, _ in tokens],
                        [OK, REVOKED, OK, OK, OK], 'verdicts')
            check_equal(other.verdict(rotated['token']), OK, 'rotated')
            check_equal(other.verdict(tokens[0][0], 'billing:manage'),
                        client.FORBIDDEN, 'permissions')
            other.restart()
            now = seen(other)
            check_equal(now[:2], was[:2], 'organizations and members')
            for one in (*was[2]['keys'], *now[2]['keys']):
                for field in ('uses', 'first_used', 'last_used', 'refused',
                              'last_refused'):
                    one.pop(field)
            check_equal(now[2], was[2], 'keys')
            check_equal([(entry['seq'], entry['what']) for entry in
                         other.json('audit')['entries']][-4:-1],
                        [(log[-1]['seq'], log[-1]['what']),
                         (len(log) + 1, 'start'),
                         (len(log) + 2, 'restore')], 'the log')
            check_equal(other.json('audit')['entries'][:len(log)], log,
                        'the log of before')
            other.done('audit', 'check')
            for name in ('orgs', 'members', 'keys', 'revoked_keys',
                         'last_backup', 'last_backup_size'):
                check_equal(other.json('status')[name],
                            keyd.json('status')[name], name)
            # It goes on from there.
            token = other.create('more')[0]
            check_equal(other.verdict(token), OK, 'a new key')
            result = other.ctl('create', '--org', 'acme', '--user', 'alice',
                               '--name', 'k0')
            check_match('the name is taken', one_sentence(result.stderr),
                        'a name')
            other.done('audit', 'check')


def what_would_be_lost_is_named():
    """a revoked key is not live again, and none is lost, without --force"""
    with Keyd() as keyd:
        keyd.people()
        tokens = [keyd.create('k%d' % at) for at in range(4)]
        path = back_up(keyd)
        check_equal(keyd.done('restore', path, '--dry-run').splitlines()[1:],
                    [], 'nothing to lose')
        gone = sorted(made['id'] for _, made in tokens[1:3])
        keyd.done('revoke', *gone, '--yes')
        later = keyd.create('later')[0]
        before = seen(keyd), keyd.json('status')['keys']
        result = keyd.ctl('restore', path, '--yes')
        check_equal(result.returncode, 1, 'exit status')
        lines = result.stdout.splitlines()
        check_equal(sorted(line.split()[0] for line in lines
                           if 'live again' in line), gone, 'who comes back')
        check('lost: 1 of the 5 keys that there are now' in lines, 'lost')
        check_match('2 revoked or expired keys would be live again, 1 key '
                    'lost and 2 later changes undone; .*--force',
                    one_sentence(result.stderr), 'why')
        result = keyd.ctl('--json', 'restore', path)
        told = json.loads(result.stdout)
        check_equal((result.returncode, told['restored'], told['lost_keys'],
                     told['changes_undone'], sorted(told['live_again']),
                     told['error']['status']),
                    (1, False, 1, 2, gone, 'exists'), 'as JSON')
        told = keyd.json('restore', path, '--dry-run')
        check_equal((told['dry_run'], told['needs_force'],
                     sorted(told['live_again'])), (True, True, gone),
                    'a dry run')
        check_equal((seen(keyd), keyd.json('status')['keys']), before,
                    'what there is')
        check_equal(keyd.verdict(tokens[1][0]), REVOKED, 'revoked')
        told = keyd.json('restore', path, '--force')
        check_equal((told['restored'], told['keys'], sorted(
            told['live_again'])), (True, 4, gone), 'by force')
        check_equal([keyd.verdict(token) for token, _ in tokens], 4 * [OK],
                    'verdicts')
        check_equal(keyd.verdict(later), UNKNOWN, 'lost')
        entry = keyd.json('audit')['entries'][-1]
        check_equal((entry['what'], sorted(entry['keys']), entry['uid']),
                    ('restore', gone, os.getuid()), 'the log')
        keyd.done('audit', 'check')
        # The log has what was undone, so it is known that there is more.
        check_equal(keyd.ctl('restore', path).returncode, 1, 'again')
        other = back_up(keyd)
        keyd.done('org', 'set', 'acme', '--plan', 'pro')
        check_match('0 keys lost and 1 later change undone',
                    keyd.ctl('restore', other).stderr, 'another plan')


def every_byte_counts():
    """a file that was changed, cut or lengthened anywhere is refused"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with open(back_up(keyd), 'rb') as file:
            good = file.read()
        log = len(keyd.json('audit')['entries'])
        path = new_path()
        with same_hash_key(keyd) as other:
            def refused(data, said):
                with open(path, 'wb') as out:
                    out.write(data)
                result = other.ctl('restore', path)
                check_equal((result.returncode, result.stdout), (1, ''), said)
                check_match(said + '.*' + NOTHING_LOST,
                            one_sentence(result.stderr), said)

            def changed(at, bit):
                data = bytearray(good)
                data[at] ^= 1 << bit
                return bytes(data)

            for at in range(0, len(good), 97):
                refused(changed(at, at % 8), '')
                refused(good[:at], '')
            refused(good[:-1], 'changed or cut')
            refused(good + b'x', 'behind the end')
            refused(b'', 'no backup of keyd')
            refused(b'keyd-backup 2\n' + good[14:], 'a newer keyd')
            with other.admin() as admin:
                for at in range(len(good)):
                    try:
                        send(admin, changed(at, at % 8))
                    except (client.Refused, struct.error) as why:
                        check(isinstance(why, struct.error)
                              or why.code == E_INVALID, 'byte %d' % at)
                        continue
                    # A length that became greater is never sent whole.
                    check_refused(E_NOT_FOUND, admin.restore_step,
                                  RESTORE_COMMIT, len(good), bytes(16), 1)
            check_equal(other.json('list', '--all')['keys'], [], 'keys')
            check_equal(other.verdict(token), UNKNOWN, 'verdict')
            check_match('restore-chunk', other.done('audit'), 'the log')
            other.done('audit', 'check')
            with open(path, 'wb') as out:
                out.write(good)
            other.done('restore', path)
            check_equal(other.verdict(token), OK, 'verdict')
            check(len(other.json('audit')['entries']) > log, 'the log')
        for wrong in (new_path(), Scratch.get(), os.devnull):
            result = keyd.ctl('restore', wrong)
            check_equal((result.returncode, result.stdout), (1, ''), wrong)
            check_match(NOTHING_LOST, one_sentence(result.stderr), wrong)
        check_equal(keyd.ctl('restore').returncode, 2, 'no file')


def another_hash_key_is_said():
    """the file of another hash key is refused, with what to do"""
    with Keyd() as keyd:
        keyd.people()
        path = back_up(keyd)
        with Keyd() as other:
            result = other.ctl('restore', path, '--force')
            check_equal(result.returncode, 1, 'exit status')
            check_match('another hash key: put the hash.key of then',
                        one_sentence(result.stderr), 'why')


def a_crash_leaves_what_was():
    """kill -9 at any moment: all of the old state, or all of the new one"""
    with Keyd() as keyd:
        keyd.people()
        fill(keyd, scaled(3000), 'old')
        path = back_up(keyd)
        with open(path, 'rb') as file:
            data = file.read()
        keyd.done('revoke', '--org', 'acme', '--yes')
        token = keyd.create('later', 'olga')[0]
        was = seen(keyd)
        files = sorted(os.listdir(keyd.state))

        with keyd.admin() as admin:
            check(send(admin, data)['whole'], 'the file')
            check_equal(sorted(os.listdir(keyd.state)), files, 'files')
            keyd.kill()
        keyd.start()
        check_equal(seen(keyd), was, 'before it was committed')
        keyd.done('audit', 'check')

        states_then = states(keyd)
        old = 0
        turns = range(6)
        for turn in turns:
            with keyd.admin() as admin:
                send(admin, data)
                admin.send(RESTORE_COMMIT, client.encode(
                    client.RESTORE_FIELDS, {'at': len(data), 'force': 1,
                                            'bytes': bytes(16)}))
                time.sleep(turn * turn * 0.01)
                keyd.kill()
            keyd.start()
            keyd.done('audit', 'check')
            if states(keyd) != states_then:
                break
            check_equal(keyd.verdict(token), OK, 'verdict')
            old += 1
        print('    killed %d times in a commit before one was on disk' % old)
        if old == len(turns):
            keyd.done('restore', path, '--force')
        check_equal(keyd.verdict(token), UNKNOWN, 'the later key')
        check_equal({key['state'] for key in keyd.json('list', '--all')[
            'keys']}, {'live'}, 'states')
        check_equal(keyd.json('status')['keys'], scaled(3000), 'keys')
        keyd.done('audit', 'check')


class Library:
    """A process of its own that verifies through libkeyd, with its cache."""

    PROGRAM = '''
import ctypes, sys, time
keyd = ctypes.CDLL(sys.argv[1])
for line in sys.stdin:
    print(keyd.keyd_verify(line.strip().encode(), None, None), flush=True)
'''

    def __init__(self, keyd):
        self.process = Processes.start(
            ['python3', '-B', '-c', self.PROGRAM,
             os.path.join(LIBRARIES, 'libkeyd.so.0')], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
            env=environment(KEYD_RUNTIME_DIR=keyd.runtime))

    def verify(self, token):
        self.process.stdin.write(token + '\n')
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def what_a_client_keeps_is_void():
    """a verdict that a server has in its cache does not outlive a restore"""
    with Keyd() as keyd:
        keyd.people()
        back, made = keyd.create('back')
        stays = keyd.create('stays')[0]
        gone, its = keyd.create('revoked')
        keyd.done('revoke', its['id'], '--yes')
        path = back_up(keyd)
        keyd.done('revoke', made['id'], '--yes')
        later = keyd.create('later')[0]
        if sanitized():  # whose runtime Python does not have
            keyd.done('restore', path, '--force')
            check_equal([keyd.verdict(token) for token in (
                stays, later, gone, back)], [OK, UNKNOWN, REVOKED, OK],
                        'verdicts')
            return
        for turn in range(5):
            library = Library(keyd)
            for _ in range(20):
                check_equal([library.verify(token) for token in (
                    stays, later, gone)], [OK, OK, REVOKED], 'before')
            hits = keyd.json('status')['verified']
            for _ in range(50):
                library.verify(later)
            check(keyd.json('status')['verified'] - hits < 50,
                  'the library keeps nothing')
            keyd.done('restore', path, '--force')
            check_equal([library.verify(token) for token in (
                later, stays, gone, back)], [UNKNOWN, OK, REVOKED, OK],
                        'after the restore, turn %d' % turn)
            library.close()
            keyd.done('revoke', made['id'], '--yes')
            with keyd.admin() as admin:
                admin.create(client.digest_of(later), 'acme', 'alice',
                             'later')


def limits_begin_anew():
    """who has used up the limit has it used up after a restore, too"""
    with Keyd() as keyd:
        keyd.people()
        slow = ('org', 'set', 'acme', '--burst', '10', '--rate')
        keyd.done(*slow, '1')
        token = keyd.create('ci')[0]
        path = back_up(keyd)
        while keyd.verdict(token) == OK:
            pass
        keyd.done('restore', path)
        check_equal(keyd.verdict(token), RATE_LIMITED, 'at once')
        keyd.restart()
        check_equal(keyd.verdict(token), RATE_LIMITED, 'after a new start')
        keyd.done(*slow, '60')
        wait_until('there is one more', lambda: keyd.verdict(token) == OK)


def one_at_a_time():
    """a second restore is refused until the first client is gone"""
    with Keyd() as keyd:
        keyd.people()
        fill(keyd, 200)
        path = back_up(keyd)
        with open(path, 'rb') as file:
            data = file.read()
        descriptors = keyd.settled_descriptors()
        with keyd.admin() as one, keyd.admin() as two:
            pieces = list(pieces_of(data))
            one.restore_step(RESTORE_BEGIN, *pieces[0])
            check_match('another restore', check_refused(
                E_BUSY, two.restore_step, RESTORE_BEGIN, *pieces[0]).text,
                        'why')
            check_refused(E_NOT_FOUND, two.restore_step, RESTORE_CHUNK,
                          *pieces[1])
            check_refused(E_NOT_FOUND, one.restore_step, RESTORE_CHECK)
            result = keyd.ctl('restore', path)
            check_equal(result.returncode, 3, 'exit status')
            check_match('another restore', one_sentence(result.stderr), 'why')
        wait_until('nothing is left of it',
                   lambda: keyd.descriptors() == descriptors)
        for number in (signal.SIGINT, signal.SIGKILL):
            os.kill(keyd.pid, signal.SIGSTOP)
            process = Processes.start(
                [KEYDCTL, '-r', keyd.runtime, 'restore', path],
                env=environment(), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True)
            time.sleep(0.1)
            process.send_signal(number)
            os.kill(keyd.pid, signal.SIGCONT)
            process.communicate(timeout=60)
            check(process.returncode != 0, 'exit status')
        check_equal(keyd.json('status')['keys'], 200, 'keys')
        wait_until('nothing is left of it',
                   lambda: keyd.descriptors() == descriptors)
        check_match('restored 200 keys', keyd.done('restore', path), 'then')
        with open(path, 'rb') as file:
            result = subprocess.run(
                [KEYDCTL, '-r', keyd.runtime, '--json', 'restore', '-',
                 '--force'], stdin=file, capture_output=True, timeout=60,
                env=environment(), check=False)
        check_equal((result.returncode, json.loads(result.stdout)['keys']),
                    (0, 200), 'standard input')


def verifies_go_on():
    """while much is restored, tokens are verified as ever"""
    count = scaled(20000)
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        fill(keyd, count)
        path = back_up(keyd)
        result = []
        thread = threading.Thread(target=lambda: result.append(
            keyd.ctl('restore', path)))
        began = time.monotonic()
        thread.start()
        longest = 0
        turns = 0
        with keyd.verifier() as verifier:
            while thread.is_alive():
                start = time.monotonic()
                check_equal(verifier.verify(token)['code'], OK, 'verdict')
                longest = max(longest, time.monotonic() - start)
                turns += 1
        check_equal((result[0].returncode, result[0].stdout),
                    (0, 'restored %d keys\n' % (count + 1)), 'restore')
        print('    %d keys in %.2f s; the longest of %d verifies took %.1f ms'
              % (count, time.monotonic() - began, turns, longest * 1000))
        check_equal(keyd.verdict(token), OK, 'verdict')


main(a_new_host_has_it_all, what_would_be_lost_is_named, every_byte_counts,
     another_hash_key_is_said, a_crash_leaves_what_was,
     what_a_client_keeps_is_void, limits_begin_anew, one_at_a_time,
     verifies_go_on)
