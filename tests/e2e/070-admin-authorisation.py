#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Who may manage, and who may only verify."""

import grp
import os

import client
from client import OK
from harness import (Keyd, STRANGER, as_uid, check, check_equal, in_child,
                     main, need_root, one_sentence, open_to_all)


def started(config=''):
    need_root()
    keyd = Keyd(config)
    keyd.start()
    open_to_all(keyd)
    keyd.people()
    return keyd


def a_group():
    """A group of this machine that is not root's."""
    return next(group for group in grp.getgrall() if 0 < group.gr_gid < 100)


def try_to_manage(keyd):
    """What a process gets that asks for status: a word for each."""
    try:
        with keyd.admin() as admin:
            admin.status()
    except PermissionError:
        return 'EACCES'
    except client.Refused as refused:
        return 'error %d' % refused.code
    return 'status'


def the_admin_socket_is_closed_to_strangers():
    """a stranger cannot connect to the admin socket, and anyone may verify"""
    keyd = started()
    token = keyd.create('ci')[0]
    check_equal(os.stat(keyd.admin_path).st_mode & 0o777, 0o660,
                'mode of admin.sock')
    check_equal(os.stat(keyd.verify_path).st_mode & 0o777, 0o666,
                'mode of verify.sock')
    check_equal(in_child(lambda: try_to_manage(keyd), STRANGER), 'EACCES',
                'a stranger')
    check_equal(in_child(lambda: keyd.verdict(token), STRANGER), OK,
                'the verdict that a stranger gets')
    check_equal(keyd.stop(), 0, 'exit status')


def a_loosened_mode_is_not_enough():
    """keyd checks who asks, also when the socket's mode lets everyone in"""
    keyd = started()
    os.chmod(keyd.admin_path, 0o666)
    check_equal(in_child(lambda: try_to_manage(keyd), STRANGER),
                'error %d' % client.E_DENIED, 'a stranger')

    def every_change():
        codes = []
        for change in (
                lambda one: one.org_add('mine'),
                lambda one: one.member_add('acme', 'me', 'owner'),
                lambda one: one.create(bytes(32), 'acme', 'alice', 'x'),
                lambda one: one.revoke('key_' + '0' * 16),
                lambda one: one.list()):
            try:
                with keyd.admin() as one:
                    change(one)
                codes.append(0)
            except client.Refused as refused:
                codes.append(refused.code)
        return codes

    check_equal(in_child(every_change, STRANGER), [client.E_DENIED] * 5,
                'what a stranger gets')
    result = keyd.ctl('list', wrapper=as_uid([]))
    check_equal(result.returncode, 1, 'exit status of keydctl')
    one_sentence(result.stderr)
    check_equal(keyd.stop(), 0, 'exit status')


def a_member_of_the_admin_group_may_manage():
    """a member of admin_group manages keys, and its uid is recorded"""
    group = a_group()
    keyd = started('admin_group = "%s"' % group.gr_name)
    check_equal(os.stat(keyd.admin_path).st_gid, group.gr_gid,
                'group of admin.sock')

    def manage():
        with keyd.admin() as admin:
            digest = client.digest_of('the digest of this')
            return admin.create(digest, 'acme', 'alice', 'ci')['created_by']

    check_equal(in_child(manage, STRANGER, groups=[group.gr_gid]), STRANGER,
                'created_by')
    check_equal(in_child(lambda: try_to_manage(keyd), STRANGER), 'EACCES',
                'the same without the group')
    check_equal(keyd.stop(), 0, 'exit status')


def an_unprivileged_keyd_serves_its_own_user():
    """keyd runs as an unprivileged user, and that user manages it"""
    need_root()
    keyd = Keyd()
    open_to_all(keyd)
    for path in (keyd.state, keyd.runtime):
        os.mkdir(path)
        os.chown(path, STRANGER, STRANGER)
    os.chmod(keyd.state, 0o700)
    os.chmod(keyd.notifications.path, 0o666)
    keyd.start(wrapper=as_uid([]))
    check_equal(in_child(lambda: try_to_manage(keyd), STRANGER), 'status',
                'its own user')
    os.chmod(keyd.admin_path, 0o666)
    result = keyd.ctl('list', wrapper=as_uid([], STRANGER))
    check_equal(result.returncode, 0, 'keydctl: ' + result.stderr)
    check_equal(keyd.stop(), 0, 'exit status')


main(the_admin_socket_is_closed_to_strangers, a_loosened_mode_is_not_enough,
     a_member_of_the_admin_group_may_manage,
     an_unprivileged_keyd_serves_its_own_user)
