#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Beside programs that leave no processor idle."""

import os
import sys

from harness import Keyd, Processes, Skip, check, main

HOGS = 3
CREATES = 1000  # it takes a few
SPIN = 'while True:\n    pass\n'


def threads(keyd):
    return [int(name) for name in os.listdir('/proc/%d/task' % keyd.pid)]


def nice_of(keyd, thread):
    with open('/proc/%d/task/%d/stat' % (keyd.pid, thread),
              encoding='ascii', errors='replace') as stat:
        return int(stat.read().rsplit(')', 1)[1].split()[16])


def others_do_not_starve_the_writer():
    """the writer stands back from the loop, and not long from others"""
    with Keyd() as keyd:
        keyd.people()
        writer = max(threads(keyd), key=lambda one: nice_of(keyd, one))
        usual = nice_of(keyd, keyd.pid)
        if nice_of(keyd, writer) <= usual + 4:
            raise Skip('the writer may not come back, or is not told')
        first = {min(os.sched_getaffinity(0))}
        for thread in threads(keyd):
            os.sched_setaffinity(thread, first)
        hogs = [Processes.start([sys.executable, '-c', SPIN])
                for _ in range(HOGS)]
        for hog in hogs:
            os.sched_setaffinity(hog.pid, first)
        made = 0
        with keyd.admin() as admin:
            while nice_of(keyd, writer) != usual and made < CREATES:
                keyd.create('k%d' % made, admin=admin)
                made += 1
        check(made < CREATES, 'it stood back all the time')
        print('    it came after %d changes' % made)
        for hog in hogs:
            hog.kill()


main(others_do_not_starve_the_writer)
