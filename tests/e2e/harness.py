# SPDX-License-Identifier: ISC
"""Starts keyd in a scratch folder of its own, and clears up after it.

Whatever happens in a test, the processes that it started are killed and its
folder is removed; before that the folder is searched for tokens, since keyd
must have none.  Everything waits for a bounded time.

  KEYD_TEST_SCALE   share of the full counts, such as 0.1; default 1
  KEYD_TEST_LONG    1: the long form of the tests that have one
  KEYD_TEST_TOKENS  file (0600) that all tokens made are appended to
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import traceback

import client

BUILD = os.path.abspath(
    os.environ.get('builddir') or os.environ.get('top_builddir') or '.')
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), '../..'))
KEYD = os.path.join(BUILD, 'keyd')
KEYDCTL = os.path.join(BUILD, 'keydctl')
LIBRARIES = os.path.join(BUILD, '.libs')
ROOT = os.getuid() == 0
LONG = os.environ.get('KEYD_TEST_LONG') == '1'
STRANGER = 12345  # a uid and gid that nobody has

TOKEN = re.compile(rb'(?=([a-z][a-z0-9]{0,14}_[0-9a-z]{52})(?![0-9a-z]))')


class Failure(AssertionError):
    """What a check found wrong."""


class Skip(Exception):
    """Why this cannot be tested here."""


def check(good, what):
    if not good:
        raise Failure(what)


def check_equal(got, wanted, what):
    if got != wanted:
        raise Failure('%s: got %r, not %r' % (what, got, wanted))


def check_match(pattern, text, what):
    found = re.search(pattern, text, re.M)
    if not found:
        raise Failure('%s: %r has no %r' % (what, text, pattern))
    return found


def check_refused(code, call, *args, **more):
    """The call must end in this error of the protocol."""
    try:
        answer = call(*args, **more)
    except client.Refused as refused:
        check_equal(refused.code, code, 'error (%s)' % refused.text)
        return refused
    raise Failure('got %r, not error %d' % (answer, code))


def wait_until(what, condition, seconds=60):
    end = time.monotonic() + seconds * slowness()
    while not condition():
        if time.monotonic() > end:
            raise Failure('waited in vain until ' + what)
        time.sleep(0.01)


def in_threads(count, ask, was_late):
    """What ask(number) gave in so many threads at once, as one list.

    Servers have 250 ms for a question to keyd, which a busy machine may take:
    all are asked again, a few times, as long as was_late(that list).
    """
    for _ in range(5):
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            parts = pool.map(lambda number: list(ask(number)), range(count))
            given = [one for part in parts for one in part]
        if not was_late(given):
            break
    return given


def need_root():
    if not ROOT:
        raise Skip('needs root')


def scaled(count):
    share = float(os.environ.get('KEYD_TEST_SCALE') or '1')
    return max(1, int(count * share))


def sanitized():
    """Is this keyd built with a sanitizer?"""
    if not hasattr(sanitized, 'known'):
        with open(KEYD, 'rb') as program:
            sanitized.known = re.search(
                rb'__(asan|tsan)_init', program.read()) is not None
    return sanitized.known


def slowness():
    return 5 if sanitized() else 1


# Scratch folders and tokens.

class Scratch:
    """The one folder of a test program; its path is short for sockets."""

    path = None

    @classmethod
    def get(cls):
        if cls.path is None:
            cls.path = tempfile.mkdtemp(prefix='keyd.', dir='/tmp')
        return cls.path

    @classmethod
    def remove(cls):
        if cls.path is not None:
            shutil.rmtree(cls.path, ignore_errors=True)


def tokens_file():
    return (os.environ.get('KEYD_TEST_TOKENS')
            or os.path.join(Scratch.get(), 'tokens made'))


def record(token):
    """Notes a token for the secret hunt, and returns it."""
    os.makedirs(os.path.dirname(tokens_file()), exist_ok=True)
    line = '%s %s\n' % (hashlib.sha256(token.encode()).hexdigest(), token)
    os.makedirs(os.path.dirname(tokens_file()), exist_ok=True)
    out = os.open(tokens_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(out, line.encode())
    finally:
        os.close(out)
    return token


def new_token(prefix='cmk'):
    return record(client.make_token(prefix))


def tokens_in(data):
    """The texts in some bytes that are tokens by form and checksum."""
    if b'_' not in data:
        return []
    found = []
    for match in TOKEN.finditer(data):
        text = match.group(1).decode()
        if client.checksum(text[:-7]) == text[-7:]:
            found.append(text)
    return found


def files_with_tokens(folder):
    """The files under a folder that hold a token, but the one list of them."""
    found = []
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if path != tokens_file() and tokens_in(content(path)):
                found.append(path)
    return found


def content(path):
    """Of a file, if it is one and not gone meanwhile."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return b''
        with open(path, 'rb') as one:
            return one.read()
    except FileNotFoundError:
        return b''


