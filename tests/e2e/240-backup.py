#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A backup: all there was at one moment, in a file that is whole or not there.

What is in the file is looked at by what keyd-backup(5) says of it.
"""

import itertools
import os
import signal
import stat
import subprocess
import threading
import time

import client
from backup_file import BackupFile, indexes_agree
from client import (BACKUP_BEGIN, BACKUP_DONE, BACKUP_READ, E_BUSY, E_INVALID,
                    E_NOT_FOUND, REVOKED)
from harness import (KEYDCTL, Keyd, Processes, Scratch, check, check_equal,
                     check_match, check_refused, environment, main,
                     one_sentence, scaled, tokens_in, wait_until)


def new_folder():
    folder = os.path.join(Scratch.get(), 'b%d' % next(new_folder.numbers))
    os.mkdir(folder, 0o700)
    return folder


new_folder.numbers = itertools.count()


def hash_key(keyd):
    with open(os.path.join(keyd.state, 'hash.key'), 'rb') as file:
        return file.read()


def back_up(keyd):
    path = os.path.join(new_folder(), 'backup')
    told = keyd.json('backup', path)
    backup = BackupFile(path, hash_key(keyd))
    check_equal(told, {
        'made': client_time(backup.head['made']), 'keys': backup.head['keys'],
        'size': len(backup.data)}, 'what keydctl says')
    return backup


def client_time(when):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(when))


def fill(keyd, count):
    """So many keys at once, by an import; they are made, none was used."""
    rows = [{'digest': client.digest_of('sk %d' % at), 'org': 'acme',
             'user': 'tom' if at % 2 else 'alice', 'name': 'filling %d' % at,
             'role': 'tester', 'context': '', 'project': 'a project' * 9,
             'created': 0, 'expires': 0} for at in range(count)]
    keyd.done('member', 'set', 'acme', 'tom', '--role', 'editor')
    with keyd.admin() as admin:
        ident = admin.import_step(client.IMPORT_BEGIN)['id']
        for at in range(0, count, 64):
            told = admin.import_step(client.IMPORT_ROWS, ident,
                                     rows[at:at + 64])
            check_equal(told['why'], '', 'import')
        admin.import_step(client.IMPORT_COMMIT, ident)


def it_has_all_there_is():
    """keys, organizations, members, uses and the log; and is told of"""
    with Keyd() as keyd:
        keyd.people()
        check_equal(keyd.json('status')['last_backup'], None, 'none yet')
        check_match('last_backup: *never', keyd.done('status'), 'none yet')
        token, made = keyd.create('ci')
        keyd.create('other', 'olga')
        gone = keyd.create('gone')[1]
        keyd.done('revoke', gone['id'], '--yes', '--reason', 'it leaked')
        keyd.verdict(token)
        keyd.restart()  # so that its uses are written
        path = os.path.join(new_folder(), 'backup')
        result = keyd.ctl('backup', path)
        check_equal((result.returncode, result.stdout), (0, ''), 'keydctl')
        check_match(r'^keydctl: backup of 3 keys as of 2.*Z, \d+ bytes$',
                    result.stderr, 'what it says')
        check_equal(os.listdir(os.path.dirname(path)), ['backup'], 'files')
        check_equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, 'mode')
        backup = BackupFile(path, hash_key(keyd))
        keys = backup.keys()
        check_equal(
            {(key['id'], key['name'], bool(key['revoked']), key['reason'])
             for key in keys.values()},
            {(key['id'], key['name'], key['state'] == 'revoked',
              key['reason'] or '')
             for key in keyd.json('list', '--all')['keys']}, 'keys')
        check_equal(set(backup.table('orgs')), {b'acme'}, 'organizations')
        check_equal(len(backup.table('members')), 4, 'members')
        check_equal(set(backup.table('usage')), {keys[made['id']]['serial']},
                    'uses')
        check('limits' not in backup.tables, 'what a stop left is in it')
        check_equal(backup.head['software'].split()[0], 'keyd', 'software')
        check_equal([event['ids'] for event in backup.events()
                     if event['what'] == client.REVOKE], [[gone['id']]],
                    'the log')
        told = keyd.json('status')
        check_equal((told['last_backup'], told['last_backup_keys'],
                     told['last_backup_size']),
                    (client_time(backup.head['made']), 3, len(backup.data)),
                    'status')
        keyd.restart()
        check_equal(keyd.json('status')['last_backup'], told['last_backup'],
                    'status after a new start')
        check_equal([(event['what'], event['count'], event['uid'])
                     for event in keyd.json('audit')['entries']
                     if 'backup' in event['what']],
                    [('backup-begin', 3, os.getuid()),
                     ('backup', 3, os.getuid())], 'the log of keyd')
        check_match('backup .*%d bytes' % len(backup.data), keyd.done('audit'),
                    'the log')


def nothing_secret_is_in_it():
    """no token, no digest and no hash key"""
    with Keyd() as keyd:
        keyd.people()
        tokens = [keyd.create('k%d' % at)[0] for at in range(50)]
        for token in tokens:
            keyd.verdict(token)
        data = back_up(keyd).data
        check_equal(tokens_in(data), [], 'tokens')
        for secret in (hash_key(keyd), *map(client.digest_of, tokens)):
            for text in (secret, secret.hex().encode(), secret[:16]):
                check(text not in data, 'a secret is in it')


class Busy:
    """Makes and revokes keys, in a thread of its own, until it is stopped."""

    def __init__(self, keyd, name):
        self.keyd, self.name = keyd, name
        self.made, self.revoked = [], []
        self.longest = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with self.keyd.admin() as admin:
            for number in itertools.count():
                if self.stopped.is_set():
                    return
                began = time.monotonic()
                made = admin.create(
                    client.digest_of('%s %d' % (self.name, number)), 'acme',
                    'alice', '%s %d' % (self.name, number))
                self.made.append(made['id'])
                if number % 2:
                    admin.revoke(made['id'])
                    self.revoked.append(made['id'])
                self.longest = max(self.longest, time.monotonic() - began)

    def stop(self):
        self.stopped.set()
        self.thread.join()


def it_is_of_one_moment():
    """others make and revoke keys meanwhile: keys, indexes and log agree"""
    count = scaled(10000)
    with Keyd() as keyd:
        keyd.people()
        fill(keyd, count)
        busy = [Busy(keyd, name) for name in ('a', 'b')]
        wait_until('they are at work',
                   lambda: all(len(one.revoked) > 5 for one in busy))
        for _ in range(3):
            before = [(list(one.made), list(one.revoked)) for one in busy]
            began = time.monotonic()
            backup = back_up(keyd)
            took = time.monotonic() - began
            keys = backup.keys()
            for made, revoked in before:
                check(set(made) <= set(keys), 'an acknowledged key is missing')
                check(all(keys[ident]['revoked'] for ident in revoked),
                      'an acknowledged revocation is missing')
            indexes_agree(backup)
            told = {client.CREATE: set(), client.REVOKE: set()}
            for event in backup.events():
                if event['what'] in told:
                    told[event['what']] |= set(event['ids'])
            check_equal(told, {
                client.CREATE: {ident for ident, key in keys.items()
                                if not key['name'].startswith('filling')},
                client.REVOKE: {ident for ident, key in keys.items()
                                if key['revoked']}}, 'what the log says')
        for one in busy:
            one.stop()
        print('    %d keys, %d bytes: %.2f s; %d changes meanwhile, the '
              'longest two took %.0f ms' % (
                  len(keys), len(backup.data), took,
                  sum(len(one.made + one.revoked) for one in busy),
                  1000 * max(one.longest for one in busy)))


def one_at_a_time():
    """a second backup is refused, until the client of the first is gone"""
    with Keyd() as keyd:
        keyd.people()
        fill(keyd, 300)
        path = os.path.join(new_folder(), 'backup')
        with keyd.admin() as one, keyd.admin() as two:
            first = one.backup_step(BACKUP_BEGIN)
            check(first['piece'].startswith(b'keyd-backup 1\n'), 'magic')
            check_match('another backup', check_refused(
                E_BUSY, two.backup_step, BACKUP_BEGIN).text, 'why')
            check_refused(E_BUSY, one.backup_step, BACKUP_BEGIN)
            check_refused(E_NOT_FOUND, two.backup_step, BACKUP_READ,
                          first['size'])
            check_refused(E_INVALID, one.backup_step, BACKUP_READ, 7)
            result = keyd.ctl('backup', path)
            check_equal(result.returncode, 3, 'exit status')
            check_match('another backup is under way',
                        one_sentence(result.stderr), 'why')
            check_equal(os.listdir(os.path.dirname(path)), [], 'files')
            after = one.backup_step(BACKUP_READ, first['size'])
            check_equal(after['size'], first['size'] + len(after['piece']),
                        'size')
            check_equal(after['last'], 0, 'last')
        wait_until('the snapshot is gone',
                   lambda: keyd.ctl('backup', path).returncode == 0)
        check_equal(len(back_up(keyd).keys()), 300, 'keys')


def only_a_whole_one_is_noted():
    """what did not come to its end is not the last backup"""
    with Keyd() as keyd:
        keyd.people()
        keyd.create('ci')
        with keyd.admin() as admin:
            piece = admin.backup_step(BACKUP_BEGIN)
            tail = piece['piece']
            while not piece['last']:
                piece = admin.backup_step(BACKUP_READ, piece['size'])
                tail = (tail + piece['piece'])[-255:]
            check_refused(E_NOT_FOUND, admin.backup_step, BACKUP_READ,
                          piece['size'])
            other_end = bytes([tail[-1] ^ 1])
            for wrong in (b'', tail[-80:], tail[:-1], tail[:-1] + other_end,
                          bytes(255)):
                check_refused(E_INVALID, admin.backup_step, BACKUP_DONE,
                              piece['size'], wrong)
            check_refused(E_INVALID, admin.backup_step, BACKUP_DONE,
                          piece['size'] - 1, tail)
            check_equal(keyd.json('status')['last_backup'], None, 'none yet')
            for _ in range(2):
                done = admin.backup_step(BACKUP_DONE, piece['size'], tail)
                check_equal((done['size'], done['keys']), (piece['size'], 1),
                            'done')
        check_equal(len([event for event in keyd.json('audit')['entries']
                         if event['what'] == 'backup'
                         and event['outcome'] == 'done']), 1, 'the log')


def start_backup(keyd, path):
    return Processes.start(
        [KEYDCTL, '-r', keyd.runtime, 'backup', path], env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end_of(process):
    _, said = process.communicate(timeout=60)
    return process.returncode, one_sentence(said)


def nothing_half_is_left():
    """whatever goes wrong, there is no file, and what was there stays"""
    with Keyd() as keyd:
        keyd.people()
        fill(keyd, scaled(2000))
        folder = new_folder()
        there = os.path.join(folder, 'there')
        with open(there, 'w', encoding='ascii') as file:
            file.write('mine')
        os.symlink('nowhere', os.path.join(folder, 'link'))
        present = sorted(os.listdir(folder))

        def stays(what):
            check_equal(sorted(os.listdir(folder)), present, what)

        for path, said in (
                (there, 'there is a file of this name'),
                (os.path.join(folder, 'link'), 'there is a file'),
                (folder, 'there is a file'), (folder + '/', 'directory'),
                (os.path.join(folder, 'none', 'x'), 'No such file'),
                (os.path.join(there, 'x'), 'Not a directory')):
            result = keyd.ctl('backup', path)
            check_equal((result.returncode, result.stdout), (1, ''), path)
            check_match(said, one_sentence(result.stderr), path)
            stays(path)
        with open(there, encoding='ascii') as file:
            check_equal(file.read(), 'mine', 'what was there')
        for args in (('backup',), ('backup', there, there), ('backup', '-')):
            check_equal(keyd.ctl(*args).returncode, 2, args)

        path = os.path.join(folder, 'new')
        result = keyd.ctl('backup', path,
                          wrapper=('prlimit', '--fsize=10000'))
        check_equal(result.returncode, 1, 'no room')
        check_match('File too large; no backup was made',
                    one_sentence(result.stderr), 'no room')
        stays('no room')

        # keyd stands still, so that something can happen in between.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(keyd.pid, signal.SIGSTOP)
            process = start_backup(keyd, path)
            wait_until('it has begun', lambda: len(os.listdir(folder)) > len(
                present))
            time.sleep(0.05)
            process.send_signal(number)
            os.kill(keyd.pid, signal.SIGCONT)
            code, said = end_of(process)
            check_equal(code, 1, 'exit status')
            check_match('interrupted; no backup was made', said, 'why')
            stays('signal %d' % number)

        os.kill(keyd.pid, signal.SIGSTOP)
        process = start_backup(keyd, path)
        wait_until('it has begun', lambda: len(os.listdir(folder)) > len(
            present))
        with open(path, 'w', encoding='ascii') as file:
            file.write('came meanwhile')
        os.kill(keyd.pid, signal.SIGCONT)
        check_equal(end_of(process)[0], 1, 'exit status')
        with open(path, encoding='ascii') as file:
            check_equal(file.read(), 'came meanwhile', 'what came there')
        os.unlink(path)
        stays('what came there')

        check_equal(keyd.json('status')['last_backup'], None, 'none was made')
        process = start_backup(keyd, path)
        process.kill()
        process.wait()
        wait_until('the snapshot is gone', lambda: keyd.ctl(
            'backup', os.path.join(new_folder(), 'x')).returncode == 0)


def keyd_may_end():
    """keyd dies or stops in the middle: no file; and it starts as ever"""
    with Keyd() as keyd:
        keyd.people()
        fill(keyd, 100)
        folder = new_folder()
        path = os.path.join(folder, 'backup')
        for number in (signal.SIGKILL, signal.SIGTERM):
            with keyd.admin() as admin:
                piece = admin.backup_step(BACKUP_BEGIN)
                keyd.end(number)
                keyd.start()
            with keyd.admin() as admin:
                check_refused(E_NOT_FOUND, admin.backup_step, BACKUP_READ,
                              piece['size'])
            os.kill(keyd.pid, signal.SIGSTOP)
            process = start_backup(keyd, path)
            wait_until('it has begun', lambda: os.listdir(folder))
            keyd.kill()
            check_equal(end_of(process)[0], 3, 'exit status')
            check_equal(os.listdir(folder), [], 'files')
            keyd.start()
        check_equal(len(back_up(keyd).keys()), 100, 'keys')


def a_revocation_does_not_wait():
    """while a backup stands still a key is revoked, at once and for good"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        with keyd.admin() as admin:
            piece = admin.backup_step(BACKUP_BEGIN)
            keyd.done('revoke', made['id'], '--yes')
            check_equal(keyd.verdict(token), REVOKED, 'verdict')
            while not piece['last']:
                piece = admin.backup_step(BACKUP_READ, piece['size'])
            check_equal(keyd.verdict(token), REVOKED, 'verdict')


def the_disk_of_keyd_may_be_full():
    """what a backup holds is let go when there is no room for changes"""
    with Keyd('map_size = 10') as keyd:
        keyd.people()
        with keyd.admin() as admin, keyd.admin() as other:
            piece = admin.backup_step(BACKUP_BEGIN)
            for at in itertools.count():
                if 'given up' in keyd.log():
                    break
                check(at < 5000, 'it is held for ever')
                other.create(client.digest_of('full %d' % at), 'acme',
                             'alice', 'full %d' % at)
            check_match('the database grew', check_refused(
                E_NOT_FOUND, admin.backup_step, BACKUP_READ,
                piece['size']).text, 'why')
            other.create(client.digest_of('more'), 'acme', 'alice', 'more')


main(it_has_all_there_is, nothing_secret_is_in_it, it_is_of_one_moment,
     one_at_a_time, only_a_whole_one_is_noted, nothing_half_is_left,
     keyd_may_end, a_revocation_does_not_wait, the_disk_of_keyd_may_be_full)
