#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Mosquitto with mosquitto_keyd.so: mosquitto_pub and mosquitto_sub."""

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../e2e'))
import client
from document import replaced, row
from harness import (Failure, Keyd, LIBRARIES, Processes, Scratch, check,
                     check_equal, check_match, environment, main, new_token,
                     open_to_all, run, wait_until)
from installed import free_port, installed

MODULE = 'mosquitto_keyd.so'
RULES = ('publish tests:run jobs/#',
         'publish settings:manage config/#',
         'publish tests:run tenants/%o/users/%u/out',
         'subscribe data:read jobs/#',
         'subscribe data:read config/+/shown',
         'subscribe data:read tenants/%o/#',
         'subscribe settings:manage jobs/secret/#')


class Broker:
    """mosquitto on loopback, as the user that it takes itself."""

    def __init__(self, keyd, *options, before=(), lines=()):
        self.keyd = keyd
        self.port = free_port()
        self.folder = os.path.join(keyd.folder, 'mosquitto')
        os.mkdir(self.folder, 0o755)
        self.config = os.path.join(self.folder, 'mosquitto.conf')
        self.log_path = os.path.join(self.folder, 'log')
        open_to_all(keyd)
        with open(self.config, 'w', encoding='ascii') as out:
            out.write('\n'.join((
                *before, 'listener %d 127.0.0.1' % self.port, 'log_type all',
                'allow_anonymous false', 'plugin ' + installed(MODULE),
                'plugin_opt_runtime_dir ' + keyd.runtime,
                *('plugin_opt_' + one for one in options), *lines, '')))

    def start(self):
        with open(self.log_path, 'w', encoding='utf-8') as log:
            self.process = Processes.start(
                ['setpriv', '--pdeathsig', 'KILL', 'mosquitto', '-c',
                 self.config], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd='/', env=environment(
                    LD_LIBRARY_PATH=os.path.join(Scratch.get(), 'lib')))

    def __enter__(self):
        self.start()
        wait_until('mosquitto listens', self.listens)
        return self

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def __exit__(self, kind, *_):
        code = self.stop()
        if kind is None:
            check_equal(code, 0, 'exit status of mosquitto')

    def listens(self):
        if self.process.poll() is not None:
            raise Failure('mosquitto ended: ' + self.log())
        try:
            socket.create_connection(('127.0.0.1', self.port), 5).close()
        except ConnectionRefusedError:
            return False
        return True

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as log:
            return log.read()

    def logs(self, text, times=1):
        wait_until('mosquitto logs %r' % text,
                   lambda: self.log().count(text) >= times)

    def check_uses(self, key, wanted, what):
        """How often a key was used, once the broker has stopped: until then
        the library may not have said all.  What keyd answered too late is
        asked again."""
        self.stop()
        uses = self.keyd.json('show', key['id'])['uses']
        if uses < wanted or 'keyd: no decision' not in self.log():
            check_equal(uses, wanted, what)

    def client(self, program, token, *arguments, user='alice', **more):
        """A client whose token is in no argument, no file, no environment."""
        return Client(self, program, token, user, arguments, **more)

    def pub(self, token, topic, text, *arguments, **more):
        """The exit status and stderr of mosquitto_pub."""
        one = self.client('mosquitto_pub', token, '-t', topic, '-m', text,
                          *arguments, **more)
        return one.wait(), one.errors()

    def sub(self, token, topic, *arguments, name='sub', **more):
        """mosquitto_sub, once it has subscribed."""
        before = self.log().count('Sending SUBACK to ' + name)
        one = self.client('mosquitto_sub', token, '-t', topic, '-i', name,
                          '-F', '%t %p', *arguments, **more)
        self.logs('Sending SUBACK to ' + name, before + 1)
        return one

    def pub_lines(self, token, topic, *arguments, name='pub', **more):
        """mosquitto_pub that publishes each line that it is given."""
        before = self.log().count('Sending CONNACK to ' + name)
        one = self.client('mosquitto_pub', token, '-t', topic, '-l', '-i',
                          name, *arguments, **more)
        self.logs('Sending CONNACK to ' + name, before + 1)
        return one


