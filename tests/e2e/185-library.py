#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A server's backend manages keys by libkeyd: keyd_create(3)."""

import ctypes
import os
import re
import sys
import time

from ctypes import byref, c_char, c_char_p, c_int, c_int64, c_size_t, \
    c_uint, c_uint32, c_uint64, c_void_p

from client import EXPIRED, OK, REVOKED, check_token
from harness import (KEYD, Keyd, LIBRARIES, check, check_equal, main, record,
                     run)

UNTIL_REVOKED = -1


class Sized(ctypes.Structure):
    """Its first member is its size."""

    def __init__(self, **values):
        super().__init__(size=ctypes.sizeof(self), **values)


class Options(Sized):
    _fields_ = [('size', c_size_t), ('runtime_dir', c_char_p),
                ('org', c_char_p), ('deadline_ms', c_uint),
                ('change_deadline_ms', c_uint)]


class KeyOptions(Sized):
    _fields_ = [('size', c_size_t), ('org', c_char_p), ('user', c_char_p),
                ('name', c_char_p), ('role', c_char_p),
                ('context', c_char_p), ('project', c_char_p),
                ('expires', c_int64)]


class Key(Sized):
    _fields_ = [('size', c_size_t), ('created', c_int64),
                ('expires', c_int64), ('id', c_char * 24),
                ('role', c_char * 32), ('permissions', c_char * 1024),
                ('message', c_char * 256)]


class Filter(Sized):
    _fields_ = [('size', c_size_t), ('org', c_char_p), ('user', c_char_p),
                ('unused_since', c_int64), ('all', c_int), ('due', c_int),
                ('drifted', c_int)]


class KeyInfo(Sized):
    _fields_ = [('size', c_size_t), ('created', c_int64),
                ('expires', c_int64), ('revoked', c_int64),
                ('first_used', c_int64), ('last_used', c_int64),
                ('uses', c_uint64), ('refused', c_uint64),
                ('last_refused', c_int64), ('due', c_int64),
                ('drifted', c_int), ('creator_uid', c_uint32),
                ('revoker_uid', c_uint32), ('id', c_char * 24),
                ('org', c_char * 64), ('user', c_char * 128),
                ('name', c_char * 128), ('role', c_char * 32),
                ('context', c_char * 32), ('project', c_char * 128),
                ('permissions', c_char * 1024), ('reason', c_char * 256),
                ('rotated_from', c_char * 24), ('rotated_to', c_char * 24)]


class Member(Sized):
    _fields_ = [('size', c_size_t), ('created', c_int64),
                ('user', c_char * 128), ('role', c_char * 32)]


EACH_KEY = ctypes.CFUNCTYPE(c_int, c_void_p, ctypes.POINTER(KeyInfo))
EACH_MEMBER = ctypes.CFUNCTYPE(c_int, c_void_p, ctypes.POINTER(Member))


