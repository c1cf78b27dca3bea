# SPDX-License-Identifier: ISC
"""The way of a run: fill, start, measure, stop; and what it prints."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import goals
import plot
import report
from figures import Figures, count_name
from plan import Plan
from servers import (Failure, Keyd, Memcached, Munge, Postgres, Redis)

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY = '/dev/shm'
ROOM = 800  # bytes that a key may take there while it is imported


class Course:
    def __init__(self, build, plan, scratch):
        self.build = build
        self.plan = plan
        self.scratch = scratch
        self.figures = Figures()
        self.running = []
        self.begun = time.monotonic()

    def say(self, text):
        print('bench: %4d s: %s' % (time.monotonic() - self.begun, text),
              file=sys.stderr, flush=True)

    def folder(self, name):
        path = os.path.join(self.scratch, name)
        os.mkdir(path, 0o700)
        return path

    def started(self, server):
        self.running.append(server)
        return server

    def stop(self, server):
        self.running.remove(server)
        if not server.stop():
            raise Failure('%s does not stop' % server.name)

    def stop_all(self):
        while self.running:
            self.running.pop().stop(seconds=20)

    def program(self, name):
        return os.path.join(self.build, 'tests/bench/bench_' + name)

    def measure(self, name, *arguments):
        self.take([self.program(name), *map(str, arguments)])

    def take(self, command):
        """One program, and the figures that it prints."""
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=300, text=True)
        if done.returncode != 0:
            raise Failure('%s: %s' % (os.path.basename(command[0]),
                                      done.stderr.strip()[-300:]))
        self.figures.read(done.stdout)

    # ---- filling ----

    def source(self, keys):
        """The command that writes so many keys in a format."""
        return lambda form: [self.program('keys'), form, str(keys)]

    def quarry(self, keys):
        """Where they are imported: in memory, where there is room for it,
        since the disk's speed at imports is no question here."""
        free = shutil.disk_usage(MEMORY).free if os.path.isdir(MEMORY) else 0
        base = MEMORY if free > 2 * keys * ROOM else self.scratch
        return tempfile.mkdtemp(prefix='keyd-bench.', dir=base)

    def fill(self, keys):
        """A stopped keyd with so many keys; its folder."""
        folder = os.path.join(self.scratch, str(keys))
        quarry = self.quarry(keys)
        try:
            keyd = self.started(Keyd(self.build, quarry))
            keyd.people()
            with subprocess.Popen(self.source(keys)('import'),
                                  stdout=subprocess.PIPE) as writer:
                keyd.control('import', '--yes', '/dev/stdin',
                             stdin=writer.stdout)
            self.stop(keyd)
            shutil.copytree(quarry, folder)
        finally:
            shutil.rmtree(quarry)
        return folder

    def fill_all(self):
        """In the order of their sizes; the largest takes minutes."""
        folders = {}
        for keys in self.plan.sizes:
            self.say('import of ' + count_name(keys))
            begun = time.monotonic()
            folders[keys] = self.fill(keys)
            self.figures.add('import', count_name(keys), 'time', 's',
                             [time.monotonic() - begun])
        os.sync()
        return folders

    def start_peers(self):
        """By their names; all with the same keys."""
        self.say('redis, memcached and PostgreSQL with ' +
                 count_name(self.plan.keys))
        peers = {}
        for name, peer in (('redis', Redis), ('memcached', Memcached),
                           ('PostgreSQL', Postgres)):
            peers[name] = self.started(peer(self.folder(name)))
            peers[name].fill(self.source(self.plan.keys))
        return peers

    # ---- measuring ----

    def contestant(self, name, server, keys, dialect='keyd'):
        return ':'.join((name, dialect, str(server.pid), str(keys),
                         server.socket))

    def crowds(self, keyd, peers):
        keys = self.plan.keys
        them = [self.contestant('keyd', keyd, keys)] + [
            self.contestant(name, peer, keys, peer.dialect)
            for name, peer in peers.items()]
        self.say('verifies of keys that were not met before')
        self.measure('crowd', '-m', '-c', 16, '-d', 16, goals.FIRST,
                     *them[:2])
        for crowd in self.plan.crowds:
            topic = goals.crowd_name(crowd)
            self.say('verifies, ' + topic)
            how = ('-s', '-c', 1) if isinstance(crowd, str) else ('-c', crowd)
            self.measure('crowd', *self.plan.rounds, *self.plan.ms, *how,
                         topic, *them)
        for topic, (clients, depth) in self.plan.pipelines.items():
            self.say('verifies, ' + topic)
            self.measure('crowd', *self.plan.rounds, *self.plan.ms,
                         '-c', clients, '-d', depth, topic, *them[:3])

    def libraries(self, keyd):
        self.say('libkeyd without its cache, munge and sqlite')
        munge = self.started(Munge(self.folder('munge')))
        self.measure('verify', *self.plan.rounds, *self.plan.ms, keyd.pid,
                     keyd.runtime, self.plan.keys, munge.pid, munge.socket,
                     self.folder('library'))
        self.stop(munge)

    def cached(self, keyd):
        self.say('libkeyd with its cache')
        self.measure('cached', *self.plan.rounds, *self.plan.ms, keyd.pid,
                     keyd.runtime, self.plan.cached)

    def sizes(self, keyds):
        self.say('verifies with few and with many keys')
        them = [self.contestant(count_name(keys), keyd, keys)
                for keys, keyd in keyds.items()]
        self.measure('crowd', '-m', '-c', 16, '-d', 16, 'first, by size',
                     *them)
        for clients in (16, 1):
            self.measure('crowd', *self.plan.rounds, *self.plan.ms,
                         *self.plan.warm_up,
                         '-c', clients, 'size, ' + goals.crowd_name(clients),
                         *them)

    def room(self, keyds):
        """What a key more takes: what is there without keys does not count."""
        few = self.plan.sizes[0]
        base = keyds[few].memory()
        for keys, keyd in list(keyds.items())[1:]:
            name, more = count_name(keys), keys - few
            memory = keyd.memory()
            self.figures.add('room', name, 'disk', 'B',
                             [keyd.disk() / keys])
            self.figures.add('room', name, 'memory in all', 'MiB',
                             [memory['RssAnon'] / 2**20])
            for figure, field in (('memory', 'RssAnon'),
                                  ('file pages', 'RssFile'),
                                  ('shared', 'RssShmem')):
                self.figures.add('room', name, figure, 'B',
                                 [(memory[field] - base[field]) / more])

    def starts(self, keys, keyd):
        """Clean ones, one after the other."""
        name = count_name(keys)
        self.say('starts with ' + name)
        times, stops = [], []
        for _ in range(self.plan.starts):
            begun = time.monotonic()
            self.stop(keyd)
            stops.append(time.monotonic() - begun)
            keyd = self.started(Keyd(self.build, keyd.folder))
            times.append(keyd.ready)
        self.figures.add('start', name, 'ready', 's', times)
        self.figures.add('stop', name, 'ended', 's', stops)
        return keyd

    def changes(self):
        self.say('creations and revocations')
        keyd = self.started(Keyd(self.build, self.folder('changes')))
        keyd.people()
        self.measure('create', *self.plan.long, keyd.runtime, 'bench', 'bench',
                     self.folder('disk'))
        self.measure('revoke', *self.plan.revoked, keyd.runtime, 'bench',
                     'bench')
        self.stop(keyd)

    def storm(self, keyd):
        self.say('verifies while 64 clients create')
        self.measure('storm', *self.plan.long, keyd.pid, keyd.runtime,
                     self.plan.keys, 'bench', 'bench')

    def tools(self):
        self.say('bulk changes, and scans')
        keyd = self.started(Keyd(self.build, self.folder('bulk')))
        control = os.path.join(self.build, 'keydctl')
        self.take([os.path.join(HERE, 'bulk'), control, keyd.runtime,
                   self.folder('rows'), str(self.plan.bulk)])
        self.stop(keyd)
        self.take([os.path.join(HERE, 'scan'), control,
                   self.folder('scan'), str(self.plan.scans)])
        self.say('nginx')
        self.take([os.path.join(HERE, 'nginx'), self.build,
                   self.folder('nginx'), *self.plan.nginx])

    def run(self):
        folders = self.fill_all()
        keyds = {keys: self.started(Keyd(self.build, folder))
                 for keys, folder in folders.items()}
        keyd = keyds[self.plan.keys]
        peers = self.start_peers()
        self.crowds(keyd, peers)
        for peer in peers.values():
            self.stop(peer)
        self.libraries(keyd)
        self.cached(keyd)
        self.sizes(keyds)
        self.room(keyds)
        for keys in (self.plan.sizes[0], self.plan.sizes[-1]):
            keyds[keys] = self.starts(keys, keyds[keys])
        self.storm(keyds[self.plan.keys])
        for server in keyds.values():
            self.stop(server)
        self.changes()
        self.tools()


