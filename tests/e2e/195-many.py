#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Many keys: how long it takes, how much memory, and who waits meanwhile.

100,000 keys; a million with KEYD_TEST_LONG=1.
"""

import hashlib
import os
import statistics
import subprocess
import time

import client
from client import OK, REVOKED
from harness import (KEYDCTL, LONG, Keyd, Processes, Scratch, check,
                     check_equal, environment, main, sanitized, scaled)

COUNT = 1000000 if LONG else scaled(100000)
MEMORY = 8192  # KiB of keydctl at most
LISTERS = 16


def token_of(number):
    return 'legacy %d' % number


def import_all(keyd):
    """COUNT keys of acme; the seconds that it took."""
    path = os.path.join(Scratch.get(), 'many.jsonl')
    with open(path, 'w', encoding='utf-8') as out:
        for number in range(COUNT):
            out.write('{"hash":"%s","org":"acme","user":"alice","name":"n%d"}'
                      '\n' % (hashlib.sha256(
                          token_of(number).encode()).hexdigest(), number))
    began = time.monotonic()
    check_equal(ctl(keyd, 'import', path)[0], 'imported %d keys' % COUNT,
                'import')
    os.unlink(path)
    return time.monotonic() - began


def peak(process):
    """KiB that a process has had at most; 0 once it has ended."""
    with open('/proc/%d/status' % process.pid, encoding='ascii') as status:
        return max((int(line.split()[1]) for line in status
                    if line.startswith('VmHWM')), default=0)


def ctl(keyd, *args):
    """The last line that keydctl prints, how many, and its peak so far."""
    process = Processes.start([KEYDCTL, '-r', keyd.runtime, '--timeout', '60s',
                               *args], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=environment())
    last, count, memory = b'', 0, 0
    with process.stdout as lines:
        for last in lines:
            count += 1
            if count % 20000 == 0:
                memory = max(memory, peak(process))
    check_equal(process.wait(60), 0, 'keydctl %s' % args[0])
    return last.decode().rstrip('\n'), count, memory


def a_list_takes_little_memory(keyd):
    for words in (('list',), ('--json', 'list')):
        began = time.monotonic()
        _last, lines, memory = ctl(keyd, *words)
        print('    %s: %.1f s, %d KiB' % (
            ' '.join(words), time.monotonic() - began, memory))
        check(COUNT < lines < COUNT + 9, '%d lines' % lines)
        check(memory > 0 or COUNT < 40000, 'the memory was not seen')
        check(sanitized() or memory < MEMORY, 'memory: %d KiB' % memory)


def some_verifies(verifier):
    """How long each of some takes, in s."""
    for _ in range(4):
        began = time.monotonic()
        verifier.verify_digest(bytes(32))
        yield time.monotonic() - began


def listing(**choice):
    fields = dict(org='', user='', all=0, unused_since=0, due=0, drifted=0,
                  cursor=b'')
    return client.encode(client.LIST_FIELDS, {**fields, **choice})


def lists_do_not_hold_the_loop(keyd):
    """What they do to each verify counts, not what a busy machine does to some.

    That is the lower quartile.
    """
    listers = [keyd.admin() for _ in range(LISTERS)]
    for choice in ({}, {'drifted': 1}, {'due': 1}, {
            'unused_since': int(time.time()) - 86400}):
        waits = []
        with keyd.verifier() as verifier:
            for _ in range(25):
                for one in listers:
                    for _ in range(5):
                        one.send(client.LIST, listing(**choice))
                waits.extend(some_verifies(verifier))
                for one in listers:
                    for _ in range(5):
                        check_equal(one.receive()[1],
                                    client.LIST | client.ANSWER, 'answer')
        wait = statistics.quantiles(waits)[0]
        print('    %d who list %s: %.2f ms' % (LISTERS, choice, wait * 1e3))
    for one in listers:
        one.close()


def many_keys_are_no_burden():
    """import, list and revoke many in constant memory; how long each takes"""
    with Keyd('accept_foreign_tokens = true\n') as keyd:
        keyd.people()
        keyd.create('one', 'olga')
        took = import_all(keyd)
        print('    import of %d keys: %.1f s' % (COUNT, took))
        a_list_takes_little_memory(keyd)
        lists_do_not_hold_the_loop(keyd)
        with keyd.verifier() as one:
            check_equal(one.verify(token_of(COUNT - 1))['code'], OK, 'before')
            began = time.monotonic()
            said = ctl(keyd, 'revoke', '--org', 'acme', '--user', 'alice')
            took = time.monotonic() - began
            check_equal(said[0], 'revoked %d keys' % COUNT, 'revoke')
            for number in range(0, COUNT, COUNT // 100):
                check_equal(one.verify(token_of(number))['code'], REVOKED,
                            'after')
        print('    revocation of %d keys: %.2f s' % (COUNT, took))
        check_equal(keyd.json('audit', 'check')['whole'], True, 'the log')


main(many_keys_are_no_burden, limit=400 if LONG else 240)