# Processes.

class Processes:
    """All that was started, to be killed at the end by their pids."""

    all = []

    @classmethod
    def start(cls, argv, **options):
        process = subprocess.Popen(argv, **options)
        cls.all.append(process)
        return process

    @classmethod
    def kill(cls):
        for process in cls.all:
            if process.poll() is None:
                process.kill()
                process.wait()


def environment(**more):
    env = {name: value for name, value in os.environ.items()
           if name not in ('LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES',
                           'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID',
                           'KEYD_RUNTIME_DIR')}
    env['LC_ALL'] = 'C.UTF-8'
    env.update(more)
    return env


def run(argv, stdin='', seconds=60, env=None):
    """Runs a program to its end: .returncode, .stdout, .stderr."""
    return subprocess.run(
        argv, input=stdin, capture_output=True, text=True, check=False,
        timeout=seconds * slowness(), env=env or environment())


def as_uid(argv, uid=STRANGER, groups=None):
    """The same command as another user."""
    groups = ('--groups=%d' % groups,) if groups else ('--clear-groups',)
    return ['setpriv', '--reuid=%d' % uid, '--regid=%d' % uid, *groups, *argv]


def open_to_all(keyd):
    """Lets other users reach the sockets of this keyd."""
    os.chmod(Scratch.get(), 0o711)
    os.chmod(keyd.folder, 0o711)


def in_child(function, uid, groups=(), meanwhile=lambda: None):
    """Calls the function as another user; what it raises is raised here.

    What it returns comes back by way of JSON.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os._exit(child(function, uid, groups, writer))
    os.close(writer)
    try:
        meanwhile()
    finally:
        with open(reader, encoding='utf-8') as lines:
            text = lines.read()
        status = os.waitpid(pid, 0)[1]
    if status != 0:
        raise Failure('as uid %d: %s' % (uid, text))
    return json.loads(text)


def child(function, uid, groups, writer):
    good = False
    try:
        signal.alarm(60 * slowness())
        os.setgroups(groups)
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        text = json.dumps(function())
        good = True
    except BaseException:  # the child must end here, whatever happens
        text = traceback.format_exc()
    os.write(writer, text.encode())
    return 0 if good else 1


class Notifications:
    """The socket that stands for systemd's."""

    def __init__(self, path):
        self.path = path
        self.texts = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)

    def have(self, line):
        """Was a datagram with this line among those that came?"""
        while True:
            try:
                self.texts.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                break
        return any(line in text.split('\n') for text in self.texts)

    def forget(self):
        self.have('')
        self.texts = []


