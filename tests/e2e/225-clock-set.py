#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The clock is set: what clients keep is void at once."""

import mmap
import os
import shlex
import socket
import struct
import subprocess

from client import HELLO, Client
from harness import Keyd, check, check_equal, main, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
POLICY = 24  # where the counter that voids everything is
ASK_FOR_PAGE = b'\x01\x01\x00\x00' + b'\x01\x00\x00'


class SettableKeyd(Keyd):
    """A keyd that can be told that the clock was set."""

    def __init__(self, **more):
        super().__init__(**more)
        self.fifo = os.path.join(self.folder, 'clock')
        os.mkfifo(self.fifo)
        self.preload = os.path.join(self.folder, 'set_clock.so')
        subprocess.run([*shlex.split(os.environ.get('CC') or 'cc'), '-shared',
                        '-fPIC', '-o', self.preload,
                        os.path.join(HERE, 'set_clock.c')], check=True)

    def start(self, **more):
        return super().start(
            LD_PRELOAD=self.preload, KEYD_TEST_CLOCK=self.fifo,
            ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '')
            + ':verify_asan_link_order=0', **more)

    def set_clock(self):
        with open(self.fifo, 'wb', buffering=0) as out:
            out.write(b'x')


def page_of(keyd):
    """The bulletin, as a client gets it."""
    with Client(keyd.verify_path, hello=False) as one:
        one.send(HELLO, ASK_FOR_PAGE)
        _, fds, _, _ = socket.recv_fds(one.socket, 4096, 4)
    check_equal(len(fds), 1, 'descriptors with the welcome')
    try:
        return mmap.mmap(fds[0], 4096, mmap.MAP_SHARED, mmap.PROT_READ)
    finally:
        os.close(fds[0])


def counter(page):
    return struct.unpack_from('=Q', page, POLICY)[0]


def all_is_void_when_the_clock_is_set():
    """nothing that clients keep holds when the clock was set, each time"""
    with SettableKeyd() as keyd:
        page = page_of(keyd)
        for _ in range(3):
            before = counter(page)
            keyd.set_clock()
            wait_until('all is void', lambda: counter(page) != before)
        wait_until('the jumps are in the log',
                   lambda: keyd.log().count('the clock was set') == 3)


def nothing_is_void_for_no_reason():
    """a keyd that is asked, and whose clock is left alone, voids nothing"""
    with Keyd() as keyd:
        keyd.people()
        page = page_of(keyd)
        before = counter(page)
        token = keyd.create('ci')[0]
        for _ in range(100):
            keyd.verdict(token)
        check_equal(counter(page), before, 'the counter of keyd.conf')
        keyd.reload('')
        wait_until('all is void', lambda: counter(page) != before)


def the_status_says_that_verdicts_may_be_kept():
    """keydctl status has whether there is a page"""
    with Keyd() as keyd:
        check_equal(keyd.json('status')['shared_page'], 'yes', 'shared_page')
        check('shared_page' in keyd.done('status'), 'not in the table')


main(all_is_void_when_the_clock_is_set, nothing_is_void_for_no_reason,
     the_status_says_that_verdicts_may_be_kept)
