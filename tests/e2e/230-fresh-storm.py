#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""No verdict is stale, and none is wrong, whatever becomes of keyd.

16 processes verify through libkeyd, mostly from memory, while 10,000 keys are
made and revoked: ten million verifies in under a minute; a thousand million
and a million keys with KEYD_TEST_LONG=1.
"""

import os
import random
import signal
import time

from harness import (BUILD, Failure, Keyd, LONG, Processes, Skip, check,
                     check_equal, check_match, environment, main, run, scaled,
                     slowness, tokens_file)

STORM = os.path.join(BUILD, 'tests/stress/fresh_storm')
KEYS = 1000000 if LONG else scaled(10000)
VERIFIES = 1000000000 if LONG else scaled(10000000)
PATIENCE = 20000 if LONG else 100
SEED = int(os.environ.get('KEYD_TEST_SEED') or time.time_ns() % 1000000)


def argv(keyd, *args):
    return [STORM, *map(str, args), keyd.runtime, 'acme', 'alice']


def storm(keyd, *args, seconds=PATIENCE):
    result = run(argv(keyd, *args), seconds=seconds,
                 env=environment(KEYD_TEST_TOKENS=tokens_file()))
    print('    ' + (result.stdout + result.stderr).strip())
    return result


def namespaces():
    """('-t',) where time namespaces can be made."""
    result = run(['unshare', '--time', 'true'])
    return ('-t',) if result.returncode == 0 else ()


def number(text, what):
    return int(check_match(r'(\d+) ' + what, text, 'the report').group(1))


def check_report(result, keys, verifies):
    check_equal(result.returncode, 0, 'exit status')
    check_match(r'^%d keys revoked,.* 0 stale, 0 back, 0 false refusals, '
                '0 wrong$' % keys, result.stdout, 'the report')
    # It ends when so many were given, of which a few had just been asked for.
    check(number(result.stdout, 'from memory') >= verifies * 0.95,
          'too few from memory')
    check(number(result.stdout, 'children') > 0, 'no child went on')


def the_checker_can_fail():
    """revokers that lie about what they did are found out"""
    for lie, found in (('early', 'stale'), ('first', 'back'),
                       ('late', 'false refusals')):
        with Keyd() as keyd:
            keyd.people()
            result = storm(keyd, '-l', lie, '-n', 300, '-v', 30000)
            check_equal(result.returncode, 1, 'exit status')
            check(number(result.stdout, found) > 10, 'found hardly any')


def a_quiet_storm():
    """verdicts from memory, keyd undisturbed: none without a decision"""
    with Keyd() as keyd:
        keyd.people()
        keys, verifies = scaled(1000), scaled(1000000)
        result = storm(keyd, '-d', 60000, '-n', keys, '-v', verifies)
        check_report(result, keys, verifies)
        check_equal(number(result.stdout, 'without a decision'), 0,
                    'without a decision')
        facts = keyd.json('status')
        check_equal(facts['verified'], number(result.stdout, 'asked'),
                    'verifies that keyd answered')
        check_equal(keyd.json('list')['keys'], [], 'live keys')


def in_time_namespaces():
    """processes whose clocks are far ahead or behind get no other verdicts"""
    if not namespaces():
        raise Skip('no time namespace can be made here')
    with Keyd() as keyd:
        keyd.people()
        keys, verifies = scaled(500), scaled(500000)
        result = storm(keyd, '-t', '-d', 60000, '-n', keys, '-v', verifies)
        check_report(result, keys, verifies)


class Trouble:
    """Kills, stops, restarts and reloads a keyd, until the storm is over."""

    def __init__(self, keyd):
        self.keyd = keyd
        self.random = random.Random(SEED)
        self.done = dict.fromkeys(('kill', 'hang', 'restart', 'reload'), 0)
        self.verified = 0

    def run(self, process):
        end = time.monotonic() + PATIENCE * slowness()
        while process.poll() is None:
            if time.monotonic() > end:
                process.kill()
                raise Failure('the storm took too long')
            what = self.random.choice(list(self.done))
            time.sleep(self.random.uniform(0, 0.6))
            getattr(self, what)()
            self.done[what] += 1

    def count(self):
        self.verified += self.keyd.json('status')['verified']

    def kill(self):
        self.count()
        self.keyd.kill()
        time.sleep(self.random.uniform(0, 0.05))
        self.keyd.start()

    def hang(self):
        self.keyd.process.send_signal(signal.SIGSTOP)
        time.sleep(self.random.choice((0.01, 0.1, 0.4)))
        self.keyd.process.send_signal(signal.SIGCONT)

    def restart(self):
        self.count()
        self.keyd.restart()

    def reload(self):
        self.keyd.process.send_signal(signal.SIGHUP)


def start_storm(keyd, out):
    with open(out, 'w', encoding='utf-8') as file:
        return Processes.start(
            argv(keyd, *namespaces(), '-n', KEYS, '-v', VERIFIES),
            stdout=file, stderr=file,
            env=environment(KEYD_TEST_TOKENS=tokens_file()))


def a_storm_with_trouble():
    """killed, hung, restarted and reloaded keyds: 0 stale, 0 wrong"""
    with Keyd() as keyd:
        keyd.people()
        print('    seed %d' % SEED)
        begun = time.monotonic()
        out = os.path.join(keyd.folder, 'storm')
        process = start_storm(keyd, out)
        trouble = Trouble(keyd)
        trouble.run(process)
        trouble.count()
        with open(out, encoding='utf-8') as text:
            process.stdout = text.read()
        print('    ' + process.stdout.strip())
        print('    %.0f s; keyd: %s; it answered at least %d verifies' % (
            time.monotonic() - begun,
            ', '.join('%s %d' % pair for pair in trouble.done.items()),
            trouble.verified))
        check_report(process, KEYS, VERIFIES)
        # A small storm is over before each kind of trouble had its turn.
        check(sum(trouble.done.values()) > 0, 'no trouble')
        check(KEYS < 5000 or min(trouble.done.values()) > 0,
              'no trouble: %r' % trouble.done)
        check(len(keyd.json('list')['keys']) <= number(
            process.stdout, 'creates without'), 'live keys')


main(the_checker_can_fail, a_quiet_storm, in_time_namespaces,
     a_storm_with_trouble, limit=30000 if LONG else 220)
