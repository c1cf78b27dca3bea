#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""nginx with the keyd module: a keyd that hangs or is away, clients that leave,
reloads, many workers."""

import contextlib
import os
import re
import select
import signal
import threading
import time

from nginx import Nginx, again_if_late, bearer, connect
from http2 import Http2
from harness import (Keyd, check, check_equal, check_match, main,
                     new_token, scaled, wait_until)

SITE = '''
    server {
        LISTEN;
        keyd tests:run;
        add_header X-Worker $pid always;
        location /open/ { keyd_off; }
    }
    server { listen unix:SOCKET2 http2; keyd tests:run; }
'''


@contextlib.contextmanager
def stopped(keyd):
    """keyd hangs meanwhile."""
    keyd.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        keyd.process.send_signal(signal.SIGCONT)


def site(keyd, workers=1):
    nginx = Nginx(keyd, '', workers=workers)
    nginx.configure(SITE.replace('SOCKET2', nginx.socket + '2'))
    return nginx


def send(nginx, token, path='/'):
    """A request whose answer is not waited for: its socket."""
    one = connect(nginx.socket)
    one.sendall(('GET %s HTTP/1.0\r\nAuthorization: Bearer %s\r\n\r\n' % (
        path, token)).encode())
    return one


def receive(one):
    """The rest of what is sent: status and all of it."""
    got = b''
    while True:
        more = one.recv(65536)
        if not more:
            break
        got += more
    one.close()
    return int(check_match(r'^HTTP/1\.1 (\d+)', got.decode(),
                           'answer').group(1)), got.decode()


def answered_from_memory(keyd, nginx, token):
    """Is a key that was just used let in though keyd hangs?

    Its calls are leased twice as many each time: the last ask leaves some.
    """
    for _ in range(25):
        status = nginx.status('/', token)
        if status == 503:  # keyd was late
            return False
        check_equal(status, 200, 'with keyd')
    with stopped(keyd):
        return nginx.status('/', token) == 200


def a_keyd_that_hangs_hurts_nobody_else():
    """while keyd hangs others are served; what waits for it ends as 503"""
    with Keyd() as keyd, site(keyd) as nginx:
        keyd.people()
        known = keyd.create('known')[0]
        wait_until('a known key is let in', lambda: answered_from_memory(
            keyd, nginx, known))
        with stopped(keyd):
            begun = time.monotonic()
            waiting = [send(nginx, new_token()) for _ in range(100)]
            for _ in range(10):
                check_equal(nginx.ask('/open/').status, 200, 'open')
                check_equal(nginx.status('/', 'no-token'), 401, 'no token')
            early = select.select(waiting, [], [], 0)[0]
            if time.monotonic() - begun < 0.2:
                check_equal(early, [], 'answers before the deadline')
            for one in waiting:
                status, said = receive(one)
                check_equal(status, 503, 'keyd hangs')
                check_match(r'^Retry-After: [1-9]\d*\r$', said, 'Retry-After')
                check('WWW-Authenticate' not in said, 'a challenge')
            took = time.monotonic() - begun
            check(0.2 < took < 60, 'the deadline was after %f s' % took)
        wait_until('keyd is back', lambda: nginx.status(
            '/', keyd.create('k%d' % time.monotonic_ns())[0]) == 200)
        check_match(r'\[error\].* keyd: keyd did not answer in time',
                    nginx.log(), 'error.log')


def a_client_that_leaves_is_forgotten():
    """a client that goes while keyd is asked ends its request at once"""
    with Keyd() as keyd, site(keyd) as nginx:
        keyd.people()
        token = keyd.create('ci')[0]
        check_equal(nginx.status('/', token), 200, 'before')
        worker, = nginx.worker_pids()
        before = len(os.listdir('/proc/%d/fd' % worker))
        rounds = 0
        for _ in range(20):
            seen, begun = len(nginx.accesses()), time.monotonic()
            with stopped(keyd):
                stays = send(nginx, new_token())
                gone = [send(nginx, new_token()) for _ in range(20)]
                for _ in range(2):  # by then it has read them all
                    check_equal(nginx.ask('/open/').status, 200, 'open')
                for one in gone:
                    one.close()
                early = time.monotonic() - begun < 0.2
                check_equal(receive(stays)[0], 503, 'the one that stayed')
            logged = nginx.accesses()[seen:]
            wait_until('keyd is back',
                       lambda: nginx.status('/', new_token()) == 401)
            if early:  # before the deadline
                check_equal([line.split()[0] for line in logged
                             if line[:3] in ('499', '503')],
                            ['499'] * 20 + ['503'],
                            'what was logged, in its order')
                rounds += 1
            if rounds == 3:
                break
        wait_until('a good key is let in again',
                   lambda: nginx.status('/', token) == 200)
        wait_until('connections are closed', lambda: len(
            os.listdir('/proc/%d/fd' % worker)) <= before)
        check_equal(nginx.worker_pids(), {worker}, 'the worker')


def streams_are_reset_and_the_rest_goes_on():
    """HTTP/2 streams that are reset while they wait leave the others alone"""
    with Keyd() as keyd, site(keyd) as nginx:
        keyd.people()
        token = keyd.create('ci')[0]
        with Http2(connect(nginx.socket + '2')) as one:
            one.ask('/', token)
            check_equal(one.finish(), [200], 'before')
            for _ in range(20):
                begun = time.monotonic()
                with stopped(keyd):
                    streams = [one.ask('/', new_token()) for _ in range(40)]
                    for stream in streams[::2]:
                        one.reset(stream)
                    early = time.monotonic() - begun < 0.2
                    one.finish()
                check_equal([one.statuses.get(stream) for stream in
                             streams[1::2]], [503] * 20, 'those that stayed')
                if early:  # before the deadline
                    check(not any(stream in one.statuses for stream in
                                  streams[::2]), 'answers to what was reset')
                    break
            with stopped(keyd), Http2(connect(nginx.socket + '2')) as other:
                for _ in range(20):
                    other.ask('/', new_token())
            new = keyd.create('new')[0]

            def let_in():
                stream = one.ask('/', new)
                one.finish()
                return one.statuses[stream] == 200
            wait_until('a new key is let in', let_in)


@again_if_late
def a_restart_of_keyd_is_survived():
    """503 while keyd is away, and right again when it is back"""
    keyd = Keyd()
    with site(keyd) as nginx:
        answer = nginx.ask('/', bearer(new_token()))
        check_equal(answer.status, 503, 'before keyd was ever there')
        check(int(answer.only('Retry-After')) >= 1, 'Retry-After')
        answer.none('WWW-Authenticate')
        keyd.start()
        keyd.people()
        token = keyd.create('ci')[0]
        check_equal(nginx.status('/', token), 200, 'with keyd')
        for end in (keyd.stop, keyd.kill, keyd.stop):
            end()
            answer = nginx.ask('/', bearer(token))
            check_equal(answer.status, 503, 'without keyd')
            check(int(answer.only('Retry-After')) >= 1, 'Retry-After')
            check_equal(nginx.ask('/open/').status, 200, 'open')
            keyd.start()
            check_equal(nginx.status('/', token), 200, 'with keyd again')
            check_equal(nginx.status('/', new_token()), 401, 'unknown')
    check_equal(keyd.stop(), 0, 'exit status of keyd')


class Load:
    """Threads that ask on and on; as a context until the end of it."""

    def __init__(self, nginx, token, wanted):
        self.nginx, self.token, self.wanted = nginx, token, wanted
        self.answers, self.wrong, self.over = 0, [], False
        self.threads = [threading.Thread(target=self.ask) for _ in range(8)]

    def ask(self):
        try:
            while not self.over:
                for token, status in ((self.token, self.wanted),
                                      (new_token(), 401)):
                    got = self.nginx.status('/', token)
                    self.answers += 1
                    if got != status:
                        self.wrong.append(got)
        except Exception as error:  # said by the thread that waits
            self.wrong.append(repr(error))

    def __enter__(self):
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, kind, *_):
        self.over = True
        for one in self.threads:
            one.join(60)
        if kind is None:
            check_equal([status for status in self.wrong if status != 503],
                        [], 'wrong answers')


def a_reload_loses_no_request():
    """reloads under load: each request is answered, old workers end"""
    with Keyd() as keyd, site(keyd, workers=2) as nginx:
        keyd.people()
        token = keyd.create('ci')[0]
        for _ in range(5):
            with Load(nginx, token, 200) as load:
                for _ in range(3):
                    nginx.reload()
                wait_until('there are answers',
                           lambda load=load: load.answers > 20)
            if not load.wrong:  # 503: keyd was late
                break
        check_equal(load.wrong[:5], [], 'wrong answers')
        with stopped(keyd):
            waiting = [send(nginx, new_token()) for _ in range(20)]
            nginx.process.send_signal(signal.SIGHUP)
            for one in waiting:
                check_equal(receive(one)[0], 503, 'what waited')
        nginx.reload()
        wait_until('keyd is back', lambda: nginx.status('/', token) == 200)
        check_equal(len(nginx.worker_pids()), 2, 'workers')
        nginx.configure('server { LISTEN; keyd members:manage; }')
        nginx.reload()
        check_equal(nginx.status('/', token), 403, 'new settings')


def many_workers_share_the_limit():
    """a key's limit is that of all workers together, and so is its end"""
    burst = 200
    with Keyd() as keyd, site(keyd, workers=4) as nginx:
        with keyd.admin() as admin:
            admin.org_add('slow', plan='enterprise', rate=1, burst=burst)
            admin.member_add('slow', 'sam', 'editor')
        token = keyd.done('create', '--org', 'slow', '--user', 'sam',
                          '--name', 'k').strip()
        seen, workers = [], set()

        def ask():
            for _ in range(50):
                for _ in range(20):
                    answer = nginx.ask('/', bearer(token))
                    if answer.status != 503:  # keyd was late
                        break
                seen.append(answer.status)
                workers.add(answer.only('X-Worker'))

        def ask_all():
            seen.clear()
            threads = [threading.Thread(target=ask) for _ in range(8)]
            for one in threads:
                one.start()
            for one in threads:
                one.join(60)
            return {status: seen.count(status) for status in set(seen)}

        counts = ask_all()
        check_equal(sum(counts.values()), 400, 'answers (%r)' % counts)
        check(burst / 2 < counts[200] <= burst, 'let in: %r' % counts)
        check_equal(set(counts), {200, 429}, 'statuses')
        check(len(workers) > 1, 'one worker did it all')
        name = keyd.json('list', '--org', 'slow')
        name = re.search(r'key_[0-9a-z]{16}', str(name)).group(0)
        keyd.done('revoke', name, '--yes')
        check_equal(ask_all(), {401: 400}, 'after the revoke')


