# SPDX-License-Identifier: ISC
"""keyd and its peers, on Unix sockets in a folder of their own.

Each is stopped by its own process id, and none outlives the bench.
"""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

HELLO = bytes.fromhex('0000000c 01 01 0000 00000001 01 01') + b'\0\x08demo 1.0'


class Failure(Exception):
    """Something could not be measured."""


def wait_for(what, seconds, name):
    until = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        if time.monotonic() > until:
            raise Failure('%s takes longer than %d s' % (name, seconds))
        time.sleep(0.001)


def connect(path):
    """None while nobody listens."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(60)
    try:
        s.connect(path)
    except OSError:
        s.close()
        return None
    return s


class Server:
    """A program that runs in the foreground."""

    def __init__(self, name, folder, command, **how):
        self.name = name
        self.folder = folder
        with open(os.path.join(folder, 'log'), 'ab') as log:
            self.process = subprocess.Popen(
                ['setpriv', '--pdeathsig', 'KILL', *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **how)
        self.pid = self.process.pid

    def await_socket(self, path, seconds=60):
        def answered():
            if self.process.poll() is not None:
                raise Failure('%s does not start: %s' % (
                    self.name, self.last_words()))
            return connect(path)
        return wait_for(answered, seconds, 'the start of ' + self.name)

    def last_words(self):
        with open(os.path.join(self.folder, 'log'), encoding='utf-8',
                  errors='replace') as log:
            return log.read()[-300:]

    def stop(self, number=signal.SIGTERM, seconds=120):
        """Says whether it ended by itself."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False


class Keyd(Server):
    def __init__(self, build, folder):
        self.build = build
        self.state = os.path.join(folder, 'state')
        self.runtime = os.path.join(folder, 'run')
        self.socket = os.path.join(self.runtime, 'verify.sock')
        for path in (self.state, self.runtime):
            os.makedirs(path, mode=0o700, exist_ok=True)
        begun = time.monotonic()
        super().__init__('keyd', folder, [
            os.path.join(build, 'keyd'), '-d', self.state,
            '-r', self.runtime])
        self.greet()
        self.ready = time.monotonic() - begun

    def greet(self):
        """It serves as soon as it answers a hello."""
        with self.await_socket(self.socket) as s:
            s.sendall(HELLO)
            if not s.recv(512):
                raise Failure('keyd hangs up')

    def control(self, *arguments, **how):
        done = subprocess.run(
            [os.path.join(self.build, 'keydctl'), '-r', self.runtime,
             '--timeout', '15m', *arguments], check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=900,
            **how)
        if done.returncode != 0:
            raise Failure('keydctl %s: %s' % (
                ' '.join(arguments[:2]),
                done.stderr.decode(errors='replace')[-300:]))

    def people(self):
        """A rate that no measurement meets."""
        self.control('org', 'add', 'bench', '--rate', '60000000',
                     '--burst', '60000000')
        self.control('member', 'add', 'bench', 'bench', '--role', 'editor')

    def memory(self):
        """Of its own, of files, and shared; in bytes."""
        found = {}
        with open('/proc/%d/status' % self.pid, encoding='ascii') as status:
            for line in status:
                name, _, rest = line.partition(':')
                if name in ('RssAnon', 'RssFile', 'RssShmem'):
                    found[name] = int(rest.split()[0]) * 1024
        return found

    def disk(self):
        return os.stat(os.path.join(self.state, 'data.mdb')).st_blocks * 512


