#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What keyd and keydctl refuse to start with: one sentence each."""

import os
import socket
import subprocess

from client import OK
from harness import (KEYD, KEYDCTL, Keyd, ROOT, STRANGER, Scratch, as_uid,
                     check, check_equal, check_match, environment, main,
                     need_root, one_sentence, open_to_all, run)


def refused(keyd, about, *more, wrapper=(), argv=None):
    """Starts keyd, which must say one sentence about this and end."""
    result = run([*wrapper, *(argv or keyd.argv(*more))])
    line = one_sentence(result.stderr)
    check_match(about, line, 'the sentence')
    check(result.returncode > 0, 'exit status %d' % result.returncode)
    check_equal(result.stdout, '', 'stdout')
    print('    %s' % line.replace(Scratch.get(), ''))
    return line


def used(config=''):
    """A keyd that has a database and is stopped."""
    keyd = Keyd(config)
    keyd.start()
    keyd.people()
    keyd.token = keyd.create('ci')[0]
    check_equal(keyd.stop(), 0, 'exit status')
    return keyd


def works_again(keyd):
    keyd.start()
    check_equal(keyd.verdict(keyd.token), OK, 'verdict')
    check_equal(keyd.stop(), 0, 'exit status')


def a_second_keyd_is_refused():
    """a second keyd on the same state or runtime directory is refused"""
    with Keyd() as keyd, Keyd() as other:
        keyd.people()
        token = keyd.create('ci')[0]
        refused(keyd, 'another keyd')
        elsewhere = os.path.join(keyd.folder, 'elsewhere')
        refused(keyd, 'another keyd', argv=[
            KEYD, '-c', keyd.config, '-d', keyd.state, '-r', elsewhere])
        refused(keyd, 'listening', argv=[
            KEYD, '-c', keyd.config, '-d', elsewhere, '-r', other.runtime])
        check_equal(keyd.verdict(token), OK, 'verdict of the first')
        check_equal(other.json('list')['keys'], [], 'keys of the other')


def the_hash_key_must_be_the_right_one():
    """a wrong, missing, short or readable hash.key is refused"""
    keyd = used()
    path = os.path.join(keyd.state, 'hash.key')
    check_equal(os.stat(path).st_mode & 0o777, 0o400, 'mode of hash.key')
    with open(path, 'rb') as file:
        right = file.read()
    check_equal(len(right), 32, 'length of hash.key')
    os.rename(path, path + '.kept')
    refused(keyd, r'hash\.key.*missing')
    check(not os.path.exists(path), 'a new hash.key was made')
    for wrong, mode, about in (
            (os.urandom(32), 0o400, r'hash\.key'),
            (right[:31], 0o400, r'hash\.key.*32'),
            (right + b'\n', 0o400, r'hash\.key.*32'),
            (b'', 0o400, r'hash\.key.*32'),
            (right, 0o444, r'hash\.key.*0400'),
            (right, 0o440, r'hash\.key.*0400')):
        with open(path, 'wb') as file:
            file.write(wrong)
        os.chmod(path, mode)
        refused(keyd, about)
        os.unlink(path)
    os.rename(path + '.kept', path)
    works_again(keyd)


def a_newer_schema_is_refused():
    """a database of a newer schema is refused, and left as it is"""
    keyd = used()
    path = os.path.join(keyd.state, 'data.mdb')
    with open(path, 'rb') as file:
        old = file.read()
    now, newer = (b'schema' + number.to_bytes(8, 'big') for number in (3, 4))
    check(now in old, 'no schema in the database')
    with open(path, 'wb') as file:
        file.write(old.replace(now, newer))
    refused(keyd, 'schema 4')
    with open(path, 'wb') as file:
        file.write(old)
    works_again(keyd)


def a_damaged_database_is_refused():
    """a database that is none is refused"""
    keyd = used()
    path = os.path.join(keyd.state, 'data.mdb')
    with open(path, 'r+b') as file:
        file.write(b'x' * 8192)
    result = run(keyd.argv())
    check(result.returncode > 0, 'exit status %d' % result.returncode)
    check(result.stderr != '', 'not a word')


