#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Tokens where they should not be: files, folders, standard input."""

import functools
import json
import os
import shutil
import subprocess
import time

from client import EXPIRED
from harness import (KEYDCTL, Keyd, Processes, Scratch, check,
                     check_equal, environment, main, new_token, one_sentence,
                     run, scaled, wait_until)


PLANTED = []


def plants(test):
    """Takes the tokens away again before they are hunted for."""
    @functools.wraps(test)
    def run_it():
        try:
            test()
        finally:
            while PLANTED:
                shutil.rmtree(PLANTED.pop())
    return run_it


def folder_of(name, **files):
    folder = os.path.join(Scratch.get(), name)
    os.mkdir(folder)
    PLANTED.append(folder)
    for file, text in files.items():
        with open(os.path.join(folder, file), 'wb') as out:
            out.write(text if isinstance(text, bytes) else text.encode())
    return folder


def clean(result, *tokens):
    """No token may be printed."""
    for token in tokens:
        check(token not in result.stdout + result.stderr, 'a token is shown')
    return result


@plants
def each_state_is_told():
    """file, line, key and state of each token that is found"""
    with Keyd() as keyd:
        keyd.people()
        live, made = keyd.create('live')
        revoked, gone = keyd.create('revoked')
        ended, over = keyd.create('ended', expires=int(time.time()) + 3)
        other = new_token()
        keyd.done('revoke', gone['id'])
        wait_until('the key has expired',
                   lambda: keyd.verdict(ended) == EXPIRED)
        folder = folder_of(
            'states', a='one\n\nkey = "%s"\n' % live,
            b=b'\0\xff' + revoked.encode() + b'\0', c=ended + other,
            d='cmk_' + 52 * '0' + '\n' + live[:-1])
        os.symlink('/', os.path.join(folder, 'e'))
        os.mkfifo(os.path.join(folder, 'f'))
        result = clean(keyd.ctl('scan', folder), live, revoked, ended, other)
        check_equal(result.returncode, 1, 'exit status')
        check_equal(sorted(result.stdout.splitlines()), [
            '%s/a:3: %s live org=acme user=alice' % (folder, made['id']),
            '%s/b:1: %s revoked org=acme user=alice' % (folder, gone['id']),
            '%s/c:1: %s expired org=acme user=alice' % (folder, over['id']),
            '%s/c:1: unknown' % folder], 'what is found')
        check_equal(result.stderr, '', 'said')
        found = json.loads(clean(
            keyd.ctl('--json', 'scan', folder), live).stdout)['tokens']
        check_equal({(os.path.basename(one['file']), one['line'],
                      one['offset'], one['state'], one['id'])
                     for one in found},
                    {('a', 3, 12, 'live', made['id']),
                     ('b', 1, 2, 'revoked', gone['id']),
                     ('c', 1, 0, 'expired', over['id']),
                     ('c', 1, len(ended), 'unknown', None)}, 'the document')
        used = keyd.json('show', made['id'])
        check_equal((used['uses'], used['last_used']), (0, None),
                    'a scan is no use')


def a_history_comes_by_standard_input():
    """git log -p | keydctl scan - finds what was committed and removed"""
    with Keyd() as keyd:
        keyd.people()
        token, made = keyd.create('leaked')
        diff = ('commit 1\n+++ b/x\n+token = %s\ncommit 2\n-token = %s\n'
                % (token, token))
        result = clean(keyd.ctl('scan', '-', stdin=diff), token)
        check_equal((result.returncode, result.stdout), (1, ''.join(
            '-:%d: %s live org=acme user=alice\n' % (line, made['id'])
            for line in (3, 5))), 'found')
        result = keyd.ctl('scan', '-', stdin='nothing\n')
        check_equal((result.returncode, result.stdout, result.stderr),
                    (0, '', ''), 'nothing to find')


@plants
def without_keyd_a_token_is_unchecked():
    """--offline needs no keyd, and takes another prefix"""
    token = new_token()
    other = new_token('ab1')
    folder = folder_of('offline', a=token + '\n' + other)
    for words, line in (((), 1), (('--prefix', 'ab1'), 2)):
        result = clean(run([KEYDCTL, 'scan', '--offline', *words, folder]),
                       token, other)
        check_equal((result.returncode, result.stdout),
                    (1, '%s/a:%d: unchecked\n' % (folder, line)), words)
    check_equal(run([KEYDCTL, 'scan', '--offline', '--prefix', 'zz',
                     folder]).returncode, 0, 'no such tokens')


@plants
def what_cannot_be_read_is_said_and_the_rest_read():
    """a file that is not there fails the scan, but hides no other"""
    token = new_token()
    folder = folder_of('unread', a=token)
    gone = os.path.join(folder, 'gone')
    result = run([KEYDCTL, 'scan', '--offline', gone, folder])
    check_equal((result.returncode, result.stdout),
                (1, '%s/a:1: unchecked\n' % folder), 'found')
    check(gone in one_sentence(result.stderr), 'which file')
    found = json.loads(run([KEYDCTL, '--json', 'scan', '--offline', gone,
                            folder]).stdout)['tokens']
    check_equal([one['state'] for one in found], ['unread', 'unchecked'],
                'the document')
    empty = folder_of('empty', a='')
    check_equal(run([KEYDCTL, 'scan', '--offline', empty + '/a',
                     gone]).returncode, 1, 'nothing found, but not all read')
    for wrong in (('scan',), ('scan', '--offline', '--prefix', 'A', folder),
                  ('scan', '--prefix', 'cmk', folder)):
        result = run([KEYDCTL, *wrong])
        check_equal((result.returncode, result.stdout), (2, ''), wrong)
        one_sentence(result.stderr)
    result = run([KEYDCTL, '-r', folder, 'scan', folder])
    check_equal((result.returncode, result.stdout), (3, ''), 'without keyd')


@plants
def names_do_not_reach_the_terminal_as_they_are():
    """a file name with control characters is escaped"""
    token = new_token()
    folder = folder_of('names', **{'x\x1b[2J\n': token})
    result = run([KEYDCTL, 'scan', '--offline', folder])
    check_equal(len(result.stdout.splitlines()), 1, 'lines')
    check('\x1b' not in result.stdout, 'an escape')


def a_large_stream_takes_no_more_memory():
    """memory stays the same, however much is read"""
    token = new_token()
    block = (b'x' * 99 + b'\n') * 10000
    count = scaled(300)
    process = Processes.start(
        [KEYDCTL, 'scan', '--offline', '-'], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, env=environment())
    for _ in range(count):
        process.stdin.write(block)
    with open('/proc/%d/status' % process.pid, encoding='utf-8') as status:
        peak = [line for line in status if line.startswith('VmHWM')]
    check(int(peak[0].split()[1]) < 64 * 1024, 'memory: ' + peak[0])
    process.stdin.write(token.encode())
    process.stdin.close()
    check_equal(process.stdout.read(),
                b'-:%d: unchecked\n' % (count * 10000 + 1), 'found')
    check_equal(process.wait(10), 1, 'exit status')


main(each_state_is_told,
     a_history_comes_by_standard_input,
     without_keyd_a_token_is_unchecked,
     what_cannot_be_read_is_said_and_the_rest_read,
     names_do_not_reach_the_terminal_as_they_are,
     a_large_stream_takes_no_more_memory)
