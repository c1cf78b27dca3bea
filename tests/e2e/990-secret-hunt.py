#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""keyd's files, logs, processes and memory hold no token.

Runs last: it looks for its own tokens, and for all of the list that the
tests before it kept in $KEYD_TEST_TOKENS.
"""

import ctypes
import glob
import os
import re
import sys

import client
from client import OK
from harness import (BUILD, Keyd, LIBRARIES, SOURCE, check, check_equal,
                     environment, files_with_tokens, main, need_root,
                     new_token, record, run, sanitized, tokens_file, tokens_in)

# As much of a token as would be enough to guess the rest.
MOST = re.compile(rb'cmk_[0-9a-z]{40}')


def tokens_made():
    with open(tokens_file(), encoding='ascii') as lines:
        return {line.split()[-1] for line in lines}


def memory(pid):
    """All that a process has in memory and can be read.

    Not with a sanitizer, whose shadow is some terabytes.
    """
    if sanitized():
        return
    with open('/proc/%d/maps' % pid, encoding='utf-8') as lines:
        areas = [line.split() for line in lines]
    with open('/proc/%d/mem' % pid, 'rb', buffering=0) as mem:
        for area in areas:
            if 'r' not in area[1]:
                continue
            start, end = (int(part, 16) for part in area[0].split('-'))
            while start < end:
                try:
                    mem.seek(start)
                    data = mem.read(min(end - start, 1 << 22))
                except (OSError, ValueError, OverflowError):
                    break
                if not data:
                    break
                yield data
                start += max(len(data) - 64, 64)


def secrets_in(data):
    """Any token, and what is most of one."""
    return tokens_in(data) + [
        match.group().decode() for match in MOST.finditer(data)]


def processes_with(tokens):
    """The processes of this machine whose arguments or environment tell."""
    found = []
    for path in (glob.glob('/proc/[0-9]*/cmdline')
                 + glob.glob('/proc/[0-9]*/environ')):
        try:
            with open(path, 'rb') as file:
                data = file.read()
        except OSError:
            continue
        if any(token in tokens for token in tokens_in(data)):
            found.append(path)
    return found


def use_the_library(keyd, tokens):
    """Verifies through libkeyd, in a process of its own."""
    program = '''
import ctypes, sys
keyd = ctypes.CDLL(sys.argv[1])
print([keyd.keyd_verify(line.strip().encode(), b"tests:run", None)
       for line in sys.stdin])
print([keyd.keyd_verify_bearer(b"Bearer " + sys.argv[2].encode(), None, None)])
'''
    result = run([sys.executable, '-c', program,
                  os.path.join(LIBRARIES, 'libkeyd.so.0'), 'no-token'],
                 '\n'.join(tokens) + '\n',
                 env=environment(KEYD_RUNTIME_DIR=keyd.runtime))
    check_equal(result.returncode, 0, 'libkeyd: ' + result.stderr)
    return result.stdout


def story(keyd):
    """Makes, uses, refuses and revokes; the tokens, and all output."""
    said = []

    def ctl(*args, stdin=''):
        result = keyd.ctl(*args, stdin=stdin)
        said.append(result.stderr + (
            '' if args[0] == 'create' else result.stdout))
        return result

    tokens = []
    for name in ('one', 'two', 'three'):
        made = ctl('create', '--org', 'acme', '--user', 'alice', '--name',
                   name)
        tokens.append(record(made.stdout.strip()))
        said.append(made.stderr)
    wrong = new_token()
    broken = tokens[0][:-1] + ('0' if tokens[0][-1] != '0' else '1')
    for token in (*tokens, wrong, broken, tokens[0].upper()):
        ctl('verify', '--permission', 'tests:run', stdin=token + '\n')
        ctl('--json', 'verify', stdin=token + '\n')
        ctl('verify', '--permission', 'billing:manage', stdin=token)
    ctl('revoke', '--token', '--yes', stdin=tokens[1] + '\n')
    ctl('revoke', '--token', '--yes', stdin=wrong + '\n')
    # Given in the wrong place, one must not come back in a message.
    for args in (('verify', wrong), ('show', wrong), (wrong,), ('-' + wrong,),
                 ('verify', '--permission', wrong), ('list', '--org', wrong),
                 ('revoke', '--yes', wrong), ('org', 'add', wrong)):
        check(ctl(*args).returncode != 0, 'a token as an argument is fine')
    if not sanitized():  # whose runtime Python does not have
        said.append(use_the_library(keyd, (*tokens, wrong, broken)))
    for token in (*tokens, wrong):
        keyd.verdict(token)
    ctl('list', '--all')
    ctl('status')
    return tokens + [wrong], ''.join(said)


def hunt(keyd, tokens):
    """Where there is a secret; nothing, if all is well."""
    found = files_with_tokens(keyd.folder)
    found += processes_with(tokens)
    for data in memory(keyd.pid):
        for secret in secrets_in(data):
            found.append("keyd's memory: %s..." % secret[:8])
    return found


def nothing_of_keyd_holds_a_token():
    """no file, log, process or memory of keyd holds a token"""
    need_root()
    with Keyd() as keyd:
        keyd.people()
        with keyd.verifier() as kept, keyd.admin() as admin:
            tokens, said = story(keyd)
            for at in range(200):
                token = keyd.create('k%d' % at, admin=admin)[0]
                check_equal(kept.verify(token)['code'], OK, 'verdict')
                tokens.append(token)
            check_equal(tokens_in(said.encode()), [], 'what keydctl said')
            backup = os.path.join(keyd.folder, 'backup')
            keyd.done('backup', backup)
            check_equal(hunt(keyd, set(tokens)), [], 'secrets')
            hash_key = os.path.join(keyd.state, 'hash.key')
            with open(hash_key, 'rb') as file:
                key = file.read()
            for path in (os.path.join(keyd.state, 'data.mdb'), backup):
                with open(path, 'rb') as file:
                    check(key not in file.read(), path + ' has the hash key')
            check(key not in keyd.log().encode(), 'the log has the hash key')
    check_equal(files_with_tokens(keyd.folder), [], 'files at the end')


def no_digest_is_stored():
    """the database, a backup and the log hold no digest of a token either"""
    with Keyd() as keyd:
        keyd.people()
        tokens = [keyd.create('k%d' % at)[0] for at in range(20)]
        for token in tokens:
            check_equal(keyd.verdict(token), OK, 'verdict')
        keyd.restart()
        backup = os.path.join(keyd.folder, 'backup')
        keyd.done('backup', backup)
        data = keyd.log().encode()
        for path in (os.path.join(keyd.state, 'data.mdb'), backup):
            with open(path, 'rb') as file:
                data += file.read()
        for token in tokens:
            digest = client.digest_of(token)
            check(digest not in data and digest.hex().encode() not in data,
                  'a digest is there')


def the_logs_of_the_suite_hold_no_token():
    """what the tests before this one left behind holds no token"""
    tokens = tokens_made()
    left = []
    for folder in {BUILD, SOURCE}:
        for path in glob.glob(folder + '/tests/**/*.log', recursive=True):
            with open(path, 'rb') as file:
                if set(tokens_in(file.read())) & tokens:
                    left.append(path)
    check_equal(left, [], 'logs with tokens')
    check_equal(processes_with(tokens), [], 'processes with tokens')
    print('    %d tokens were made and looked for' % len(tokens))


def the_hunt_finds_what_is_planted():
    """a planted token is found in a file, an environment and a memory"""
    need_root()
    token = new_token()
    with Keyd() as keyd:
        with open(os.path.join(keyd.state, 'planted'), 'wb') as file:
            file.write(b'\0' * 1000 + b'x' + token.encode() + b'\xff')
        check_equal(len(files_with_tokens(keyd.folder)), 1, 'files')
        os.unlink(os.path.join(keyd.state, 'planted'))
        check_equal(hunt(keyd, {token}), [], 'hunt')
        check_equal(keyd.stop(), 0, 'exit status')
        keyd.start(PLANTED='a ' + token)
        found = hunt(keyd, {token})
        check(any('environ' in one for one in found), 'environment')
        check(sanitized() or any('memory' in one for one in found), 'memory')
    if sanitized():
        return
    buffer = ctypes.create_string_buffer(token[:46].encode())
    check(any(secrets_in(data) for data in memory(os.getpid())),
          'most of a token in memory')
    del buffer


main(the_hunt_finds_what_is_planted, nothing_of_keyd_holds_a_token,
     no_digest_is_stored, the_logs_of_the_suite_hold_no_token)
