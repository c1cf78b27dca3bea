#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Signals, and what systemd and keyd say to each other."""

import ctypes
import fcntl
import os
import signal
import socket
import threading
import time

import client
from client import OK
from harness import (Keyd, LIBRARIES, check, check_equal, check_match, main,
                     new_token, sanitized, wait_until)

# Makes descriptors 3 and 4 of those named, and tells keyd so.
PASS = '''
exec 3<&"$1" 4<&"$2"; a=$1 b=$2; exec {a}<&- {b}<&-; shift 2
LISTEN_PID=$$ exec "$@"
'''


def sigterm_ends_keyd_well():
    """SIGTERM ends keyd with 0, and its sockets are gone"""
    keyd = Keyd()
    keyd.start()
    keyd.people()
    token = keyd.create('ci')[0]
    with keyd.verifier() as idle, keyd.admin():
        check_equal(idle.verify(token)['code'], OK, 'verdict')
        check_equal(keyd.stop(), 0, 'exit status')
    for path in (keyd.verify_path, keyd.admin_path):
        check(not os.path.exists(path), path + ' is left')
    check(keyd.notifications.have('STOPPING=1'), 'no STOPPING=1')


def a_change(at):
    return client.encode(client.CREATE_FIELDS, {
        'dry': 0, 'digest': client.digest_of('change %d' % at),
        'org': 'acme', 'user': 'alice', 'name': 'change %d' % at, 'role': '',
        'context': '', 'project': '', 'expires': 0})


def sigterm_finishes_what_is_under_way():
    """SIGTERM under load loses no change that was acknowledged"""
    keyd = Keyd()
    keyd.start()
    keyd.people()
    acknowledged = []
    for turn in range(5):
        with keyd.admin() as admin:
            first = turn * 1000
            for at in range(first, first + 200):
                admin.send(client.CREATE, a_change(at))
            time.sleep(0.003 * turn)
            keyd.process.send_signal(signal.SIGTERM)
            ident = admin.ident - 199
            try:
                for at in range(first, first + 200):
                    admin.answer(client.CREATE, ident)
                    acknowledged.append(at)
                    ident += 1
            except (client.ProtocolError, ConnectionError, client.Refused):
                pass
        check_equal(keyd.process.wait(timeout=60), 0, 'exit status')
        keyd.start()
    with keyd.verifier() as verifier:
        for at in acknowledged:
            digest = client.digest_of('change %d' % at)
            check_equal(verifier.verify_digest(digest)['code'], OK,
                        'change %d' % at)
    print('    %d changes were acknowledged' % len(acknowledged))
    check(acknowledged, 'no change was acknowledged')
    check_equal(keyd.stop(), 0, 'exit status')


def sighup_reads_a_good_configuration():
    """SIGHUP with a good configuration makes it hold at once"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier() as kept:
            keyd.reload('prefix = "new"')
            check(keyd.notifications.have('RELOADING=1'), 'no RELOADING=1')
            check_equal(kept.verify(token)['code'], OK, 'verdict')
        with keyd.verifier() as verifier:
            check_equal(verifier.welcome['prefix'], 'new', 'prefix')
            verdict = verifier.verify_digest(client.digest_of(token))
            check_equal(verdict['code'], OK, 'an old token')
        made = keyd.done('create', '--org', 'acme', '--user', 'alice',
                         '--name', 'new')
        check(client.check_token(made.rstrip('\n'), 'new'), 'the new token')


def sighup_keeps_the_old_of_a_bad_one():
    """SIGHUP with a bad one keeps the old, and log and status say so"""
    with Keyd('prefix = "old"') as keyd:
        keyd.reload('prefix = "new"\nnonsense = 1')
        with keyd.verifier() as verifier:
            check_equal(verifier.welcome['prefix'], 'old', 'prefix')
        check_match(r'keyd\.conf:2: ', keyd.log(), 'log')
        check_match(r'keyd\.conf:2: ', keyd.done('status'), 'status')
        check('keyd.conf:2: ' in str(keyd.json('status')), 'status --json')
        keyd.reload('prefix = "new"')
        with keyd.verifier() as verifier:
            check_equal(verifier.welcome['prefix'], 'new', 'prefix')
        check('keyd.conf:2: ' not in keyd.done('status'),
              'status still shows the mistake')


def other_signals_do_no_harm():
    """SIGPIPE, and a burst of SIGHUP, leave keyd serving"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        for _ in range(20):
            keyd.process.send_signal(signal.SIGPIPE)
            keyd.process.send_signal(signal.SIGHUP)
            keyd.notifications.forget()
            check_equal(keyd.verdict(token), OK, 'verdict')