class Library:
    """libkeyd with a handle on a keyd."""

    def __init__(self, keyd):
        self.lib = ctypes.CDLL(os.path.join(LIBRARIES, 'libkeyd.so.0'))
        self.lib.keyd_strerror.restype = c_char_p
        self.handle = c_void_p()
        options = Options(runtime_dir=keyd.runtime.encode(),
                          deadline_ms=20000,
                          change_deadline_ms=20000)
        self.good('open', byref(options), byref(self.handle))

    def status(self, name, *args):
        """What a call returns, as a sentence; '' for KEYD_OK."""
        status = getattr(self.lib, 'keyd_' + name)(*args)
        return self.lib.keyd_strerror(status).decode() if status else ''

    def good(self, name, *args):
        check_equal(self.status(name, *args), '', name)

    def create(self, **options):
        token = ctypes.create_string_buffer(72)
        key = Key()
        self.good('create', self.handle, byref(KeyOptions(**options)), token,
                  c_size_t(72), byref(key))
        return record(token.value.decode()), key.id.decode()

    def rotate(self, ident, grace=UNTIL_REVOKED):
        token = ctypes.create_string_buffer(72)
        key = Key()
        self.good('rotate', self.handle, ident.encode(), c_int64(grace),
                  token, c_size_t(72), byref(key))
        return record(token.value.decode()), key.id.decode()

    def verify(self, token, permission=None):
        return self.lib.keyd_verify_with(self.handle, token.encode(),
                                         permission, None)

    def list(self, stop_at=0, **choice):
        found = []

        def each(_arg, info):
            check_equal(info.contents.size, ctypes.sizeof(KeyInfo), 'size')
            found.append(info.contents.id.decode())
            return len(found) == stop_at
        self.good('list', self.handle, byref(Filter(**choice)),
                  EACH_KEY(each), None)
        return found

    def show(self, ident):
        info = KeyInfo()
        self.good('show', self.handle, ident.encode(), byref(info))
        return info

    def members(self, org):
        found = {}

        def each(_arg, member):
            found[member.contents.user] = member.contents.role
            return 0
        self.good('member_list', self.handle, org, EACH_MEMBER(each), None)
        return found


def a_backend_manages_what_its_users_have():
    """organizations, members and keys, from the first to the last"""
    with Keyd() as keyd:
        lib = Library(keyd)
        lib.good('org_add', lib.handle, b'acme', b'pro', c_uint32(0),
                 c_uint32(0))
        lib.good('org_set', lib.handle, b'acme', b'enterprise',
                 c_uint32(1000), c_uint32(100))
        check_equal(keyd.json('org', 'list')['orgs'][0]['rate'], 1000, 'rate')
        lib.good('member_add', lib.handle, b'acme', b'alice', b'editor')
        lib.good('member_add', lib.handle, b'acme', b'bob', b'owner')
        check_equal(lib.members(b'acme'),
                    {b'alice': b'editor', b'bob': b'owner'}, 'members')
        token, ident = lib.create(org=b'acme', user=b'alice', name=b'ci',
                                  project=b'site')
        check_equal(keyd.verdict(token), OK, 'verdict')
        info = lib.show(ident)
        check_equal((info.org, info.user, info.name, info.project, info.uses,
                     info.creator_uid),
                    (b'acme', b'alice', b'ci', b'site', 1, os.getuid()),
                    'show')
        live = c_uint(9)
        lib.good('member_set', lib.handle, b'acme', b'alice', b'tester', 0,
                 byref(live))
        check_equal((live.value, lib.show(ident).drifted), (1, 1), 'drift')
        check_equal(lib.list(drifted=1), [ident], 'drifted')
        lib.good('member_remove', lib.handle, b'acme', b'alice', 1,
                 byref(live))
        check_equal((live.value, keyd.verdict(token)), (0, REVOKED), 'gone')
        check_equal(lib.members(b'acme'), {b'bob': b'owner'}, 'members')


def a_rotation_keeps_both_keys_alive():
    """a rotation with and without a grace"""
    with Keyd() as keyd:
        keyd.people()
        lib = Library(keyd)
        old, first = lib.create(org=b'acme', user=b'alice', name=b'ci')
        token, second = lib.rotate(first)
        check_equal((keyd.verdict(old), keyd.verdict(token)), (OK, OK),
                    'meanwhile')
        check_equal((lib.show(second).rotated_from.decode(),
                     lib.show(first).rotated_to.decode()), (first, second),
                    'links')
        lib.good('revoke', lib.handle, first.encode(), b'rotated')
        check_equal((keyd.verdict(old), keyd.verdict(token)), (REVOKED, OK),
                    'after')
        last, _ident = lib.rotate(second, 0)
        check_equal((keyd.verdict(token), keyd.verdict(last)), (EXPIRED, OK),
                    'without a grace')