def the_state_directory_must_be_ours():
    """a state directory that cannot be used is refused"""
    keyd = Keyd()
    for path, about in (('/proc/keyd', '/proc/keyd'),
                        (os.path.join(keyd.folder, 'no', 'such'), 'such'),
                        (keyd.config, 'keyd.conf')):
        refused(keyd, about, argv=[KEYD, '-c', keyd.config, '-d', path,
                                   '-r', keyd.runtime])
    os.mkdir(keyd.state, 0o700)
    for mode in (0o777, 0o770, 0o755):
        os.chmod(keyd.state, mode)
        refused(keyd, '0700')


def an_unwritable_state_directory_is_refused():
    """a state directory that keyd's user cannot write is refused"""
    need_root()
    keyd = Keyd()
    open_to_all(keyd)
    os.mkdir(keyd.runtime, 0o755)
    os.chown(keyd.runtime, STRANGER, STRANGER)
    refused(keyd, 'state directory', wrapper=as_uid([]))  # cannot be made
    os.mkdir(keyd.state, 0o700)
    refused(keyd, 'state directory', wrapper=as_uid([]))  # is root's
    os.chown(keyd.state, STRANGER, STRANGER)
    os.chmod(keyd.state, 0o500)
    refused(keyd, 'state directory', wrapper=as_uid([]))  # is read-only


def socket_paths_over_107_bytes_are_refused():
    """a socket path over 107 bytes is refused, one of 107 is not"""
    keyd = Keyd()
    name = '/verify.sock'
    fits = os.path.join(keyd.folder, 'x' * 200)[:107 - len(name)]
    keyd.runtime = fits + 'x'
    refused(keyd, '107')
    result = run([KEYDCTL, '-r', fits + 'xx', 'list'])
    check_match('107|long', one_sentence(result.stderr), 'keydctl')
    check(result.returncode in (2, 3), 'exit %d' % result.returncode)
    keyd.runtime = fits
    keyd.start()
    check_equal(run([KEYDCTL, '-r', fits, 'list']).returncode, 0, 'keydctl')
    check_equal(keyd.stop(), 0, 'exit status')


def a_socket_of_a_stranger_is_refused():
    """a socket that a stranger owns stops keyd, and keydctl"""
    need_root()
    keyd = Keyd()
    open_to_all(keyd)
    os.mkdir(keyd.runtime, 0o755)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(keyd.admin_path)
    os.chown(keyd.admin_path, STRANGER, STRANGER)
    refused(keyd, 'admin.sock.*%d' % STRANGER)
    check(os.path.exists(keyd.admin_path), 'the socket is gone')
    with subprocess.Popen(
            as_uid(['python3', '-c', LISTEN, str(listener.fileno())]),
            pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
            stdin=subprocess.PIPE, env=environment()) as stranger:
        stranger.stdout.readline()
        result = keyd.ctl('list')
        heard = stranger.communicate(b'\n', timeout=60)[0]
    check(result.returncode in (1, 3), 'exit %d' % result.returncode)
    print('    %s' % one_sentence(result.stderr).replace(Scratch.get(), ''))
    check_equal(heard, b'0\n', 'bytes that the stranger was sent')
    listener.close()


LISTEN = '''
import socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
listener.listen()
print("listening", flush=True)
one, _ = listener.accept()
one.settimeout(60)
try:
    print(len(one.recv(1000)))
except TimeoutError:
    print("nothing for too long")
except ConnectionResetError:
    print(0)
sys.stdin.readline()
'''


def a_dead_socket_is_replaced():
    """after kill -9 the sockets that are left are replaced"""
    with Keyd() as keyd:
        keyd.kill()
        check(os.path.exists(keyd.verify_path), 'no socket is left')
        keyd.start()
        check_equal(keyd.json('list')['keys'], [], 'keys')