def sigint_ends_keyd_too():
    """SIGINT, as from a terminal, ends keyd as SIGTERM does"""
    keyd = Keyd()
    keyd.start()
    check_equal(keyd.end(signal.SIGINT), 0, 'exit status')
    check(not os.path.exists(keyd.verify_path), 'verify.sock is left')


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
            one.listen(1024)
            self.sockets.append(one)
            self.numbers.append(fcntl.fcntl(one, fcntl.F_DUPFD, 20))

    def start(self, **env):
        self.keyd.start(
            wrapper=['bash', '-c', PASS, 'pass', *map(str, self.numbers)],
            pass_fds=self.numbers, LISTEN_FDS='2',
            LISTEN_FDNAMES='verify:admin', **env)


def sockets_can_be_passed():
    """keyd takes its sockets from LISTEN_FDS, and leaves them at its end"""
    keyd = Keyd()
    passed = Passed(keyd)
    with keyd.admin(hello=False) as early:  # before there is any keyd
        passed.start()
        early.hello()
        early.org_add('acme')
    check_equal(keyd.json('org', 'list')['orgs'][0]['slug'], 'acme', 'org')
    with keyd.verifier() as verifier:
        verifier.verify_digest(bytes(32))
    check_equal(keyd.stop(), 0, 'exit status')
    for path in (keyd.verify_path, keyd.admin_path):
        check(os.path.exists(path), path + ' is gone')


def wrong_passed_sockets_are_refused():
    """sockets that are passed with wrong names are refused"""
    for names in ('verify:verify', 'verify:other', ''):
        keyd = Keyd()
        passed = Passed(keyd)
        keyd.start(
            wrapper=['bash', '-c', PASS, 'pass', *map(str, passed.numbers)],
            pass_fds=passed.numbers, LISTEN_FDS='2', LISTEN_FDNAMES=names,
            ready=False)
        check(keyd.process.wait(timeout=60) > 0, 'exit status')
        check_match(r'keyd\.socket', keyd.log(), 'log')


def the_watchdog_is_fed():
    """WATCHDOG=1 comes at least twice in each period of the watchdog"""
    keyd = Keyd()
    keyd.start(WATCHDOG_USEC='1000000')
    keyd.notifications.forget()
    begun = time.monotonic()

    def fed():
        keyd.notifications.have('')
        return sum('WATCHDOG=1' in text for text in keyd.notifications.texts)

    wait_until('it is fed', lambda: fed() >= 4)
    took = time.monotonic() - begun
    check(fed() <= 4 * took + 4, '%d times in %.1f s' % (fed(), took))
    check_equal(keyd.stop(), 0, 'exit status')


class Loader(threading.Thread):
    """Verifies without a pause, and notes what got no answer.

    As the protocol says, connecting and hello may be tried again, and a
    verify that was sent may not.  With keep it uses one connection for as
    long as it lasts, else a new one each time.
    """

    def __init__(self, keyd, token, keep):
        super().__init__(daemon=True)
        self.keyd = keyd
        self.token = token
        self.keep = keep
        self.stopped = False
        self.good = 0
        self.again = 0
        self.lost = []

    def run(self):
        while not self.stopped:
            try:
                one = self.keyd.verifier()
            except (client.ProtocolError, ConnectionError):
                self.again += 1
                continue
            except client.Refused as refused:
                self.lost.append(str(refused))
                continue
            with one:
                while self.verify(one) and self.keep and not self.stopped:
                    pass

    def verify(self, one):
        """False when the connection is of no more use."""
        try:
            one.send(client.VERIFY, client.digest_of(self.token) + bytes(4))
        except ConnectionError:
            self.again += 1
            return False
        try:
            body = one.answer(client.VERIFY, one.ident)
            code = client.decode(client.VERDICT_FIELDS, body)['code']
            check_equal(code, OK, 'verdict')
            self.good += 1
            return True
        except Exception as error:  # each of them is a request lost
            self.lost.append(repr(error))
            return False