def tokens_have_the_prefix_of_now():
    """another prefix holds for the next token, and no key is made beside it"""
    with Keyd() as keyd:
        keyd.people()
        lib, made = Library(keyd), []
        owner = {'org': b'acme', 'user': b'alice'}
        for prefix in ('cmk', 'new', 'newer'):
            keyd.reload('prefix = "%s"' % prefix)
            for name in (b'%s 1', b'%s 2'):
                made.append(lib.create(name=name % prefix.encode(), **owner))
                check(check_token(made[-1][0], prefix), prefix)
                check_equal(lib.verify(made[-1][0]), OK, 'verdict')
        keyd.reload('prefix = "last"')
        made.append(lib.rotate(made[0][1]))
        check(check_token(made[-1][0], 'last'), 'a rotated one')
        check_equal(sorted(lib.list()), sorted(ident for _token, ident in made),
                    'keys')


def every_change_is_seen_by_who_has_a_verdict_in_memory():
    """a verdict from memory goes with each change of many keys at once"""
    with Keyd() as keyd:
        keyd.people()
        lib, count = Library(keyd), c_uint()
        with keyd.admin() as admin:
            admin.org_add('globex', rate=60000000, burst=1000000)
            admin.member_add('globex', 'bob', 'owner')

        def keys(name, user=b'alice', org=b'acme'):
            made = [lib.create(org=org, user=user, name=b'%s %d' % (name, at))
                    for at in range(20)]
            for _ in range(3):
                for token, _ident in made:
                    check_equal(lib.verify(token), OK, 'before')
            return made

        def all_are(made, wanted, what):
            check_equal({lib.verify(token) for token, _ident in made},
                        {wanted}, what)

        kept = keys(b'kept', b'olga')
        gone = keys(b'all')
        lib.good('revoke_all', lib.handle, byref(Filter(
            org=b'acme', user=b'alice')), None, byref(count))
        all_are(gone, REVOKED, 'by org and user')
        gone = keys(b'with the role')
        lib.good('member_set', lib.handle, b'acme', b'alice', b'editor', 1,
                 None)
        all_are(gone, REVOKED, 'with another role')
        gone = keys(b'with the member')
        lib.good('member_remove', lib.handle, b'acme', b'alice', 1, None)
        all_are(gone, REVOKED, 'with the member')
        gone = keys(b'another', b'bob', b'globex')
        keyd.done('revoke', *(ident for _token, ident in gone))
        all_are(gone, REVOKED, 'by their ids')
        gone = keys(b'more', b'bob', b'globex')
        keyd.done('revoke', '--org', 'globex')
        all_are(gone, REVOKED, 'by org')
        gone = keys(b'rotated', b'olga')
        for _token, ident in gone:
            lib.rotate(ident, 0)
        all_are(gone, EXPIRED, 'rotated without a grace')
        all_are(kept, OK, 'the others')


def lists_are_whole_and_may_be_cut_short():
    """more keys than a page holds, each once, and the choice of them"""
    with Keyd() as keyd:
        keyd.people()
        lib = Library(keyd)
        with keyd.admin() as admin:
            made = [keyd.create('k%d' % i, admin=admin)[1]['id']
                    for i in range(700)]
            used, other = keyd.create('used', 'olga', admin=admin)
        found = lib.list()
        check_equal(len(found), 701, 'keys')
        check_equal(set(found), set(made) | {other['id']}, 'ids')
        check_equal(len(lib.list(stop_at=3)), 3, 'the beginning')
        check_equal(lib.list(org=b'acme', user=b'olga'), [other['id']],
                    'of one user')
        keyd.verdict(used)
        time.sleep(1.1)
        count = c_uint()
        lib.good('revoke_all', lib.handle, byref(Filter(
            org=b'acme', user=b'alice', unused_since=int(time.time()))),
                 b'idle', byref(count))
        check_equal(count.value, 700, 'revoked')
        check_equal(lib.list(), [other['id']], 'left')
        check_equal(len(lib.list(all=1)), 701, 'all')


