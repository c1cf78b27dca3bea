#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The examples of event loops in doc/, with the real keyd."""

import os
import signal
import subprocess
import time

from harness import (BUILD, Keyd, check, check_equal, main, run, scaled,
                     slowness)

LOOPS = [os.path.join(BUILD, 'doc/examples', name)
         for name in ('poll-loop', 'libev-loop')]


def verdicts(output):
    """{line: words}, each line once."""
    found = {}
    for line in output.splitlines():
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
    return verdicts(result.stdout)


def each_line_gets_its_verdict():
    """1000 tokens at once, good and bad: each gets its own verdict, once"""
    with Keyd() as keyd:
        keyd.people()
        made = [keyd.create('k%d' % n) for n in range(20)]
        keyd.done('revoke', made[7][1]['id'], '--yes')
        lines = [made[n % 20][0] if n % 5 else 'no token'
                 for n in range(scaled(1000))]
        for loop in LOOPS:
            found = ask(loop, keyd, lines)
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
                        {('deny', '503 keyd did not answer in time')}, loop)
            check_equal(ask(loop, keyd, [token])[1][0], 'allow', 'after it')


def feed(process, token, until):
    sent = 0
    while time.monotonic() < until:
        process.stdin.write(token + '\n')
        process.stdin.flush()
        sent += 1
        time.sleep(0.002)
    return sent


def a_restart_is_lived_through():
    """keyd is killed and started again under a loop, which goes on"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('ci')
        for loop in LOOPS:
            process = subprocess.Popen(
                [loop], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True, env=at(keyd))
            try:
                sent = feed(process, token, time.monotonic() + 0.3)
                keyd.kill()
                sent += feed(process, token, time.monotonic() + 0.3)
                keyd.start()
                sent += feed(process, token, time.monotonic() + 1)
                output = process.communicate(timeout=30 * slowness())[0]
            finally:
                process.kill()
                process.wait()
            found = verdicts(output)
            check_equal(len(found), sent, 'verdicts')
            check_equal({words[0] for words in found.values()},
                        {'allow', 'deny'}, 'kinds')
            check({tuple(words) for words in found.values()} <= {
                ('allow', made['id']), ('deny', '503 keyd cannot be reached'),
                ('deny', '503 keyd did not answer in time'),
                ('deny', '429 the key is used too often')}, 'a wrong verdict')
            check_equal(found[sent][0], 'allow', 'the last one')


main(each_line_gets_its_verdict,
     without_keyd_all_is_refused_at_once,
     a_keyd_that_hangs_costs_its_deadline,
     a_restart_is_lived_through)