class Options(ctypes.Structure):
    """struct keyd_options of keyd.h."""

    _fields_ = [('size', ctypes.c_size_t), ('runtime_dir', ctypes.c_char_p),
                ('org', ctypes.c_char_p), ('deadline_ms', ctypes.c_uint),
                ('change_deadline_ms', ctypes.c_uint)]


class LibraryLoader(threading.Thread):
    """Verifies with libkeyd, which knows by itself what to try again."""

    def __init__(self, keyd, token):
        super().__init__(daemon=True)
        self.library = ctypes.CDLL(os.path.join(LIBRARIES, 'libkeyd.so.0'))
        options = Options(ctypes.sizeof(Options), keyd.runtime.encode(),
                          None, 10000, 10000)
        self.handle = ctypes.c_void_p()
        check_equal(self.library.keyd_open(
            ctypes.byref(options), ctypes.byref(self.handle)), OK,
            'keyd_open')
        self.token = token.encode()
        self.stopped = False
        self.good = 0
        self.again = 0
        self.lost = []

    def run(self):
        while not self.stopped:
            status = self.library.keyd_verify_with(
                self.handle, self.token, None, None)
            if status == OK:
                self.good += 1
            else:
                self.lost.append('libkeyd: %d' % status)


def a_restart_loses_no_request():
    """with passed sockets a restart under load loses no request"""
    keyd = Keyd()
    passed = Passed(keyd)
    passed.start()
    keyd.people()
    token = keyd.create('ci')[0]
    loaders = [Loader(keyd, token, at % 2) for at in range(4)]
    if not sanitized():  # whose runtime Python does not have
        loaders.append(LibraryLoader(keyd, token))
    for one in loaders:
        one.start()
    for _ in range(20):
        before = sum(one.good for one in loaders)
        wait_until('requests are answered', lambda: sum(
            one.good for one in loaders) > before + 50)
        check_equal(keyd.stop(), 0, 'exit status')
        time.sleep(0.05)
        passed.start()
    for one in loaders:
        one.stopped = True
    for one in loaders:
        one.join(10)
        check(not one.is_alive(), 'a client hangs')
    print('    %d answered, %d tried again before anything was asked' % (
        sum(one.good for one in loaders), sum(one.again for one in loaders)))
    lost = [why for one in loaders for why in one.lost]
    check_equal(lost, [], 'requests that were lost')
    check_equal(keyd.stop(), 0, 'exit status')


def no_readiness_without_a_socket():
    """keyd that cannot notify anyone starts all the same"""
    keyd = Keyd()
    keyd.start(ready=False, NOTIFY_SOCKET='/nonexistent/notify')
    wait_until('keyd listens', lambda: os.path.exists(keyd.admin_path))
    wait_until('keyd answers', lambda: keyd.ctl('status').returncode == 0)
    with keyd.verifier() as verifier:
        check_equal(verifier.verify(new_token())['code'], client.UNKNOWN,
                    'verdict')
    check_equal(keyd.stop(), 0, 'exit status')


main(sigterm_ends_keyd_well, sigterm_finishes_what_is_under_way,
     sighup_reads_a_good_configuration, sighup_keeps_the_old_of_a_bad_one,
     other_signals_do_no_harm, sigint_ends_keyd_too, sockets_can_be_passed,
     wrong_passed_sockets_are_refused, the_watchdog_is_fed,
     a_restart_loses_no_request, no_readiness_without_a_socket)