def arguments():
    parser = argparse.ArgumentParser(
        prog='tests/bench/run',
        description='How fast keyd is, beside what this machine can do '
        'without it and beside its peers.')
    parser.add_argument('--quick', action='store_true',
                        help='less of everything, in under 2 minutes')
    parser.add_argument('--json', metavar='FILE', help='write all figures')
    parser.add_argument('--plot', metavar='FILE', help='draw them, as SVG')
    parser.add_argument('build', metavar='BUILD-FOLDER')
    return parser.parse_args()


def write(path, text):
    if path:
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)


def main():
    args = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    plan = Plan(args.quick)
    mask = os.umask(0o077)
    scratch = tempfile.mkdtemp(prefix='keyd-bench.')
    os.chmod(scratch, 0o711)  # PostgreSQL is another user's
    course = Course(args.build, plan, scratch)
    try:
        course.run()
    except (Failure, OSError, subprocess.SubprocessError) as error:
        sys.exit('bench: %s' % error)
    finally:
        course.stop_all()
        shutil.rmtree(scratch)
    os.umask(mask)
    rows = goals.all_rows(plan)
    for text in report.table(rows, course.figures):
        print(text)
    write(args.json, report.document(rows, course.figures, args.quick))
    write(args.plot, plot.drawing(course.figures, plan, rows))


if __name__ == '__main__':
    main()
