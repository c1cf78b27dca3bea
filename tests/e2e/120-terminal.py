#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""keydctl on a terminal: it shows, asks, and does not echo a token."""

import os
import pty
import re
import select
import subprocess
import termios
import time

import client
from client import OK, REVOKED
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
        self.master, slave = pty.openpty()
        self.process = Processes.start(
            [KEYDCTL, '-r', keyd.runtime, *args], stdin=slave, stderr=slave,
            stdout=slave if out else subprocess.PIPE, env=environment(
                TERM='xterm'), start_new_session=True)
        os.close(slave)

    def wait_for(self, pattern):
        end = time.monotonic() + 10 * slowness()
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
        self.seen += data.decode()
        return data != b''

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def end(self):
        """Its exit status and standard output."""
        while self.read(10 * slowness()):
            pass
        out = b'' if self.process.stdout is None else (
            self.process.stdout.read())
        code = self.process.wait(timeout=20 * slowness())
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


main(create_shows_and_asks, no_makes_nothing,
     a_refusal_comes_before_the_question, revoke_asks, a_token_is_not_echoed,
     hostile_names_do_not_reach_the_terminal)