def wrong_arguments_change_nothing():
    """NULL, no key id, a filter of nothing: refused, and nothing done"""
    with Keyd() as keyd:
        keyd.people()
        lib = Library(keyd)
        token, ident = lib.create(org=b'acme', user=b'alice', name=b'ci')
        invalid = lib.lib.keyd_strerror(lib.lib.keyd_open(
            byref(Options(org=b'No!')), byref(c_void_p()))).decode()
        info = KeyInfo(revoked=7)
        small = ctypes.create_string_buffer(71)
        for name, *args in (
                ('rotate', None, ident.encode(), c_int64(-1), small,
                 c_size_t(72), None),
                ('rotate', lib.handle, ident.encode(), c_int64(-1), small,
                 c_size_t(71), None),
                ('rotate', lib.handle, ident.encode(), c_int64(-2),
                 ctypes.create_string_buffer(72), c_size_t(72), None),
                ('rotate', lib.handle, b'key_', c_int64(-1),
                 ctypes.create_string_buffer(72), c_size_t(72), None),
                ('show', lib.handle, b'nonsense', byref(info)),
                ('show', lib.handle, ident.encode(), None),
                ('list', lib.handle, None, None, None),
                ('list', lib.handle, byref(Filter(unused_since=-1)),
                 EACH_KEY(lambda *_: 0), None),
                ('revoke_all', lib.handle, None, None, None),
                ('revoke_all', lib.handle, byref(Filter()), None, None),
                ('revoke_all', lib.handle, byref(Filter(org=b'acme', due=1)),
                 None, None),
                ('member_add', lib.handle, b'acme', b'zoe', None),
                ('member_list', lib.handle, None,
                 EACH_MEMBER(lambda *_: 0), None),
                ('org_add', lib.handle, b'new', None, c_uint32(1),
                 c_uint32(0)),
                ('org_add', lib.handle, 70 * b'x', None, c_uint32(0),
                 c_uint32(0))):
            check_equal(lib.status(name, *args), invalid, name)
        check_equal(info.revoked, 7, 'what show leaves alone')
        check_equal(keyd.verdict(token), OK, 'verdict')
        check_equal(lib.list(), [ident], 'keys')
        for name, *args in (
                ('show', lib.handle, b'key_' + 16 * b'0', byref(info)),
                ('member_remove', lib.handle, b'acme', b'nobody', 0, None),
                ('org_add', lib.handle, b'acme', None, c_uint32(0),
                 c_uint32(0))):
            check(lib.status(name, *args) not in ('', invalid), name)


def with_the_runtime_of_the_sanitizer():
    """A sanitizer must be in the process before the library that needs it."""
    runtime = re.search(r'/\S*lib[at]san\S*', run(['ldd', KEYD]).stdout)
    if runtime is None or 'KEYD_TEST_PRELOADED' in os.environ:
        os.environ.pop('LD_PRELOAD', None)
        if 'KEYD_TEST_PRELOADED' in os.environ:
            os.environ['ASAN_OPTIONS'] = os.environ.pop('KEYD_TEST_PRELOADED')
        return
    leaks = os.environ.get('ASAN_OPTIONS', '')
    os.execve(sys.executable, [sys.executable, '-B', *sys.argv], {
        **os.environ, 'LD_PRELOAD': runtime[0], 'KEYD_TEST_PRELOADED': leaks,
        'ASAN_OPTIONS': leaks + ':detect_leaks=0'})


with_the_runtime_of_the_sanitizer()
main(a_backend_manages_what_its_users_have,
     a_rotation_keeps_both_keys_alive,
     tokens_have_the_prefix_of_now,
     every_change_is_seen_by_who_has_a_verdict_in_memory,
     lists_are_whole_and_may_be_cut_short,
     wrong_arguments_change_nothing)
