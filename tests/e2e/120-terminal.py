#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""keydctl on a terminal: it shows, asks, and does not echo a token."""

import codecs
import os
import pty
import re
import select
import subprocess
import termios
import time

import client
from client import EXPIRED, OK, REVOKED
from harness import (Failure, KEYDCTL, Keyd, Processes, check, check_equal,
                     check_match, environment, main, new_token, record,
                     slowness)

CREATE = ('create', '--org', 'acme', '--user', 'alice', '--name', 'ci')


class Terminal:
    """keydctl with a terminal for standard input and standard error.

    With out=True standard output is a terminal too, else it is kept apart.
    """

    def __init__(self, keyd, *args, out=False):
        self.seen = ''
        self.decoder = codecs.getincrementaldecoder('utf-8')()
        self.master, slave = pty.openpty()
        self.process = Processes.start(
            [KEYDCTL, '-r', keyd.runtime, *args], stdin=slave, stderr=slave,
            stdout=slave if out else subprocess.PIPE, env=environment(
                TERM='xterm'), start_new_session=True)
        os.close(slave)

    def wait_for(self, pattern):
        end = time.monotonic() + 60 * slowness()
        while not re.search(pattern, self.seen):
            left = end - time.monotonic()
            if left < 0 or not self.read(left):
                raise Failure('no %r in %r' % (pattern, self.seen))

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 4096)
        except OSError:  # the other end is closed
            return False
        self.seen += self.decoder.decode(data)
        return data != b''

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def end(self):
        """Its exit status and standard output."""
        while self.read(60 * slowness()):
            pass
        out = b'' if self.process.stdout is None else (
            self.process.stdout.read())
        code = self.process.wait(timeout=60 * slowness())
        os.close(self.master)
        return code, out.decode()


def create_shows_and_asks():
    """create shows what the key may do, and makes it after yes"""
    with Keyd() as keyd:
        keyd.people()
        terminal = Terminal(keyd, *CREATE)
        terminal.wait_for(r'\[y/N\] ')
        for part in ('tests:write', 'files:write', 'acme', 'alice', 'ci'):
            check(part in terminal.seen, 'it does not show ' + part)
        check_equal(keyd.json('list')['keys'], [], 'keys before the answer')
        terminal.type('y\n')
        code, out = terminal.end()
        check_equal(code, 0, 'exit status: ' + terminal.seen)
        token = record(out.rstrip('\n'))
        check(client.check_token(token), 'stdout is not a token alone')
        check(token not in terminal.seen, 'the token is on stderr')
        check_equal(keyd.verdict(token), OK, 'verdict')


def no_makes_nothing():
    """n, an empty line, another word and the end of input make nothing"""
    with Keyd() as keyd:
        keyd.people()
        for answer in ('n\n', '\n', 'maybe\n', 'yesterday\n', '\x04'):
            terminal = Terminal(keyd, *CREATE)
            terminal.wait_for(r'\[y/N\] ')
            terminal.type(answer)
            check_equal(terminal.end(), (1, ''), 'after %r' % answer)
            check_equal(keyd.json('list', '--all')['keys'],
                        [], 'keys')


def a_refusal_comes_before_the_question():
    """what keyd would refuse is refused without a question"""
    with Keyd() as keyd:
        keyd.people()
        terminal = Terminal(keyd, 'create', '--org', 'acme', '--user', 'tom',
                            '--name', 'x')
        check_equal(terminal.end(), (1, ''), 'create')
        check('[y/N]' not in terminal.seen, 'it asked')