def as_user(name):
    """For programs that do not run as root."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam(name)
    return {'user': user.pw_uid, 'group': user.pw_gid, 'extra_groups': []}


def feed(source, command, **how):
    """What one program writes is what another reads."""
    with subprocess.Popen(source, stdout=subprocess.PIPE) as writer:
        try:
            subprocess.run(command, stdin=writer.stdout, check=True,
                           stdout=subprocess.DEVNULL, timeout=600, **how)
        finally:
            writer.stdout.close()
            writer.kill()


def pour(source, s, first, last, answer):
    """What a program writes is sent on; then it is waited until all is taken."""
    with subprocess.Popen(source, stdout=subprocess.PIPE) as writer:
        s.sendall(first)
        while piece := writer.stdout.read(1 << 20):
            s.sendall(piece)
        s.sendall(last)
    heard = b''
    while not heard.endswith(answer):
        piece = s.recv(4096)
        if not piece:
            raise Failure('a peer hangs up while it is filled')
        heard += piece


class Redis(Server):
    dialect = 'redis'

    def __init__(self, folder):
        self.socket = os.path.join(folder, 'redis.sock')
        super().__init__('redis', folder, [
            'redis-server', '--port', '0', '--unixsocket', self.socket,
            '--save', '', '--appendonly', 'no', '--dir', folder,
            '--daemonize', 'no'])
        self.await_socket(self.socket).close()

    def fill(self, source):
        with connect(self.socket) as s:
            pour(source('redis'), s, b'CLIENT REPLY OFF\r\n',
                 b'CLIENT REPLY ON\r\n', b'+OK\r\n')


class Memcached(Server):
    dialect = 'memcached'

    def __init__(self, folder):
        self.socket = os.path.join(folder, 'memcached.sock')
        root = ['-u', 'root'] if os.getuid() == 0 else []
        super().__init__('memcached', folder, [
            'memcached', '-s', self.socket, '-a', '0600', '-t', '1',
            '-m', '2048', '-c', '256', *root])
        self.await_socket(self.socket).close()

    def fill(self, source):
        with connect(self.socket) as s:
            pour(source('memcached'), s, b'', b'mn\r\n', b'MN\r\n')


class Postgres(Server):
    dialect = 'postgres'

    def __init__(self, folder):
        programs = max(glob.glob('/usr/lib/postgresql/*/bin'),
                       key=lambda path: int(path.split('/')[-2]))
        self.psql = os.path.join(programs, 'psql')
        self.how = as_user('postgres')
        if self.how:
            shutil.chown(folder, self.how['user'], self.how['group'])
        data = os.path.join(folder, 'data')
        subprocess.run(
            [os.path.join(programs, 'initdb'), '-D', data, '-U', 'bench',
             '-A', 'trust', '--no-sync', '--locale=C', '-E', 'UTF8'],
            check=True, stdout=subprocess.DEVNULL, timeout=120, cwd=folder,
            **self.how)
        self.socket = os.path.join(folder, '.s.PGSQL.5432')
        super().__init__('PostgreSQL', folder, [
            os.path.join(programs, 'postgres'), '-D', data, '-k', folder,
            '-h', '', '-c', 'shared_buffers=512MB', '-c', 'fsync=off',
            '-c', 'max_connections=200', '-c', 'autovacuum=off'],
            cwd=folder, **self.how)
        self.await_socket(self.socket).close()
        wait_for(lambda: self.sql('SELECT 1', check=False).returncode == 0,
                 60, 'the start of PostgreSQL')

    def command(self, sql):
        return [self.psql, '-q', '-h', self.folder, '-U', 'bench',
                '-d', 'postgres', '-v', 'ON_ERROR_STOP=1', '-c', sql]

    def sql(self, text, check=True):
        return subprocess.run(
            self.command(text), check=check, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=600, cwd=self.folder,
            **self.how)

    def fill(self, source):
        self.sql('CREATE TABLE keys (digest bytea PRIMARY KEY, value text)')
        feed(source('postgres'), self.command('COPY keys FROM STDIN'),
             cwd=self.folder, **self.how)
        self.sql('VACUUM ANALYZE keys')

    def stop(self, number=signal.SIGINT, seconds=60):
        """Fast: clients are hung up on."""
        return super().stop(number, seconds)


class Munge(Server):
    def __init__(self, folder):
        key = os.path.join(folder, 'key')
        with open(key, 'wb', opener=lambda path, flags: os.open(
                path, flags, 0o400)) as out:
            out.write(os.urandom(1024))
        self.socket = os.path.join(folder, 'munge.sock')
        super().__init__('munge', folder, [
            'munged', '--foreground', '--force', '--socket=' + self.socket,
            '--key-file=' + key, '--num-threads=2',
            *('--%s-file=%s' % (name, os.path.join(folder, name))
              for name in ('log', 'pid', 'seed'))])
        self.await_socket(self.socket).close()
