#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""kill -9 during a storm of changes loses nothing that was acknowledged.

200 cycles, in up to two minutes; 10,000 with KEYD_TEST_LONG=1.
"""

import os
import random
import sys
import threading
import time

import client
from client import OK, REVOKED, UNKNOWN, VERIFY
from harness import Keyd, LONG, check, check_equal, main, scaled, slowness

CYCLES = 10000 if LONG else scaled(200)
CHANGERS = 4
PIPELINE = 8  # changes of one connection that are under way


class Key:
    """A key, and what keyd must know of it: one of these verdicts."""

    def __init__(self, name):
        self.name = name
        self.digest = client.digest_of(name)
        self.ident = None
        self.may_be = {UNKNOWN}


class Changer(threading.Thread):
    """Creates and revokes keys until keyd is gone."""

    def __init__(self, keyd, number, seed):
        super().__init__(daemon=True)
        self.keyd = keyd
        self.number = number
        self.random = random.Random(seed)
        self.keys = []
        self.pending = []  # (request, frame id, key)
        self.wrong = None

    def run(self):
        try:
            with self.keyd.admin() as admin:
                while True:
                    self.ask(admin)
                    if len(self.pending) >= PIPELINE:
                        self.hear(admin)
        except (client.ProtocolError, ConnectionError):
            pass  # keyd was killed
        except Exception as error:  # to be told by the main thread
            self.wrong = error

    def ask(self, admin):
        live = [key for key in self.keys if key.may_be == {OK}]
        if live and self.random.random() < 0.4:
            key = self.random.choice(live)
            key.may_be = {OK, REVOKED}
            self.pending.append((client.REVOKE, admin.ident + 1, key))
            admin.send(client.REVOKE, b'\0' + client.revoke_by_ids(
                [key.ident]) + b'\0\0')
        else:
            key = Key('%s %d %d' % (SEED, self.number, len(self.keys)))
            key.may_be = {UNKNOWN, OK}
            self.keys.append(key)
            self.pending.append((client.CREATE, admin.ident + 1, key))
            admin.send(client.CREATE, create_body(key))

    def hear(self, admin):
        kind, ident, key = self.pending[0]
        body = admin.answer(kind, ident)
        self.pending.pop(0)
        if kind == client.CREATE:
            made = client.decode(client.CREATED_FIELDS, body)
            check_equal(made['name'], key.name, 'name')
            key.ident = made['id']
            key.may_be = {OK}
        else:
            key.may_be = {REVOKED}


def create_body(key):
    return client.encode(client.CREATE_FIELDS, {
        'dry': 0, 'digest': key.digest, 'org': 'acme', 'user': 'alice',
        'name': key.name, 'role': '', 'context': '', 'project': '',
        'expires': 0})


def compare(keyd, keys):
    """Asks for each key, and tells from now on what it was found to be."""
    with keyd.verifier() as verifier:
        for start in range(0, len(keys), 100):
            some = keys[start:start + 100]
            verifier.send_raw(b''.join(
                client.frame(VERIFY, at, key.digest + bytes(4))
                for at, key in enumerate(some)))
            for at, key in enumerate(some):
                body = verifier.answer(VERIFY, at)
                code = client.decode(client.VERDICT_FIELDS, body)['code']
                check(code in key.may_be, 'key %s: keyd says %d, not %s' % (
                    key.name, code, sorted(key.may_be)))
                key.may_be = {code}


def ask_again(keyd, changers):
    """A create that was not answered can be asked for again."""
    with keyd.admin() as admin:
        for changer in changers:
            for kind, _, key in changer.pending:
                if kind != client.CREATE or key.may_be == {REVOKED}:
                    continue
                made = client.decode(client.CREATED_FIELDS, admin.call(
                    client.CREATE, create_body(key)))
                check_equal(made['existed'], int(key.may_be == {OK}),
                            'existed of ' + key.name)
                key.may_be = {OK}
                key.ident = made['id']


def cycle(keyd, number, chance):
    changers = [Changer(keyd, number * CHANGERS + at, chance.random())
                for at in range(CHANGERS)]
    for one in changers:
        one.start()
    time.sleep(chance.uniform(0.01, 0.12) * slowness())
    keyd.kill()
    for one in changers:
        one.join(20)
        check(not one.is_alive(), 'a client hangs')
        if one.wrong is not None:
            raise one.wrong
    keyd.start()
    keys = [key for one in changers for key in one.keys]
    settled = sum(len(key.may_be) == 1 for key in keys)
    compare(keyd, keys)
    ask_again(keyd, changers)
    return keys, settled


def nothing_acknowledged_is_lost():
    """kill -9 in a storm of creates and revokes loses no acknowledged one"""
    chance = random.Random(SEED)
    keys, settled = [], 0
    with Keyd() as keyd:
        keyd.people()
        try:
            for number in range(CYCLES):
                more, sure = cycle(keyd, number, chance)
                keys += more
                settled += sure
        finally:
            print('    seed %s: %d cycles, %d keys, the fate of %d of them '
                  'acknowledged' % (SEED, number + 1, len(keys), settled))
        compare(keyd, keys)
        check(settled > CYCLES, 'hardly anything was acknowledged')
        live = sum(key.may_be == {OK} for key in keys)
        with keyd.admin() as admin:
            check_equal(len(admin.list()), live, 'live keys')


def the_checker_can_fail():
    """a key that keyd lost, or has though it was revoked, is found"""
    with Keyd() as keyd:
        keyd.people()
        for lie in ({OK}, {REVOKED}):
            key = Key('a lie')
            key.may_be = lie
            try:
                compare(keyd, [key])
            except AssertionError:
                continue
            check(False, 'the checker believes everything')


SEED = os.environ.get('KEYD_TEST_SEED') or str(random.randrange(1 << 32))
sys.setswitchinterval(0.001)
main(the_checker_can_fail, nothing_acknowledged_is_lost,
     limit=7200 if LONG else 240)