class Client:
    """A program that reads its token from a configuration in memory."""

    def __init__(self, broker, program, token, user, arguments):
        secret = os.memfd_create('token')
        os.write(secret, b'-P %s\n' % token.encode())
        config = os.path.join(broker.folder, 'c%d' % secret)
        if not os.path.isdir(config):
            os.mkdir(config, 0o755)
            for one in ('mosquitto_pub', 'mosquitto_sub'):
                os.symlink('/proc/self/fd/%d' % secret,
                           os.path.join(config, one))
        self.process = Processes.start(
            [program, '-h', '127.0.0.1', '-p', str(broker.port), '-u', user,
             *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, pass_fds=(secret,),
            env=environment(XDG_CONFIG_HOME=config))
        os.close(secret)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))

    def line(self):
        try:
            return self.lines.get(timeout=60)
        except queue.Empty:
            raise Failure('no message: ' + self.end()) from None

    def write(self, text):
        self.process.stdin.write(text + '\n')
        self.process.stdin.flush()

    def wait(self):
        return self.process.wait(timeout=60)

    def errors(self):
        return self.process.stderr.read()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(timeout=60)
        return self.errors()


@contextlib.contextmanager
def running(*options, rules=RULES, **more):
    """keyd with its people, and a broker that asks it."""
    with Keyd() as keyd:
        keyd.people()
        with Broker(keyd, *rules, *options, **more) as broker:
            yield keyd, broker


def a_token_publishes_and_subscribes():
    """messages go where the permissions of the key let them"""
    with running() as (keyd, broker):
        token, key = keyd.create('one')
        admin = keyd.create('two', user='adam')[0]
        with_level = broker.sub(token, 'jobs/+')
        everything = broker.sub(admin, 'config/+/shown', '-t', 'jobs/#',
                                name='all', user='adam')
        check_equal(broker.pub(token, 'jobs/1', 'a', '-q', '1'), (0, ''),
                    'pub')
        check_equal(with_level.line(), 'jobs/1 a', 'message')
        check_equal(everything.line(), 'jobs/1 a', 'message')
        check_match('uthorized', broker.pub(
            token, 'config/x/shown', 'b', '-q', '1', '-V', '5')[1],
            'without the permission')
        broker.pub(token, 'config/x/shown', 'c')
        broker.pub(token, 'elsewhere', 'd')
        broker.pub(admin, 'config/x/shown', 'e', '-q', '1')
        check_equal(everything.line(), 'config/x/shown e', 'message')
        check_match('keyd: accepted %s org=acme user=alice$' % key['id'],
                    broker.log(), 'log')
        for one in (token, admin):
            check(one[4:] not in broker.log(), 'a token is in the log')
        with_level.end()
        everything.end()


def subscriptions_are_no_wider_than_rules():
    """a subscription to more than a rule covers is refused"""
    with running() as (keyd, broker):
        token = keyd.create('one')[0]
        for wide in ('#', '+/1', 'config/#', 'config/+/+', 'tenants/+/x',
                     'tenants/other/#', '$SYS/#', 'elsewhere',
                     '$share/g/config/#', '$share/g/#'):
            one = broker.client('mosquitto_sub', token, '-t', wide, '-W', '30',
                                '-i', 'wide')
            one.wait()
            check_match('denied|rejected', one.errors(), wide)
        for good in ('jobs/#', 'jobs/+/x', 'jobs', 'config/1/shown',
                     'tenants/acme/#', '$share/g/jobs/#'):
            one = broker.sub(token, good)
            check_equal(one.end(), '', good)


def who_is_no_client_is_refused():
    """what is no good token does not connect"""
    with running('org acme', 'user_match true', 'connect tests:write') as (keyd, broker):
        token, key = keyd.create('one')
        less = keyd.create('less', role='tester')[0]
        with keyd.admin() as admin:
            admin.org_add('other')
            admin.member_add('other', 'alice', 'owner')
        other = new_token()
        with keyd.admin() as admin:
            admin.create(client.digest_of(other), 'other', 'alice', 'one')
        good = ('jobs/1', 'x', '-q', '1')
        check_equal(broker.pub(token, *good), (0, ''), 'pub')
        for bad in (less, other, new_token(), token[:-1] + '!', 'secret'):
            status, errors = broker.pub(bad, *good)
            check(status != 0, 'connected')
            check_match('not authorised', errors, 'stderr')
        check(broker.pub(token, *good, user='adam')[0] != 0, 'as another')
        keyd.done('revoke', key['id'], '--yes')
        check(broker.pub(token, *good)[0] != 0, 'revoked')