def what_is_no_socket_is_left_alone():
    """a file in the place of a socket is refused, and not removed"""
    keyd = Keyd()
    os.mkdir(keyd.runtime, 0o755)
    with open(keyd.verify_path, 'w', encoding='ascii') as file:
        file.write('precious')
    refused(keyd, 'not a socket')
    with open(keyd.verify_path, encoding='ascii') as file:
        check_equal(file.read(), 'precious', 'the file')


def a_runtime_directory_of_all_is_refused():
    """a runtime directory that others may write in is refused"""
    keyd = Keyd()
    os.mkdir(keyd.runtime)
    for mode in (0o777, 0o775, 0o1777):
        os.chmod(keyd.runtime, mode)
        refused(keyd, 'others')


def wrong_configurations_are_refused():
    """each mistake in keyd.conf is told with its file and line"""
    keyd = Keyd()
    for text, line in (('prefix = "abc"\nnonsense = 1', 2),
                       ('\n\nprefix = "UPPER"', 3),
                       ('queue = many', 1), ('queue = -1', 1),
                       ('frame_timeout = 0', 1),
                       ('prefix = "a"\nprefix = "b"', 2),
                       ('role king {\n  permission = { "x" }\n}', 2),
                       ('role king {\n', 1), ('verify_mode = "9"', 1),
                       ('prefix', 2), ('\x01', 1)):
        keyd.configure(text)
        refused(keyd, r'keyd\.conf:%d: ' % line)
        refused(keyd, r'keyd\.conf:%d: ' % line, '-t')
        check(not os.path.exists(keyd.state), 'a state directory was made')
    keyd.configure('')
    os.chmod(keyd.config, 0o666)
    refused(keyd, r'keyd\.conf: .*others')
    os.unlink(keyd.config)
    refused(keyd, r'keyd\.conf: .*')
    os.mkdir(keyd.config)
    refused(keyd, r'keyd\.conf: .*')


def the_configuration_can_be_tested():
    """keyd -t says nothing bad of a good file, and starts nothing"""
    keyd = Keyd('prefix = "abc"\nframe_timeout = 7')
    result = run(keyd.argv('-t'))
    check_equal(result.returncode, 0, 'exit status: ' + result.stderr)
    check(not os.path.exists(keyd.state), 'a state directory was made')
    check(not os.path.exists(keyd.runtime), 'a runtime directory was made')


def a_wrong_call_is_refused():
    """extra operands and unknown options of keyd are refused"""
    keyd = Keyd()
    for wrong in (('operand',), ('-x',), ('-t', 'operand'), ('-c',)):
        result = run(keyd.argv(*wrong))
        check(result.returncode > 0, 'exit status of keyd ' + wrong[0])
        check(result.stderr != '', 'keyd %s says nothing' % wrong[0])
    check(not os.path.exists(keyd.state), 'a state directory was made')


def without_keyd_keydctl_says_so():
    """without keyd each command is one sentence and exit status 3"""
    keyd = Keyd()
    for args in (('list',), ('status',), ('org', 'list'),
                 ('create', '--org', 'acme', '--user', 'alice', '--name',
                  'x'),
                 ('revoke', 'key_0000000000000000', '--yes')):
        result = keyd.ctl(*args)
        check_equal(result.returncode, 3, 'exit status of ' + args[0])
        check_equal(result.stdout, '', 'stdout')
        one_sentence(result.stderr)


if not ROOT:
    print('not root: what needs other users is left out')
main(a_second_keyd_is_refused, the_hash_key_must_be_the_right_one,
     a_newer_schema_is_refused, a_damaged_database_is_refused,
     the_state_directory_must_be_ours,
     an_unwritable_state_directory_is_refused,
     socket_paths_over_107_bytes_are_refused,
     a_socket_of_a_stranger_is_refused, a_dead_socket_is_replaced,
     what_is_no_socket_is_left_alone, a_runtime_directory_of_all_is_refused,
     wrong_configurations_are_refused, the_configuration_can_be_tested,
     a_wrong_call_is_refused, without_keyd_keydctl_says_so)
