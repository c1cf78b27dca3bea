#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The examples of event loops in doc/, with the real keyd."""

import os
import signal
import subprocess
import threading
import time

from harness import (BUILD, Keyd, Processes, check, check_equal, main, run,
                     scaled, slowness, wait_until)

LOOPS = [os.path.join(BUILD, 'doc/examples', name)
         for name in ('poll-loop', 'libev-loop')]
LATE = ['deny', '503 keyd did not answer in time']


def verdicts(lines):
    """{line: words}, each line once."""
    found = {}
    for line in lines:
        number, *words = line.split(' ', 2)
        check(int(number) not in found, 'line %s came twice' % number)
        found[int(number)] = words
    return found


def at(keyd):
    return dict(os.environ, KEYD_RUNTIME_DIR=keyd.runtime)


def ask(loop, keyd, lines, seconds=60):
    result = run([loop], ''.join(line + '\n' for line in lines),
                 env=at(keyd), seconds=seconds)
    check_equal((result.returncode, result.stderr), (0, ''), loop)
    return verdicts(result.stdout.splitlines())


def each_line_gets_its_verdict():
    """1000 tokens at once, good and bad: each gets its own verdict, once"""
    with Keyd() as keyd:
        keyd.people()
        made = [keyd.create('k%d' % n) for n in range(20)]
        keyd.done('revoke', made[7][1]['id'], '--yes')
        lines = [made[n % 20][0] if n % 5 else 'no token'
                 for n in range(scaled(1000))]
        for loop in LOOPS:
            for _ in range(5):
                found = ask(loop, keyd, lines)
                if LATE not in found.values():
                    break
            check_equal(len(found), len(lines), 'verdicts')
            for number, words in found.items():
                which = (number - 1) % 20
                if (number - 1) % 5 == 0:
                    wanted = ['deny', '401 the token is malformed']
                elif which == 7:
                    wanted = ['deny', '401 the key is revoked']
                else:
                    wanted = ['allow', made[which][1]['id']]
                check_equal(words, wanted, 'line %d' % number)


def without_keyd_all_is_refused_at_once():
    """without keyd every line is 503"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        keyd.stop()
        for loop in LOOPS:
            found = ask(loop, keyd, [token] * 100)
            check_equal(set(map(tuple, found.values())),
                        {('deny', '503 keyd cannot be reached')}, loop)
        keyd.start()


def a_keyd_that_hangs_costs_its_deadline():
    """a stopped keyd is 503 after the deadline, and good again afterwards"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        for loop in LOOPS:
            keyd.process.send_signal(signal.SIGSTOP)
            try:
                found = ask(loop, keyd, [token] * 10)
            finally:
                keyd.process.send_signal(signal.SIGCONT)
            check_equal(set(map(tuple, found.values())),
                        {tuple(LATE)}, loop)
            wait_until('keyd answers again', lambda loop=loop: ask(
                loop, keyd, [token])[1][0] == 'allow')


class Fed:
    """A loop that is told a token line by line."""

    def __init__(self, loop, keyd):
        self.sent, self.lines = 0, []
        self.process = Processes.start(
            [loop], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=at(keyd))
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip('\n'))

    def feed(self, token, word):
        """A hundred lines or more, until the verdict on one is this."""
        before, seen, told = self.sent, 0, False
        end = time.monotonic() + 60 * slowness()
        while not told or self.sent < before + 100:
            for line in self.lines[seen:]:
                seen += 1
                number, verdict = line.split()[:2]
                told = told or int(number) > before and verdict == word
            check(time.monotonic() < end, 'no ' + word)
            self.process.stdin.write(token + '\n')
            self.process.stdin.flush()
            self.sent += 1
            time.sleep(0.002)

    def end(self):
        self.process.stdin.close()
        check_equal(self.process.wait(60 * slowness()), 0, 'exit status')
        self.reader.join(60)


def a_restart_is_lived_through():
    """keyd is killed and started again under a loop, which goes on"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        for loop in LOOPS:
            fed = Fed(loop, keyd)
            fed.feed(token, 'allow')
            keyd.kill()
            fed.feed(token, 'deny')
            keyd.start()
            fed.feed(token, 'allow')
            fed.end()
            found = verdicts(fed.lines)
            check_equal(len(found), fed.sent, 'verdicts')
            check_equal({words[0] for words in found.values()},
                        {'allow', 'deny'}, 'kinds')
            check({tuple(words) for words in found.values()} <= {
                ('allow', made['id']), ('deny', '503 keyd cannot be reached'),
                tuple(LATE),
                ('deny', '429 the key is used too often')}, 'a wrong verdict')


main(each_line_gets_its_verdict,
     without_keyd_all_is_refused_at_once,
     a_keyd_that_hangs_costs_its_deadline,
     a_restart_is_lived_through)
