#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A full disk and a full map: nothing acknowledged is lost, and keys can be
revoked all the same."""

import atexit
import ctypes
import os

import backup_file
import client
from client import (E_INVALID, E_NOT_FOUND, E_OUTCOME, E_STORE, OK, REVOKED)
from harness import (Keyd, Scratch, check, check_equal, check_match,
                     check_refused, main, wait_until)

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
MNT_DETACH = 2


def call(number):
    if number != 0:
        raise OSError(ctypes.get_errno(), 'a mount of our own')


def own_mounts():
    """Mounts from here on are this process's and its children's alone."""
    atexit.register(Scratch.remove)  # when nothing is mounted there any more
    uid, gid = os.getuid(), os.getgid()
    call(LIBC.unshare(CLONE_NEWNS | (CLONE_NEWUSER if uid != 0 else 0)))
    if uid != 0:
        for name, text in (('setgroups', 'deny'), ('uid_map', '0 %d 1' % uid),
                           ('gid_map', '0 %d 1' % gid)):
            with open('/proc/self/' + name, 'w', encoding='ascii') as out:
                out.write(text)
    call(LIBC.mount(None, b'/', None, MS_REC | MS_PRIVATE, None))


def small_disk(folder, mebibytes):
    os.mkdir(folder, 0o700)
    call(LIBC.mount(b'tmpfs', folder.encode(), b'tmpfs', 0,
                    b'mode=0700,size=%dm' % mebibytes))
    atexit.register(LIBC.umount2, folder.encode(), MNT_DETACH)


def fill(path):
    with open(path, 'wb', buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            pass


def digest_of(name):
    return client.digest_of('full disk ' + name)


def create(admin, name):
    """The error's code, or 0 when the key was made."""
    try:
        admin.create(digest_of(name), 'acme', 'alice', name)
    except client.Refused as refusal:
        return refusal.code
    return 0


def create_until_refused(admin, names):
    """The names that were acknowledged, and the code of the refusal."""
    made = []
    for name in names:
        code = create(admin, name)
        if code != 0:
            return made, code
        made.append(name)
    raise AssertionError('the disk never became full')


def verdict(keyd, name):
    with keyd.verifier() as verifier:
        return verifier.verify_digest(digest_of(name))['code']


def check_all(keyd, made, revoked):
    with keyd.verifier() as verifier:
        for name in made:
            got = verifier.verify_digest(digest_of(name))['code']
            check_equal(got, REVOKED if name in revoked else OK, name)


def a_full_disk():
    """On a full disk keys are revoked, none are made, and none are lost"""
    keyd = Keyd()
    small_disk(keyd.state, 10)
    keyd.start()
    keyd.people()
    with keyd.admin() as admin:
        ids = [admin.create(digest_of(name), 'acme', 'alice', name)['id']
               for name in ('one', 'two', 'three')]
        filler = os.path.join(keyd.state, 'filler')
        fill(filler)
        made, code = create_until_refused(
            admin, ['key %d' % n for n in range(20000)])
        check(code in (E_STORE, E_OUTCOME), 'refused with %d' % code)
        print('    %d keys more were made before it was full' % len(made))
        made += ['one', 'two', 'three']

        admin.revoke(ids[0], reason='leaked')
        check_equal(verdict(keyd, 'one'), REVOKED, 'verdict')
        check_match('the reserve is used', keyd.log(), 'log')
        check_equal(create(admin, 'more'), E_STORE, 'a create after it')
        admin.revoke(ids[1], reason='leaked too')
        check_equal(verdict(keyd, 'two'), REVOKED, 'verdict')

    keyd.kill()
    keyd.start()
    check_all(keyd, made, ('one', 'two'))
    os.unlink(filler)
    with keyd.admin() as admin:
        wait_until('room to be noticed',
                   lambda: create(admin, 'room again') == 0)
        check_equal(verdict(keyd, 'room again'), OK, 'verdict')
        admin.revoke(ids[2])
    check_equal(keyd.stop(), 0, 'exit status')


def the_reserve_comes_back():
    """When there is room again keys are made, without a new start"""
    keyd = Keyd()
    small_disk(keyd.state, 10)
    keyd.start()
    keyd.people()
    filler = os.path.join(keyd.state, 'filler')
    with keyd.admin() as admin:
        ident = admin.create(digest_of('a'), 'acme', 'alice', 'a')['id']
        fill(filler)
        create_until_refused(admin, ['b %d' % n for n in range(20000)])
        admin.revoke(ident)
        check_equal(create(admin, 'c'), E_STORE, 'a create')
        os.unlink(filler)
        wait_until('the reserve to be back', lambda: create(admin, 'c') == 0)
    check_match('the reserve is back', keyd.log(), 'log')
    check_equal(keyd.stop(), 0, 'exit status')


def backups_are_in_nobodys_way():
    """What backups hold of a full disk is let go, so that keys are revoked"""
    keyd = Keyd()
    small_disk(keyd.state, 10)
    keyd.start()
    keyd.people()
    filler = os.path.join(keyd.state, 'filler')
    with keyd.admin() as admin, keyd.admin() as other:
        ids = [admin.create(digest_of(name), 'acme', 'alice', name)['id']
               for name in ('one', 'two')]
        piece = other.backup_step(client.BACKUP_BEGIN)
        fill(filler)
        create_until_refused(admin, ['d %d' % n for n in range(20000)])
        admin.revoke(ids[0])
        check_equal(verdict(keyd, 'one'), REVOKED, 'verdict')
        wait_until('it is let go',
                   lambda: 'given up: the disk is full' in keyd.log())
        check_match('the disk is full', check_refused(
            E_NOT_FOUND, other.backup_step, client.BACKUP_READ,
            piece['size']).text, 'why')
        os.unlink(filler)
        wait_until('room to be noticed', lambda: create(admin, 'room') == 0)
        data = backup_file.take(other)
        fill(filler)
        check_match('no room for the backup', check_refused(
            E_INVALID, backup_file.send, other, data).text, 'why')
        admin.revoke(ids[1])
        check_equal(verdict(keyd, 'two'), REVOKED, 'verdict')
    os.unlink(filler)
    check_equal(keyd.stop(), 0, 'exit status')


def a_full_map():
    """A database at its map_size refuses new keys and takes revocations"""
    keyd = Keyd('map_size = 1')
    keyd.start()
    keyd.people()
    with keyd.admin() as admin:
        ident = admin.create(digest_of('x'), 'acme', 'alice', 'x')['id']
        made, code = create_until_refused(
            admin, ['y %d' % n for n in range(20000)])
        check_equal(code, E_STORE, 'refusal')
        check(len(made) > 500, 'only %d keys fitted' % len(made))
        admin.revoke(ident)
        check_equal(verdict(keyd, 'x'), REVOKED, 'verdict')
    check_all(keyd, made, ())
    keyd.configure('map_size = 8')
    keyd.restart()
    with keyd.admin() as admin:
        check_equal(create(admin, 'z'), 0, 'a create in a larger map')
    check_equal(keyd.stop(), 0, 'exit status')


own_mounts()
main(a_full_disk, the_reserve_comes_back, backups_are_in_nobodys_way,
     a_full_map)