def a_revocation_cuts_off_the_next_publish():
    """a connected client publishes nothing more once its key is revoked"""
    for version in ('311', '5'):
        for quality in ('0', '1', '2'):
            with running() as (keyd, broker):
                token, key = keyd.create('one')
                reader = broker.sub(keyd.create('two')[0], 'jobs/#')
                writer = broker.pub_lines(token, 'jobs/1', '-q', quality,
                                          '-V', version)
                for i in range(20):
                    writer.write('before %d' % i)
                    check_equal(reader.line(), 'jobs/1 before %d' % i,
                                'message')
                keyd.done('revoke', key['id'], '--yes')
                writer.write('after')
                broker.logs('refused %s: ' % key['id'])
                broker.logs('Client pub disconnected, not authorised')
                writer.end()
                broker.pub(keyd.create('three')[0], 'jobs/2', 'last')
                check_equal(reader.line(), 'jobs/2 last', 'message')
                reader.end()


def a_revocation_cuts_off_what_is_received():
    """a subscriber gets nothing once its key is revoked, and is sent away"""
    with running() as (keyd, broker):
        token, key = keyd.create('one')
        writer = keyd.create('two')[0]
        other = broker.sub(writer, 'jobs/#', name='other')
        reader = broker.sub(token, 'jobs/#')
        broker.pub(writer, 'jobs/1', 'a')
        check_equal(reader.line(), 'jobs/1 a', 'message')
        keyd.done('revoke', key['id'], '--yes')
        broker.pub(writer, 'jobs/1', 'b')
        check_equal([other.line(), other.line()], ['jobs/1 a', 'jobs/1 b'],
                    'messages')
        check(reader.wait() != 0, 'it is still there')
        check(reader.lines.empty(), 'it got a message')
        other.end()


def deliveries_take_no_uses():
    """to receive takes nothing of the limit, to publish takes one"""
    with running() as (keyd, broker):
        token, key = keyd.create('one')
        writer, writers = keyd.create('two')
        reader = broker.sub(token, 'jobs/#')
        lines = broker.pub_lines(writer, 'jobs/1')
        for i in range(30):
            lines.write(str(i))
            check_equal(reader.line(), 'jobs/1 %d' % i, 'message')
        reader.end()
        lines.end()
        broker.check_uses(key, 2, 'connect, subscribe')
        broker.check_uses(writers, 31, 'connect, 30 publishes')


def a_limited_key_publishes_no_more():
    """what is over the limit is refused, and deliveries go on"""
    with running() as (keyd, broker):
        token, other = keyd.create_slow(['one', 'two'])
        reader = broker.sub(token, 'jobs/#')  # 2 uses of 10
        lines = broker.pub_lines(other, 'jobs/1')
        for i in range(15):
            lines.write(str(i))
        check_equal([reader.line() for _ in range(9)],
                    ['jobs/1 %d' % i for i in range(9)], 'messages')
        broker.logs('too often')
        check_equal(lines.process.poll(), None, 'the client')
        check(reader.lines.empty(), 'what is over the limit is published')
        reader.end()
        lines.end()


def without_keyd_nothing_passes():
    """keyd away: nothing is published, and nothing of QoS 1 is lost"""
    with running() as (keyd, broker):
        token = keyd.create('one')[0]
        reader = broker.sub(token, 'jobs/#')
        writer = broker.pub_lines(token, 'jobs/1', '-q', '1')
        writer.write('before')
        check_equal(reader.line(), 'jobs/1 before', 'message')
        keyd.stop()
        writer.write('while')
        broker.logs('keyd: no decision')
        check(broker.pub(token, 'jobs/1', 'new', '-q', '1')[0] != 0, 'pub')
        time.sleep(0.3)
        check(reader.lines.empty(), 'published without keyd')
        keyd.start()
        check_equal(reader.line(), 'jobs/1 while', 'message')
        writer.write('after')
        check_equal(reader.line(), 'jobs/1 after', 'message')
        check(broker.log().count('no decision') < 20, 'it floods its log')
        reader.end()
        writer.end()


