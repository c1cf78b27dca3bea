#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""keyd is restarted under load, with sockets that outlive it and without.

With socket activation no request is lost.  Without it callers are told that
keyd is not there, and get verdicts again by themselves when it is.
"""

import fcntl
import os
import re
import signal
import socket
import subprocess
import time

from harness import (BUILD, Failure, Keyd, Processes, check, check_equal,
                     check_match, environment, main, scaled, slowness,
                     tokens_file, wait_until)

STORM = os.path.join(BUILD, 'tests/stress/fresh_storm')
WATCH = os.path.join(BUILD, 'tests/stress/watch')
OK, UNAVAILABLE, TIMEOUT = '0', '-1', '-2'

# Makes descriptors 3 and 4 of those named, and tells keyd so.
PASS = '''
exec 3<&"$1" 4<&"$2"; a=$1 b=$2; exec {a}<&- {b}<&-; shift 2
LISTEN_PID=$$ exec "$@"
'''


class Passed:
    """The two listening sockets, held by us as by systemd."""

    def __init__(self, keyd):
        os.mkdir(keyd.runtime, 0o755)
        self.keyd = keyd
        self.numbers = []
        self.sockets = []
        for path in (keyd.verify_path, keyd.admin_path):
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            one.bind(path)
            one.listen(4096)
            self.sockets.append(one)
            self.numbers.append(fcntl.fcntl(one, fcntl.F_DUPFD, 20))

    def start(self):
        self.keyd.start(
            wrapper=['bash', '-c', PASS, 'pass', *map(str, self.numbers)],
            pass_fds=self.numbers, LISTEN_FDS='2',
            LISTEN_FDNAMES='verify:admin')


def a_restart_with_sockets_loses_nothing():
    """with passed sockets a restart under load loses no request"""
    keyd = Keyd()
    passed = Passed(keyd)
    passed.start()
    keyd.people()
    keys, verifies = max(400, scaled(2000)), max(400000, scaled(2000000))
    out = os.path.join(keyd.folder, 'storm')
    with open(out, 'w', encoding='utf-8') as file:
        storm = Processes.start(
            [STORM, '-d', '30000', '-n', str(keys), '-v', str(verifies),
             keyd.runtime, 'acme', 'alice'], stdout=file, stderr=file,
            env=environment(KEYD_TEST_TOKENS=tokens_file()))
    restarts = 0
    end = time.monotonic() + 60 * slowness()
    while storm.poll() is None:
        check(time.monotonic() < end, 'the storm took too long')
        time.sleep(0.1)
        check_equal(keyd.stop(), 0, 'exit status')
        passed.start()
        restarts += 1
    with open(out, encoding='utf-8') as text:
        said = text.read()
    print('    %d restarts: %s' % (restarts, said.strip()))
    check_equal(storm.returncode, 0, 'exit status')
    check_match(r'^%d keys revoked, 0 creates without' % keys, said, 'creates')
    check_match(r' 0 without a decision.* 0 stale, 0 back, 0 false refusals, '
                '0 wrong$', said, 'verifies')
    check(restarts > 0, 'no restart')
    check_equal(keyd.stop(), 0, 'exit status')


class Watcher:
    """What one process sees, verdict after verdict: (seconds, status)."""

    def __init__(self, keyd, token):
        self.process = Processes.start(
            [WATCH, keyd.runtime], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=environment())
        self.process.stdin.write(token + '\n')
        self.process.stdin.close()
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = ''

    def seen(self):
        try:
            self.text += os.read(self.process.stdout.fileno(), 65536).decode()
        except BlockingIOError:
            pass
        return [(float(when), what) for when, what in re.findall(
            r'^([0-9.]+) (-?\d+)$', self.text, re.M)]

    def last(self):
        seen = self.seen()
        return seen[-1][1] if seen else None


def recovery(keyd, watchers, end, allowed):
    """s from the start's end until the last of them has a verdict again."""
    end()
    wait_until('all see that keyd is gone', lambda: all(
        one.last() != OK for one in watchers))
    time.sleep(0.1)
    keyd.start()
    ready = time.monotonic()
    wait_until('all have verdicts again', lambda: all(
        one.last() == OK for one in watchers))
    for one in watchers:
        for _, what in one.seen():
            check(what in allowed, 'a verdict of %s' % what)
    return max(one.seen()[-1][0] for one in watchers) - ready


def callers_recover_by_themselves():
    """without passed sockets callers get verdicts again when keyd is back"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        watchers = [Watcher(keyd, token) for _ in range(4)]
        wait_until('all have verdicts', lambda: all(
            one.last() == OK for one in watchers))
        # The machine may be so busy that the deadline comes first.
        allowed = (OK, UNAVAILABLE, TIMEOUT)
        for name, end in (('SIGTERM', keyd.stop), ('SIGKILL', keyd.kill)):
            took = [recovery(keyd, watchers, end, allowed) for _ in range(5)]
            print('    %s: verdicts again %s ms after keyd was ready' % (
                name, ' '.join('%.1f' % (s * 1000) for s in took)))
        for one in watchers:
            check(one.process.poll() is None, 'a watcher has ended')


def a_hung_keyd_is_asked_again():
    """callers of a keyd that hangs time out, and recover when it goes on"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        one = Watcher(keyd, token)
        wait_until('it has a verdict', lambda: one.last() == OK)
        keyd.process.send_signal(signal.SIGSTOP)
        try:
            wait_until('it times out', lambda: one.last() == TIMEOUT)
        finally:
            keyd.process.send_signal(signal.SIGCONT)
        went_on = time.monotonic()
        wait_until('it has verdicts again', lambda: one.last() == OK)
        took = one.seen()[-1][0] - went_on
        print('    verdicts again after %.1f ms' % (took * 1000))
        check({what for _, what in one.seen()} <= {OK, TIMEOUT, UNAVAILABLE},
              'verdicts %r' % one.seen())
        if one.process.poll() is not None:
            raise Failure('the watcher has ended')


main(a_restart_with_sockets_loses_nothing, callers_recover_by_themselves,
     a_hung_keyd_is_asked_again)
