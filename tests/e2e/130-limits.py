#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Rate limits: exact for all processes together, and over stops and crashes.

16 processes hammer one key through libkeyd for 4 seconds; a minute with
KEYD_TEST_LONG=1.
"""

import os
import time

import client
from client import FORBIDDEN, OK, RATE_LIMITED
from harness import (BUILD, Keyd, LONG, check, check_equal, check_match, main,
                     run, wait_until)

STORM = os.path.join(BUILD, 'tests/stress/limit_storm')
SECONDS = 60 if LONG else 4


def hammer(verifier, token, tries=100):
    """How many of some verifies in a row are accepted, and the last one."""
    accepted = 0
    for _ in range(tries):
        verdict = verifier.verify(token)
        check(verdict['code'] in (OK, RATE_LIMITED), 'verdict %r' % verdict)
        accepted += verdict['code'] == OK
    return accepted, verdict


def storm(rate, burst, *args):
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin:
            admin.org_set('acme', plan='enterprise', rate=rate, burst=burst)
        token = keyd.create('hammered')[0]
        result = run([STORM, *args, keyd.runtime, str(rate), str(burst)],
                     token + '\n', seconds=SECONDS + 30)
    print('    ' + (result.stdout + result.stderr).strip())
    return result


def sixteen_processes_together_get_what_one_key_may():
    """16 processes get at most B + R * T of one key, and 99 % of it"""
    result = storm(6000, 100, '-s', str(SECONDS))
    check_equal(result.returncode, 0, 'exit status')
    check_match(' 0 other, 0 wrong', result.stdout, 'the report')


def processes_that_die_give_nobody_more():
    """16 processes that are killed at random get no more of one key"""
    for rate, burst in ((6000, 100), (600000, 5000), (60, 10)):
        result = storm(rate, burst, '-k', '-s', str(SECONDS))
        check_equal(result.returncode, 0, 'exit status')
        check_match(' 0 other, 0 wrong', result.stdout, 'the report')
        check_match(r'^[1-9]\d* processes died', result.stdout, 'the report')


def the_checker_can_fail():
    """a checker that is told half the rate finds too many"""
    result = storm(60000, 4000, '-x', '-s', '4')
    check_equal(result.returncode, 1, 'exit status')
    check_match('^too many', result.stdout, 'the report')


def a_change_of_plan_holds_for_the_next_call():
    """keydctl org set holds for the next verify, in both directions"""
    with Keyd() as keyd:
        keyd.people(limited=True)
        token = keyd.create('ci')[0]
        with keyd.verifier() as verifier:
            check_equal(verifier.verify(token)['limit'], 60, 'limit')
            accepted, last = hammer(verifier, token)
            check(accepted >= 9, '%d accepted' % accepted)
            check_equal((last['remaining'], last['retry']), (0, 1), 'verdict')
            keyd.done('org', 'set', 'acme', '--plan', 'business')
            verdict = verifier.verify(token)
            check_equal((verdict['code'], verdict['limit']), (OK, 12000),
                        'the first in a better plan')
            check(hammer(verifier, token, 2000)[0] >= 1100, 'too few')
            keyd.done('org', 'set', 'acme', '--plan', 'free')
            verdict = verifier.verify(token)
            check_equal((verdict['code'], verdict['limit']),
                        (RATE_LIMITED, 60), 'the first in a worse plan')
            keyd.done('org', 'set', 'acme', '--rate', '600000', '--burst',
                      '5000')
            check_equal(verifier.verify(token)['limit'], 600000, 'own rate')


def a_reload_holds_for_the_next_call():
    """a plan that is changed in keyd.conf holds from the SIGHUP on"""
    with Keyd() as keyd:
        keyd.people(limited=True)
        token = keyd.create('ci')[0]
        with keyd.verifier() as verifier:
            check_equal(verifier.verify(token)['limit'], 60, 'limit')
            keyd.reload('plan free { rate = 1 burst = 200 }\n')
            verdict = verifier.verify(token)
            check_equal((verdict['code'], verdict['limit']), (OK, 1),
                        'verdict')
            check_equal(verdict['remaining'], 198, 'remaining')


def what_is_refused_takes_nothing():
    """refusals of every kind leave the burst as it is"""
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin:
            admin.org_set('acme', plan='enterprise', rate=1, burst=5)
        token = keyd.create('ci')[0]
        with keyd.verifier() as verifier:
            for _ in range(50):
                verdict = verifier.verify(token, 'billing:manage')
                check_equal(verdict['code'], FORBIDDEN, 'verdict')
                verdict = verifier.verify(token, '', 'bell')
                check_equal(verdict['code'], client.WRONG_ORG, 'verdict')
            for left in (4, 3, 2, 1, 0):
                verdict = verifier.verify(token)
                check_equal((verdict['code'], verdict['remaining']),
                            (OK, left), 'verdict')
            accepted, last = hammer(verifier, token, 50)
            check_equal(accepted, 0, 'accepted')
            check(55 <= last['retry'] <= 60, 'retry after %r' % last)


def a_clean_stop_keeps_what_was_used():
    """SIGTERM and a start: what was used stays used, the rest is there"""
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin:
            admin.org_set('acme', plan='enterprise', rate=1, burst=10)
        token, idle = (keyd.create(name)[0] for name in ('used', 'idle'))
        with keyd.verifier() as verifier:
            check_equal(hammer(verifier, token, 7)[0], 7, 'accepted')
        keyd.restart()
        with keyd.verifier() as verifier:
            check_equal(hammer(verifier, token, 20)[0], 3, 'after a stop')
        keyd.restart()
        with keyd.verifier() as verifier:
            check_equal(hammer(verifier, token, 20)[0], 0, 'after another')
            check_equal(hammer(verifier, idle, 20)[0], 10, 'the idle key')
        check('clean' not in keyd.log(), keyd.log())


def a_crash_costs_the_burst_and_no_more():
    """after kill -9 the keys of before begin without a burst, new ones not"""
    with Keyd() as keyd:
        keyd.people()
        with keyd.admin() as admin:
            admin.org_set('acme', plan='enterprise', rate=60, burst=10)
        token = keyd.create('old')[0]
        keyd.kill()
        begun = time.monotonic()
        keyd.start()
        with keyd.verifier() as verifier:
            accepted = hammer(verifier, token, 50)[0]
            passed = time.monotonic() - begun
            check(accepted <= passed, '%d in %.2f s' % (accepted, passed))
            young = keyd.create('young')[0]
            check(hammer(verifier, young, 50)[0] >= 10, 'a new key')
        keyd.restart()
        with keyd.verifier() as verifier:
            accepted += hammer(verifier, token, 50)[0]
            passed = time.monotonic() - begun
            check(accepted <= passed, '%d in %.2f s' % (accepted, passed))
        check_match('not a clean one', keyd.log(), 'the log')
        wait_until('the key is accepted again',
                   lambda: keyd.verdict(token) == OK)


main(sixteen_processes_together_get_what_one_key_may,
     processes_that_die_give_nobody_more, the_checker_can_fail,
     a_change_of_plan_holds_for_the_next_call,
     a_reload_holds_for_the_next_call, what_is_refused_takes_nothing,
     a_clean_stop_keeps_what_was_used, a_crash_costs_the_burst_and_no_more,
     limit=300 if LONG else 240)