def a_hanging_keyd_does_not_hang_the_broker():
    """keyd stopped: the broker waits for it now and then only"""
    with running() as (keyd, broker):
        token = keyd.create('one')[0]
        reader = broker.sub(token, 'jobs/#')
        keyd.process.send_signal(signal.SIGSTOP)
        try:
            def at_once():
                begin = time.monotonic()
                check(broker.pub(token, 'jobs/1', 'x')[0] != 0, 'pub')
                return time.monotonic() - begin < 0.25
            wait_until('most refusals come at once',
                       lambda: sum(at_once() for _ in range(12)) > 6)
        finally:
            keyd.process.send_signal(signal.SIGCONT)
        wait_until('keyd is asked again', lambda: broker.pub(
            token, 'jobs/1', 'y', '-q', '1')[0] == 0)
        check_equal(reader.line(), 'jobs/1 y', 'message')
        reader.end()


def wills_are_verified_too():
    """the will of a client that is lost is sent, unless its key is revoked"""
    with running() as (keyd, broker):
        reader = broker.sub(keyd.create('reader')[0], 'jobs/#')
        will = ('--will-topic', 'jobs/will', '--will-payload')
        good, key = keyd.create('good')
        broker.sub(good, 'jobs/x', *will, 'good', name='w1').end(
            signal.SIGKILL)
        check_equal(reader.line(), 'jobs/will good', 'will')
        lost = broker.sub(good, 'jobs/x', *will, 'bad', name='w2')
        denied = broker.sub(good, 'jobs/x', '--will-topic', 'config/1/shown',
                            '--will-payload', 'no', name='w3')
        denied.end(signal.SIGKILL)
        broker.logs('Client w3 closed its connection')
        keyd.done('revoke', key['id'], '--yes')
        lost.end(signal.SIGKILL)
        broker.logs('Client w2 closed its connection')
        broker.pub(keyd.create('three')[0], 'jobs/2', 'last')
        check_equal(reader.line(), 'jobs/2 last', 'message')
        reader.end()


def a_durable_session_misses_nothing():
    """messages are kept for a client that is away, for its key alone"""
    with running() as (keyd, broker):
        token, key = keyd.create('one')
        writer = keyd.create('two')[0]
        durable = ('-c', '-q', '1')
        admin = keyd.create('three', user='adam')[0]
        broker.sub(token, 'jobs/#', *durable).end()
        broker.sub(admin, 'jobs/secret/#', *durable, name='other').end()
        for i in range(3):
            broker.pub(writer, 'jobs/%d' % i, 'kept', '-q', '1')
        reader = broker.sub(token, 'jobs/#', *durable)
        check_equal([reader.line() for _ in range(3)],
                    ['jobs/%d kept' % i for i in range(3)], 'messages')
        reader.end()
        broker.pub(writer, 'jobs/4', 'revoked', '-q', '1')
        keyd.done('revoke', key['id'], '--yes')
        check(broker.client('mosquitto_sub', token, '-t', 'jobs/#', '-i',
                            'sub', *durable).wait() != 0, 'revoked')


def a_session_outlives_the_broker():
    """a durable session misses nothing when the broker is started again"""
    folder = tempfile.mkdtemp(dir=Scratch.get())
    os.chmod(folder, 0o777)
    with running(lines=('persistence true', 'persistence_location %s/' %
                        folder)) as (keyd, broker):
        token = keyd.create('one')[0]
        writer = keyd.create('two')[0]
        durable = ('-c', '-q', '1')
        broker.sub(token, 'jobs/#', *durable).end()
        check_equal(broker.stop(), 0, 'exit status of mosquitto')
        broker.__enter__()
        broker.pub(writer, 'jobs/1', 'kept', '-q', '1')
        reader = broker.sub(token, 'jobs/#', *durable)
        check_equal(reader.line(), 'jobs/1 kept', 'message')
        reader.end()