@again_if_late
def a_revoked_key_is_refused_at_once():
    """the very next request after keydctl revoke is 401, in each worker"""
    with Keyd() as keyd, site(keyd, workers=2) as nginx:
        keyd.people()
        for at in range(scaled(20)):
            token, made = keyd.create('k%d' % at)
            for _ in range(4):
                check_equal(nginx.status('/', token), 200, 'before')
            keyd.done('revoke', made['id'], '--yes')
            for _ in range(4):
                check_equal(nginx.status('/', token), 401, 'after')


def a_worker_that_dies_is_replaced():
    """a new worker finds its own way to keyd; the fast end is clean too"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        nginx = site(keyd).start()
        check_equal(nginx.status('/', token), 200, 'before')
        worker, = nginx.worker_pids()
        os.kill(worker, signal.SIGKILL)
        wait_until('there is another worker', lambda: nginx.worker_pids() -
                   {worker} and nginx.is_ready())
        check_equal(nginx.status('/', token), 200, 'after')
        with stopped(keyd):
            waiting = send(nginx, new_token())
            check_equal(nginx.stop(signal.SIGTERM), 0, 'exit status')
            waiting.close()
        check_equal(re.findall(r'\[(?:alert|emerg|crit)\].*', nginx.log())[1:],
                    [], 'complaints but for the one that was killed')


main(a_keyd_that_hangs_hurts_nobody_else, a_client_that_leaves_is_forgotten,
     streams_are_reset_and_the_rest_goes_on, a_restart_of_keyd_is_survived,
     a_reload_loses_no_request, many_workers_share_the_limit,
     a_revoked_key_is_refused_at_once, a_worker_that_dies_is_replaced)
