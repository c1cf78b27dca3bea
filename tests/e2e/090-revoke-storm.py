#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""After a revoke is acknowledged no verify that starts later succeeds.

16 processes verify through libkeyd while 10,000 keys are made and revoked.
Takes up to a minute.
"""

import os

from harness import (BUILD, Keyd, LONG, check, check_equal, check_match,
                     environment, main, run, scaled, tokens_file)

STORM = os.path.join(BUILD, 'tests/stress/revoke_storm')


def storm(keyd, *args):
    result = run([STORM, *args, keyd.runtime, 'acme', 'alice'], seconds=200,
                 env=environment(KEYD_TEST_TOKENS=tokens_file()))
    print('    ' + (result.stdout + result.stderr).strip())
    return result


def no_verdict_is_stale():
    """10,000 revocations under 16 verifying processes: 0 stale verdicts"""
    with Keyd() as keyd:
        keyd.people()
        count = scaled(100000 if LONG else 10000)
        result = storm(keyd, '-n', str(count))
        check_equal(result.returncode, 0, 'exit status')
        check_match(r'^%d keys revoked; .* 0 stale' % count, result.stdout,
                    'the report')
        check_equal(keyd.json('list')['keys'], [], 'live keys')


def the_checker_can_fail():
    """a revoker that lies about its acknowledgements is found out"""
    with Keyd() as keyd:
        keyd.people()
        result = storm(keyd, '-i', '-n', '500')
        check_equal(result.returncode, 1, 'exit status')
        check(' 0 stale' not in result.stdout, 'no stale verdict was found')


main(the_checker_can_fail, no_verdict_is_stale, limit=200)