def a_password_file_is_there_too():
    """who is in the password file does what the ACL file says"""
    files = tempfile.mkdtemp(dir=Scratch.get())
    os.chmod(files, 0o755)
    passwords = os.path.join(files, 'passwords')
    acl = os.path.join(files, 'acl')
    check_equal(run(['mosquitto_passwd', '-c', '-b', passwords, 'monitor',
                     'secret']).returncode, 0, 'mosquitto_passwd')
    os.chmod(passwords, 0o644)
    with open(acl, 'w', encoding='ascii') as out:
        out.write('user monitor\ntopic read jobs/#\n')
    with running(lines=('password_file ' + passwords, 'acl_file ' + acl)) as (
            keyd, broker):
        token = keyd.create('one')[0]
        monitor = broker.sub('secret', 'jobs/#', name='m', user='monitor')
        broker.pub('secret', 'jobs/1', 'no', '-q', '1', user='monitor')
        broker.pub(token, 'jobs/1', 'yes', '-q', '1')
        check_equal(monitor.line(), 'jobs/1 yes', 'message')
        check(broker.pub('secret2', 'jobs/1', 'x', user='monitor')[0] != 0,
              'a wrong password')
        check(broker.pub('secret', 'jobs/1', 'x', user='alice')[0] != 0,
              'the password of another')
        monitor.end()


def another_key_does_not_inherit_a_session():
    """who takes a session over gets what its own key may read"""
    with running(rules=('publish * #', 'subscribe data:read low/#',
                                'subscribe settings:manage high/#')) as (keyd, broker):
        admin = keyd.create('one', user='adam')[0]
        token = keyd.create('two')[0]
        durable = ('-c', '-q', '1')
        broker.sub(admin, 'high/#', '-t', 'low/#', *durable).end()
        broker.pub(admin, 'high/1', 'kept', '-q', '1')
        broker.pub(admin, 'low/1', 'kept', '-q', '1')
        reader = broker.sub(token, 'low/#', *durable)
        check_equal(reader.line(), 'low/1 kept', 'message')
        broker.pub(admin, 'high/1', 'new', '-q', '1')
        broker.pub(admin, 'low/1', 'new', '-q', '1')
        check_equal(reader.line(), 'low/1 new', 'message')
        reader.end()


def retained_messages_are_found():
    """a retained message is there after its client has left"""
    with running(lines=('check_retain_source true',)) as (keyd, broker):
        token = keyd.create('one')[0]
        broker.pub(token, 'jobs/1', 'kept', '-r', '-q', '1')
        reader = broker.sub(keyd.create('two')[0], 'jobs/#')
        check_equal(reader.line(), 'jobs/1 kept', 'message')
        reader.end()


def names_stand_for_the_keys_own():
    """%o and %u are the org and user of the key"""
    with running() as (keyd, broker):
        token = keyd.create('one')[0]
        reader = broker.sub(token, 'tenants/acme/#')
        for topic in ('tenants/acme/users/adam/out',
                      'tenants/other/users/alice/out',
                      'tenants/%o/users/%u/out',
                      'tenants/acme/users/alice/out/x'):
            broker.pub(token, topic, 'no', '-q', '1')
        broker.pub(token, 'tenants/acme/users/alice/out', 'yes', '-q', '1')
        check_equal(reader.line(), 'tenants/acme/users/alice/out yes',
                    'message')
        reader.end()


def a_reload_keeps_clients():
    """SIGHUP verifies those who are connected, and keeps them"""
    with running() as (keyd, broker):
        token, key = keyd.create('one')
        other, others = keyd.create('two')
        reader = broker.sub(token, 'jobs/#')
        gone = broker.sub(other, 'jobs/#', name='gone')
        keyd.done('revoke', others['id'], '--yes')
        broker.process.send_signal(signal.SIGHUP)
        broker.logs('Reloading config')
        check(gone.wait() != 0, 'a revoked key is kept')
        broker.pub(token, 'jobs/1', 'a')
        check_equal(reader.line(), 'jobs/1 a', 'message')
        reader.end()
        broker.check_uses(
            key, 6, 'connect, subscribe, reload, delivery, connect, publish')


