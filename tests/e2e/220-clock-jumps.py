#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The wall clock jumps, by libfaketime: only an end of a key goes with it.

The monotonic clocks are left alone, as a real jump leaves them.
"""

import glob
import os
import time

import client
from client import EXPIRED, OK, RATE_LIMITED, REVOKED
from harness import (Failure, Keyd, check, check_equal, main, new_token,
                     wait_until)

DAY = 86400
YEAR = 365 * DAY
JUMPS = (3600, -3600, YEAR, -YEAR, 0)


def libfaketime():
    found = glob.glob('/usr/lib/*/faketime/libfaketimeMT.so.1')
    if not found:
        raise Failure('libfaketime is not installed')
    return found[0]


class JumpingKeyd(Keyd):
    """A keyd whose wall clock can be set."""

    def __init__(self, **more):
        super().__init__(**more)
        self.offset = os.path.join(self.folder, 'offset')
        self.write(0)

    def write(self, seconds):
        with open(self.offset + '.new', 'w', encoding='ascii') as out:
            out.write('%+d\n' % seconds)
        os.rename(self.offset + '.new', self.offset)

    def start(self, **more):
        # For keyd alone: it leaves things in /dev/shm when a program that it
        # was loaded into becomes another.
        return super().start(
            wrapper=['env', 'LD_PRELOAD=' + libfaketime()],
            FAKETIME_NO_CACHE='1',
            FAKETIME_TIMESTAMP_FILE=self.offset, DONT_FAKE_MONOTONIC='1',
            ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '')
            + ':verify_asan_link_order=0', **more)

    def jump(self, seconds):
        """Sets its clock so far from the real one, and sees it there."""
        self.write(seconds)
        with self.admin() as admin:
            made = admin.create(bytes(32), 'acme', 'alice', 'clock', dry=1)
        off = made['created'] - time.time() - seconds
        check(abs(off) < 5, 'the clock is %d s from where it should be' % off)


def an_end_goes_with_the_clock():
    """a key's end is told by the clock, however it jumps; nothing else is"""
    with JumpingKeyd() as keyd:
        keyd.people()
        ends = int(time.time()) + DAY
        short = keyd.create('short', expires=ends)[0]
        endless = keyd.create('endless')[0]
        dead, made = keyd.create('dead')
        with keyd.admin() as admin:
            admin.revoke(made['id'])
        for seconds in JUMPS:
            keyd.jump(seconds)
            wanted = EXPIRED if seconds >= DAY else OK
            check_equal(keyd.verdict(short), wanted, 'at %+d s' % seconds)
            check_equal(keyd.verdict(endless), OK, 'at %+d s' % seconds)
            check_equal(keyd.verdict(dead), REVOKED, 'at %+d s' % seconds)


def an_end_is_exact_to_the_second():
    """a key is good until its last second is over, and no longer"""
    with JumpingKeyd() as keyd:
        keyd.people()
        ends = int(time.time()) + YEAR
        token = keyd.create('year', expires=ends)[0]
        shift = ends - 3 - int(time.time())
        keyd.jump(shift)
        with keyd.verifier() as one:
            while True:
                before = time.time()
                code = one.verify(token)['code']
                after = time.time()
                if code == EXPIRED:
                    check(after + shift >= ends, 'expired too early')
                    return
                check(before + shift < ends, 'good for too long')
                time.sleep(0.01)


def no_limit_goes_with_the_clock():
    """a rate limit neither opens nor closes when the clock jumps"""
    with JumpingKeyd() as keyd:
        keyd.people()
        with keyd.admin() as admin:
            admin.org_set('acme', plan='enterprise', rate=1, burst=3)
        token = keyd.create('limited')[0]
        with keyd.verifier() as one:
            check_equal([one.verify(token)['code'] for _ in range(4)],
                        [OK] * 3 + [RATE_LIMITED], 'a burst of 3')
            for seconds in JUMPS:
                keyd.jump(seconds)
                verdict = one.verify(token)
                check_equal(verdict['code'], RATE_LIMITED,
                            'at %+d s' % seconds)
                check(1 <= verdict['retry'] <= 60,
                      'retry after %d s' % verdict['retry'])
        with keyd.admin() as admin:
            admin.org_set('acme', plan='enterprise', rate=600, burst=3)
        fresh = keyd.create('fresh')[0]
        for seconds in JUMPS:
            keyd.jump(seconds)
            wait_until('the burst is back', lambda: keyd.verdict(fresh) == OK)


def last_use_never_goes_back():
    """the last use of a key stays where it was when the clock goes back"""
    with JumpingKeyd() as keyd:
        keyd.people()
        token, made = keyd.create('used')
        with keyd.admin() as admin:
            check_equal(keyd.verdict(token), OK, 'verdict')
            first = admin.show(made['id'])
            keyd.jump(-YEAR)
            check_equal(keyd.verdict(token), OK, 'verdict')
            later = admin.show(made['id'])
            check_equal((later['first'], later['last'], later['count']),
                        (first['first'], first['last'], 2), 'use')
            keyd.jump(DAY)
            check_equal(keyd.verdict(token), OK, 'verdict')
            check(admin.show(made['id'])['last'] > first['last'] + DAY - 60,
                  'the last use does not go on')


def a_grace_goes_with_the_clock():
    """the old key of a rotation ends when its grace is over by the clock"""
    with JumpingKeyd() as keyd:
        keyd.people()
        old, made = keyd.create('rotated')
        new = new_token()
        with keyd.admin() as admin:
            admin.rotate(client.digest_of(new), made['id'], grace=3600)
        for seconds, wanted in ((0, OK), (3700, EXPIRED), (-YEAR, OK)):
            keyd.jump(seconds)
            check_equal(keyd.verdict(old), wanted, 'old at %+d s' % seconds)
            check_equal(keyd.verdict(new), OK, 'new at %+d s' % seconds)


if __name__ == '__main__':
    main(an_end_goes_with_the_clock, an_end_is_exact_to_the_second,
         no_limit_goes_with_the_clock, last_use_never_goes_back,
         a_grace_goes_with_the_clock)
