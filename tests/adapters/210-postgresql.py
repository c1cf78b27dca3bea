#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""PostgreSQL that takes tokens as passwords, by way of PAM."""

import glob
import os
import pwd
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../e2e'))
from harness import (Failure, Processes, Scratch, as_uid, check, check_equal,
                     check_match, environment, main, need_root, new_token, run,
                     wait_until)
from installed import free_port
import pam

USER = 'postgres'


def program(name):
    found = sorted(glob.glob('/usr/lib/postgresql/*/bin/' + name))
    if not found:
        raise Failure('no PostgreSQL: apt-get install postgresql')
    return found[-1]


class Cluster:
    """A database cluster of its own, on loopback and a Unix socket."""

    def __init__(self, services, service):
        self.services = services
        self.uid = pwd.getpwnam(USER).pw_uid
        self.folder = os.path.join(Scratch.get(), 'pg')
        self.data = os.path.join(self.folder, 'data')
        self.log_path = os.path.join(self.folder, 'log')
        os.mkdir(self.folder, 0o755)
        os.chown(self.folder, self.uid, -1)
        result = run(as_uid([program('initdb'), '-D', self.data, '-U', USER,
                             '-A', 'peer', '--no-sync', '--no-locale',
                             '-E', 'UTF8'], self.uid), seconds=60)
        check_equal(result.returncode, 0, 'initdb: ' + result.stderr)
        self.port = free_port()
        with open(os.path.join(self.data, 'pg_hba.conf'), 'w',
                  encoding='ascii') as out:
            out.write('local all %s peer\n'
                      'local all all pam pamservice=%s\n'
                      'host all all 127.0.0.1/32 pam pamservice=%s\n' % (
                          USER, service, service))

    def __enter__(self):
        library_path = 'LD_LIBRARY_PATH=' + os.path.dirname(
            self.services.module)
        with open(self.log_path, 'w', encoding='utf-8') as log:
            self.process = Processes.start(
                as_uid(['setpriv', '--pdeathsig', 'QUIT', 'env', library_path,
                        program('postgres'), '-D', self.data,
                        '-k', self.folder, '-h', '127.0.0.1',
                        '-p', str(self.port), '-c', 'fsync=off',
                        '-c', 'log_connections=on', '-c', 'shared_buffers=1MB',
                        '-c', 'max_connections=10'], self.uid),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment(), cwd='/')
        wait_until('PostgreSQL is ready', self.is_ready, 60)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failure('PostgreSQL ended: ' + self.log())
        return 'ready to accept connections' in self.log()

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def as_admin(self, statement):
        result = run(as_uid(['psql', '-h', self.folder, '-p', str(self.port),
                             '-U', USER, '-d', USER, '-c', statement],
                            self.uid))
        check_equal(result.returncode, 0, statement + ': ' + result.stderr)

    def psql(self, user, token, host='127.0.0.1'):
        """select current_user with a token, which is in no argument, no file
        and no environment."""
        passwords = os.memfd_create('pgpass')
        os.fchmod(passwords, 0o600)
        os.write(passwords, b'*:*:*:*:' + token.encode() + b'\n')
        try:
            return subprocess.run(
                ['psql', '-w', '-X', '-A', '-t', '-h', host, '-p',
                 str(self.port), '-U', user, '-d', USER,
                 '-c', 'select current_user'],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                check=False, timeout=60, pass_fds=(passwords,),
                env=environment(PGPASSFILE='/proc/self/fd/%d' % passwords))
        finally:
            os.close(passwords)

    def good(self, user, token, **more):
        result = self.psql(user, token, **more)
        check_equal((result.returncode, result.stdout), (0, user + '\n'),
                    'psql as %s (%s)' % (user, result.stderr))

    def bad(self, user, token, **more):
        result = self.psql(user, token, **more)
        check_equal(result.returncode, 2, 'psql as %s' % user)
        check_match('PAM authentication failed for user "%s"' % user,
                    result.stderr, 'stderr')


def psql_logs_in_with_a_key():
    """psql logs in with a key of its user, until that is revoked"""
    need_root()
    keyd, services = pam.people()
    with services.of_the_system(
            'auth required KEYD permission=data:read org=acme user_match',
            'account required KEYD') as service, keyd:
        keyd.people()
        token, key = keyd.create('psql')
        other = keyd.create('other', user='adam')[0]
        with Cluster(services, service) as cluster:
            for role in ('alice', 'adam', 'bob'):
                cluster.as_admin('create role %s login' % role)
            cluster.good('alice', token)
            cluster.good('alice', token, host=cluster.folder)
            cluster.good('adam', other)
            cluster.bad('bob', token)
            cluster.bad('alice', other)
            cluster.bad('alice', new_token())
            cluster.bad('alice', 'secret')
            keyd.done('revoke', key['id'], '--yes')
            cluster.bad('alice', token)
            cluster.good('adam', other)
            keyd.stop()
            cluster.bad('adam', other)
            check_match('cannot retrieve authentication info', cluster.log(),
                        'log of PostgreSQL')
            keyd.start()
            cluster.good('adam', other)
            for one in (token, other):
                check(one[4:] not in cluster.log(), 'a token is in the log')


main(psql_logs_in_with_a_key, limit=180)