def the_row_of_the_readme_guards():
    """with the lines of README.md a token gets in, and nobody without one"""
    with Keyd() as keyd:
        keyd.people()
        broker = Broker(keyd)
        with open(broker.config, 'w', encoding='ascii') as out:
            out.write(replaced('\n'.join(row('Mosquitto')), **{
                'listener 1883': 'listener %d' % broker.port,
                '/usr/local/lib/keyd/' + MODULE: installed(MODULE) +
                '\nplugin_opt_runtime_dir ' + keyd.runtime}) + '\n')
        with broker:
            token = keyd.create('one')[0]
            check_equal(broker.pub(token, 'jobs/1', 'x', '-q', '1', '-V', '5'),
                        (0, ''), 'pub')
            check_match('uthorized', broker.pub(
                token, 'results/1', 'x', '-q', '1', '-V', '5')[1], 'elsewhere')
            one = run(['mosquitto_pub', '-h', '127.0.0.1', '-p',
                       str(broker.port), '-t', 'jobs/1', '-m', 'x'])
            check(one.returncode != 0, 'a client without a token connects')


def a_wrong_option_is_an_error():
    """with an option that is not understood the broker does not start"""
    for i, option in enumerate((
            'publish tests:run', 'publish Tests! jobs/#', 'org Not_A_Slug',
            'publish tests:run jobs/#/x', 'publish tests:run a+',
            'subscribe tests:run a/%x', 'publsh tests:run jobs/#',
            'user_match maybe', 'connect no:SUCH')):
        broker = Broker(Keyd(name='bad%d' % i), option)
        broker.start()
        check(broker.process.wait(timeout=60) != 0, option)
        check_match('keyd: plugin_opt_%s ' % option.split()[0],
                    broker.log(), option)


def a_listener_may_have_its_own():
    """with per_listener_settings a revocation cuts off just so"""
    with running(before=('per_listener_settings true',)) as (keyd, broker):
        token, key = keyd.create('one')
        gone, other = keyd.create('two')
        reader = broker.sub(token, 'jobs/#')
        silent = broker.sub(gone, 'jobs/#', name='silent')
        writer = broker.pub_lines(gone, 'jobs/1')
        writer.write('before')
        check_equal(reader.line(), 'jobs/1 before', 'message')
        check_equal(silent.line(), 'jobs/1 before', 'message')
        keyd.done('revoke', other['id'], '--yes')
        broker.pub(token, 'jobs/1', 'after', '-q', '1')
        check_equal(reader.line(), 'jobs/1 after', 'message')
        writer.write('no')
        broker.logs('Client pub disconnected, not authorised')
        writer.end()
        broker.pub(token, 'jobs/1', 'later', '-q', '1')
        check_equal(reader.line(), 'jobs/1 later', 'message')
        check(silent.wait() != 0, 'it is still there')
        check(silent.lines.empty() and reader.lines.empty(), 'a message')
        reader.end()
        broker.check_uses(key, 6, 'three clients, subscribe, publish twice')


def it_exports_what_the_broker_calls():
    """the plugin exports its three functions and nothing else"""
    names = subprocess.run(
        ['nm', '-D', '--defined-only', os.path.join(LIBRARIES, MODULE)],
        check=True, capture_output=True, text=True).stdout
    check_equal(sorted(line.split()[-1] for line in names.splitlines()),
                ['mosquitto_plugin_cleanup', 'mosquitto_plugin_init',
                 'mosquitto_plugin_version'], 'exports')


main(a_token_publishes_and_subscribes, subscriptions_are_no_wider_than_rules,
     who_is_no_client_is_refused, a_revocation_cuts_off_the_next_publish,
     a_revocation_cuts_off_what_is_received, deliveries_take_no_uses,
     a_limited_key_publishes_no_more, without_keyd_nothing_passes,
     a_hanging_keyd_does_not_hang_the_broker, wills_are_verified_too,
     a_durable_session_misses_nothing, a_session_outlives_the_broker,
     a_password_file_is_there_too, another_key_does_not_inherit_a_session,
     retained_messages_are_found, names_stand_for_the_keys_own,
     a_reload_keeps_clients, the_row_of_the_readme_guards,
     a_wrong_option_is_an_error, a_listener_may_have_its_own,
     it_exports_what_the_broker_calls)