def revoke_asks():
    """revoke shows the key and asks; --yes does not"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        terminal = Terminal(keyd, 'revoke', made['id'])
        terminal.wait_for(r'\[y/N\] ')
        check(made['id'] in terminal.seen and 'alice' in terminal.seen,
              'it does not show the key')
        terminal.type('n\n')
        check_equal(terminal.end()[0], 1, 'exit status')
        check_equal(keyd.verdict(token), OK, 'verdict after n')
        terminal = Terminal(keyd, 'revoke', made['id'])
        terminal.wait_for(r'\[y/N\] ')
        terminal.type('yes\n')
        check_equal(terminal.end()[0], 0, 'exit status')
        check_equal(keyd.verdict(token), REVOKED, 'verdict after yes')
        token, made = keyd.create('ci')
        terminal = Terminal(keyd, 'revoke', made['id'], '--yes')
        check_equal(terminal.end()[0], 0, 'exit status')
        check('[y/N]' not in terminal.seen, 'it asked')
        check_equal(keyd.verdict(token), REVOKED, 'verdict')


def revoke_of_many_shows_them_all_and_asks():
    """revoke --org lists what would go; nothing to revoke is no question"""
    with Keyd() as keyd:
        keyd.people()
        tokens = [keyd.create(name)[0] for name in ('one', 'two', 'three')]
        terminal = Terminal(keyd, 'revoke', '--org', 'acme')
        terminal.wait_for(r'\[y/N\] ')
        for name in ('one', 'two', 'three'):
            check(name in terminal.seen, 'it does not show ' + name)
        terminal.type('n\n')
        check_equal(terminal.end(), (1, ''), 'after n')
        check_equal(keyd.verdict(tokens[0]), OK, 'verdict after n')
        terminal = Terminal(keyd, 'revoke', '--org', 'acme')
        terminal.wait_for(r'\[y/N\] ')
        terminal.type('y\n')
        check_equal(terminal.end(), (0, 'revoked 3 keys\n'), 'after y')
        for token in tokens:
            check_equal(keyd.verdict(token), REVOKED, 'verdict')
        terminal = Terminal(keyd, 'revoke', '--org', 'acme')
        check_equal(terminal.end(), (0, 'revoked 0 keys\n'), 'none left')
        check('[y/N]' not in terminal.seen, 'it asked')


def rotate_asks():
    """rotate shows the key, and makes the new one after yes"""
    with Keyd() as keyd:
        keyd.people()
        old, made = keyd.create('ci')
        terminal = Terminal(keyd, 'rotate', made['id'])
        terminal.wait_for(r'\[y/N\] ')
        check('alice' in terminal.seen, 'it does not show the key')
        terminal.type('n\n')
        check_equal(terminal.end(), (1, ''), 'after n')
        check_equal(len(keyd.json('list')['keys']), 1, 'keys')
        terminal = Terminal(keyd, 'rotate', made['id'], '--grace', '0s')
        terminal.wait_for(r'\[y/N\] ')
        terminal.type('y\n')
        code, out = terminal.end()
        check_equal(code, 0, 'exit status: ' + terminal.seen)
        token = record(out.rstrip('\n'))
        check(token not in terminal.seen, 'the token is on stderr')
        check_equal((keyd.verdict(token), keyd.verdict(old)), (OK, EXPIRED),
                    'verdicts')


def what_only_an_administrator_may_lose_is_asked_for():
    """audit prune and import ask before they do what cannot be undone"""
    with Keyd() as keyd:
        keyd.people()
        time.sleep(1.1)
        terminal = Terminal(keyd, 'audit', 'prune', '--before', '1s')
        terminal.wait_for(r'\[y/N\] ')
        terminal.type('n\n')
        check_equal(terminal.end(), (1, ''), 'after n')
        check_equal(keyd.json('audit')['entries'][0]['seq'], 1, 'entries')
        path = os.path.join(keyd.runtime, 'keys')
        with open(path, 'w', encoding='utf-8') as out:
            out.write('{"hash":"%s","org":"acme","user":"alice","name":"x"}'
                      % (64 * 'a'))
        for answer, code in (('n\n', 1), ('y\n', 0)):
            terminal = Terminal(keyd, 'import', path)
            terminal.wait_for(r'Import 1 key\? \[y/N\] ')
            check_equal(keyd.json('list')['keys'], [], 'before the answer')
            terminal.type(answer)
            check_equal(terminal.end()[0], code, 'exit status')
        check_equal(len(keyd.json('list')['keys']), 1, 'after yes')


def a_token_is_not_echoed():
    """verify asks for the token, and does not echo it"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        for text, wanted in ((token, 0), (new_token(), 1)):
            terminal = Terminal(keyd, 'verify')
            terminal.wait_for(r'[Tt]oken.*: ')
            check(not terminal.echoes(), 'the terminal echoes')
            terminal.type(text + '\n')
            code, out = terminal.end()
            check_equal(code, wanted, 'exit status')
            check_match('^(allow|deny 401 unknown)', out, 'verify')
            check(text[4:20] not in terminal.seen + out, 'the token is shown')


def hostile_names_do_not_reach_the_terminal():
    """what a stranger put in a name cannot move the terminal's cursor"""
    with Keyd() as keyd:
        keyd.people()
        keyd.create('käse ☕')
        with keyd.admin() as admin:
            for name in ('\x1b]0;title\x07', '\x9b31m', '\u202etxt.exe',
                         'two\nlines'):
                try:
                    keyd.create(name, admin=admin)
                except client.Refused as refused:
                    check_equal(refused.code, client.E_INVALID, str(refused))
        terminal = Terminal(keyd, 'list', '--all', out=True)
        check_equal(terminal.end()[0], 0, 'exit status')
        check('käse ☕' in terminal.seen, 'a good name is not shown')
        check(not re.search('\x1b]|\x9b|\u202e', terminal.seen),
              'control characters: %r' % terminal.seen)


def restore_asks():
    """restore says what would come of it, and does it after yes"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        path = os.path.join(keyd.folder, 'backup')
        keyd.done('backup', path)
        keyd.done('revoke', made['id'], '--yes')
        terminal = Terminal(keyd, 'restore', path)
        check_equal(terminal.end()[0], 1, 'without --force')
        check('[y/N]' not in terminal.seen, 'it asked')
        for answer, code, verdict in (('n', 1, REVOKED), ('y', 0, OK)):
            terminal = Terminal(keyd, 'restore', path, '--force')
            terminal.wait_for(r'Replace all .*\[y/N\] ')
            check_match(made['id'] + ' would be live again', terminal.seen,
                        'what it shows')
            check_equal(keyd.verdict(token), REVOKED, 'before')
            terminal.type(answer + '\n')
            check_equal(terminal.end()[0], code, 'exit status')
            check_equal(keyd.verdict(token), verdict, 'after')
        terminal = Terminal(keyd, 'restore', path, '--force', '--yes')
        check_equal(terminal.end()[0], 0, 'exit status')
        check('[y/N]' not in terminal.seen, 'it asked')


main(create_shows_and_asks, no_makes_nothing,
     a_refusal_comes_before_the_question, revoke_asks,
     revoke_of_many_shows_them_all_and_asks, rotate_asks,
     what_only_an_administrator_may_lose_is_asked_for, a_token_is_not_echoed,
     hostile_names_do_not_reach_the_terminal, restore_asks)
