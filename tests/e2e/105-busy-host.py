#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Beside programs that leave no processor idle."""

import os
import sys

from harness import Keyd, Processes, Skip, check, main

HOGS = 3
CREATES = 300  # beside others it may never stand back
SPIN = 'while True:\n    pass\n'


def nice_values(keyd):
    """Of each thread."""
    values = {}
    for thread in os.listdir('/proc/%d/task' % keyd.pid):
        with open('/proc/%d/task/%s/stat' % (keyd.pid, thread),
                  encoding='ascii', errors='replace') as stat:
            fields = stat.read().rsplit(')', 1)[1].split()
        values[int(thread)] = int(fields[16])
    return values


def need_return():
    """As keyd does, to stand back far: another may tell how long it waited,
    and a priority may be raised again."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, own + 1)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, own)
    except PermissionError as error:
        raise Skip('a priority may not be raised') from error
    if not os.path.exists('/proc/self/schedstat'):
        raise Skip('the kernel does not tell how long a thread waited')


class Hogs:
    """Some that leave nothing of a processor."""

    def __init__(self, processor):
        self.all = [Processes.start([sys.executable, '-c', SPIN])
                    for _ in range(HOGS)]
        for hog in self.all:
            os.sched_setaffinity(hog.pid, processor)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for hog in self.all:
            hog.kill()


def creates_until(keyd, name, reached):
    """Makes keys until the threads are so nice; how many, or None."""
    with keyd.admin() as admin:
        for made in range(CREATES):
            if reached(nice_values(keyd)):
                return made
            keyd.create('%s %d' % (name, made), admin=admin)
    return None


def others_do_not_starve_the_writer():
    """the writer stands back from the loop, and not long from others"""
    need_return()
    with Keyd() as keyd:
        keyd.people()
        usual = nice_values(keyd)[keyd.pid]

        def is_back(values):
            return max(values.values()) > usual + 4

        first = {min(os.sched_getaffinity(0))}
        back = creates_until(keyd, 'back', is_back)
        for thread in nice_values(keyd):
            os.sched_setaffinity(thread, first)
        with Hogs(first):
            forward = creates_until(keyd, 'forward',
                                    lambda values: not is_back(values))
        print('    back after %s creates, forward after %s' % (back, forward))
        check(forward is not None, 'it stood back all the time')


main(others_do_not_starve_the_writer)