class Keyd:
    """A keyd with its folders.  As a context it is started and stopped."""

    count = 0

    def __init__(self, config='', name=None):
        Keyd.count += 1
        name = name or 'k%d' % Keyd.count
        self.folder = os.path.join(Scratch.get(), name)
        os.mkdir(self.folder, 0o700)
        self.state = os.path.join(self.folder, 's')
        self.runtime = os.path.join(self.folder, 'r')
        self.config = os.path.join(self.folder, 'keyd.conf')
        self.log_path = os.path.join(self.folder, 'log')
        self.verify_path = os.path.join(self.runtime, 'verify.sock')
        self.admin_path = os.path.join(self.runtime, 'admin.sock')
        self.notifications = Notifications(os.path.join(self.folder, 'n'))
        self.configure(config)
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            code = self.stop()
            if kind is None:
                check_equal(code, 0, 'exit status of keyd after SIGTERM')
        elif kind is None:
            raise Failure('keyd is gone: exit status %d' % self.process.poll())
        return False

    def configure(self, text):
        with open(self.config, 'w', encoding='utf-8') as out:
            out.write(text + '\n')
        os.chmod(self.config, 0o644)

    def argv(self, *more):
        return [KEYD, '-c', self.config, '-d', self.state, '-r', self.runtime,
                *more]

    def start(self, wrapper=(), ready=True, pass_fds=(), **env):
        """Starts keyd, and waits until it says that it is ready."""
        self.notifications.forget()
        env.setdefault('NOTIFY_SOCKET', self.notifications.path)
        with open(self.log_path, 'a', encoding='utf-8') as log:
            self.process = Processes.start(
                ['setpriv', '--pdeathsig', 'KILL', *wrapper, *self.argv()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment(**env), pass_fds=pass_fds, cwd='/')
        if ready:
            wait_until('keyd is ready', self.is_ready)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failure('keyd ended with %d:\n%s' % (
                self.process.returncode, self.log()))
        return self.notifications.have('READY=1')

    @property
    def pid(self):
        return self.process.pid

    def end(self, number):
        self.process.send_signal(number)
        return self.process.wait(timeout=60 * slowness())

    def stop(self):
        return self.end(signal.SIGTERM)

    def kill(self):
        return self.end(signal.SIGKILL)

    def restart(self):
        check_equal(self.stop(), 0, 'exit status of keyd after SIGTERM')
        return self.start()

    def reload(self, config):
        """Sends SIGHUP with a new configuration, and waits for the answer."""
        self.configure(config)
        self.notifications.forget()
        self.process.send_signal(signal.SIGHUP)
        wait_until('keyd has read its configuration again',
                   lambda: self.notifications.have('READY=1'))

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def proc(self, field):
        """A number of /proc/PID/status, such as VmRSS in KiB."""
        with open('/proc/%d/status' % self.pid, encoding='ascii') as lines:
            for line in lines:
                if line.startswith(field + ':'):
                    return int(line.split()[1])
        raise Failure('no %s in /proc' % field)

    def cpu_seconds(self):
        with open('/proc/%d/stat' % self.pid, encoding='ascii') as line:
            fields = line.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def written(self):
        """Bytes that it has had written to the disk so far."""
        with open('/proc/%d/io' % self.pid, encoding='ascii') as lines:
            for line in lines:
                if line.startswith('write_bytes:'):
                    return int(line.split()[1])
        raise Failure('no write_bytes in /proc')

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.pid))

    def settled_descriptors(self, clients=0):
        """The same, once keyd has let go of all clients but so many."""
        with self.admin() as one:
            wait_until('all other clients are gone',
                       lambda: one.status()['connections'] == clients + 1)
            return self.descriptors() - 1

    def verifier(self, **more):
        return client.Client(self.verify_path, 60 * slowness(), **more)

    def admin(self, **more):
        return client.Client(self.admin_path, 60 * slowness(), **more)

    def ctl(self, *args, stdin='', wrapper=()):
        return run([*wrapper, KEYDCTL, '-r', self.runtime, *args], stdin)

    def done(self, *args, stdin=''):
        """Runs keydctl, which must succeed; what it printed."""
        result = self.ctl(*args, stdin=stdin)
        check_equal(result.returncode, 0, 'keydctl %s: %s%s' % (
            ' '.join(args), result.stdout, result.stderr))
        return result.stdout

    def json(self, *args, stdin=''):
        return json.loads(self.done('--json', *args, stdin=stdin))

    def people(self, limited=False):
        """acme with an owner, an admin, an editor and a tester.

        Unless it is to be limited its keys are used a million times a second.
        """
        with self.admin() as admin:
            if limited:
                admin.org_add('acme')
            else:
                admin.org_add('acme', rate=60000000, burst=1000000)
            for user, role in (('olga', 'owner'), ('adam', 'admin'),
                               ('alice', 'editor'), ('tom', 'tester')):
                admin.member_add('acme', user, role)

    def create(self, name, user='alice', admin=None, **more):
        """Makes a key of acme: its token and what keyd answered."""
        token = new_token()
        digest = client.digest_of(token)
        if admin is not None:
            return token, admin.create(digest, 'acme', user, name, **more)
        with self.admin() as one:
            return token, one.create(digest, 'acme', user, name, **more)

    def create_slow(self, names, user='sam', burst=10):
        """Tokens of an org, slow, whose keys get one use back a minute."""
        tokens = [new_token() for _ in names]
        with self.admin() as one:
            one.org_add('slow', plan='enterprise', rate=1, burst=burst)
            one.member_add('slow', user, 'editor')
            for token, name in zip(tokens, names):
                one.create(client.digest_of(token), 'slow', user, name)
        return tokens

    def verdict(self, token, permission='', org=''):
        """The code of one verify on a connection of its own."""
        with self.verifier() as one:
            return one.verify(token, permission, org)['code']


def one_sentence(stderr):
    """What a program said, which must be one line that reads like text."""
    lines = stderr.splitlines()
    check_equal(len(lines), 1, 'lines on stderr (%r)' % stderr)
    check(len(lines[0].split()) >= 4, 'no sentence: %r' % stderr)
    return lines[0]


# The frame of a test program.

def too_long(_number, _where):
    raise Failure('the test took too long')


def run_one(test):
    """True or False, or 'skipped'."""
    sentence = ' '.join(test.__doc__.split())
    try:
        test()
    except Skip as why:
        print('skipped: %s (%s)' % (sentence, why), flush=True)
        return 'skipped'
    except Exception as error:  # all of them, to go on with the next test
        print('FAILED: %s' % sentence)
        if isinstance(error, Failure):
            where = traceback.extract_tb(error.__traceback__)
            print('    line %s: %s' % ([
                step.lineno for step in where
                if 'harness' not in step.filename][-1:], error), flush=True)
        else:
            traceback.print_exc(file=sys.stdout)
        return False
    else:
        print('ok: %s' % sentence, flush=True)
    return True


def reports():
    """What must be in no log: a sanitizer's report, a token."""
    bad = ['%s holds a token' % path
           for path in files_with_tokens(Scratch.get())]
    for where, _, names in os.walk(Scratch.get()):
        if 'log' not in names:
            continue
        with open(os.path.join(where, 'log'), encoding='utf-8',
                  errors='replace') as log:
            text = log.read()
        if re.search('Sanitizer|runtime error', text):
            bad.append('a sanitizer reports:\n' + text)
    return bad


def main(*tests, limit=120):
    """Runs the tests, each a function whose docstring says what holds.

    With arguments, only those whose names hold one of them.  The exit status
    is 77, Automake's for a test that is skipped, when all were.
    """
    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    good = True
    skipped = True
    try:
        for test in tests:
            if sys.argv[1:] and not any(
                    part in test.__name__ for part in sys.argv[1:]):
                continue
            signal.alarm(limit * slowness())
            result = run_one(test)
            good = good and bool(result)
            skipped = skipped and result == 'skipped'
        signal.alarm(0)
        Processes.kill()
        for bad in reports():
            print('FAILED: ' + bad)
            good = False
    finally:
        signal.alarm(0)
        Processes.kill()
        Scratch.remove()
    sys.exit(1 if not good else 77 if skipped else 0)
