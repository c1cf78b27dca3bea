#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Who may issue keys of some organizations, and nothing else."""

import grp
import os

import client
from client import OK, REVOKED, UNKNOWN
from harness import (Keyd, as_uid, check, check_equal, check_match,
                     in_child, main, need_root, new_token,
                     one_sentence, open_to_all, wait_until)

ISSUER = 12346  # a uid and gid that nobody has
OTHER = 12347
GRANT = '''
admin_mode = 0666
grant ci-server {
    users = {"%d"}
    power = "issue"
    orgs = {"acme", "later"}
}
''' % ISSUER


def started(config=GRANT):
    """With acme, and globex with a user and a key: its id and token."""
    need_root()
    keyd = Keyd(config)
    keyd.start()
    open_to_all(keyd)
    keyd.people()
    with keyd.admin() as admin:
        admin.org_add('globex')
        admin.member_add('globex', 'hank', 'owner')
        keyd.foreign = new_token()
        keyd.foreign_id = admin.create(
            client.digest_of(keyd.foreign), 'globex', 'hank', 'theirs')['id']
    return keyd


def refused(call, *args, **more):
    """The code and the sentence of a refusal."""
    try:
        call(*args, **more)
    except client.Refused as error:
        return [error.code, error.text]
    return [0, '']


def an_issuer_works_in_its_organization():
    """an issuer makes, shows, rotates, revokes keys of its organization"""
    keyd = started()
    token, second = new_token(), new_token()

    def work():
        with keyd.admin() as one:
            key = one.create(client.digest_of(token), 'acme', 'alice', 'ci')
            shown = one.show(key['id'])
            listed = [row['id'] for row in one.list(org='acme')]
            new = one.rotate(client.digest_of(second), key['id'])
            revoked = one.revoke_all('acme', 'olga')
            members = [row['user'] for row in one.member_list('acme')]
        return [key['created_by'], shown['name'], listed == [key['id']],
                'alice' in members, keyd.verdict(token), revoked,
                new['id'] != key['id'], key['id']]

    got = in_child(work, ISSUER)
    check_equal(got[:-1], [ISSUER, 'ci', True, True, OK, 0, True],
                'what it did')
    in_child(lambda: len(keyd.admin().revoke(got[-1])), ISSUER)
    check_equal(keyd.verdict(token), REVOKED, 'verdict after its revoke')
    check_equal(keyd.verdict(keyd.foreign), OK, 'verdict of globex')
    check_equal(keyd.stop(), 0, 'exit status')


def another_organization_is_out_of_reach():
    """an issuer changes and learns nothing of another organization"""
    keyd = started()

    def tries():
        with keyd.admin() as one:
            digest = client.digest_of('never made')
            return [
                refused(one.create, digest, 'globex', 'hank', 'x'),
                refused(one.create, digest, 'nowhere', 'hank', 'x'),
                refused(one.show, keyd.foreign_id),
                refused(one.revoke, keyd.foreign_id),
                refused(one.rotate, digest, keyd.foreign_id),
                refused(one.revoke_digest, client.digest_of(keyd.foreign)),
                refused(one.list, org='globex'),
                refused(one.list),
                refused(one.member_list, 'globex'),
                refused(one.member_add, 'acme', 'me', 'owner'),
                refused(one.revoke_all, 'globex'),
                refused(one.org_add, 'mine'),
                refused(one.org_list),
                refused(one.status)]

    got = in_child(tries, ISSUER)
    denied, none = client.E_DENIED, client.E_NOT_FOUND
    check_equal([code for code, _ in got],
                [denied, denied] + [none] * 4 + [denied] * 8, 'codes')
    check_equal(got[0][1].replace('globex', 'X'),
                got[1][1].replace('nowhere', 'X'), 'sentences')
    check_match('may not issue keys of globex', got[0][1], 'create')
    check_match('name one of your organizations', got[7][1], 'list')
    check_equal(keyd.verdict(keyd.foreign), OK, 'verdict of globex')
    with keyd.admin() as admin:
        check_equal(len(admin.list(everything=1)), 1, 'keys')
    check_equal(keyd.stop(), 0, 'exit status')


def a_reload_takes_and_gives_power():
    """a reload takes the power of a connection that is open, and gives it"""
    keyd = started()
    steps = [os.path.join(keyd.folder, 'step%d' % n) for n in range(4)]
    os.chmod(keyd.folder, 0o777)

    def reach(step):
        os.close(os.open(steps[step], os.O_WRONLY | os.O_CREAT))

    def wait(step):
        wait_until('step %d' % step, lambda: os.path.exists(steps[step]))

    def work():
        answers = []
        with keyd.admin() as one:
            answers.append(refused(one.list, org='acme')[0])
            reach(0)
            wait(1)
            answers.append(refused(one.list, org='acme')[0])
            answers.append(refused(one.create, bytes(32), 'later', 'x',
                                   'x')[0])
            reach(2)
            wait(3)
            answers.append(refused(one.list, org='acme')[0])
            try:
                answers.append(len(one.socket.recv(1)))
            except ConnectionResetError:
                answers.append(0)
        return answers

    def meanwhile():
        wait(0)
        keyd.reload(GRANT.replace('"acme", ', ''))
        reach(1)
        wait(2)
        keyd.reload('admin_mode = 0666')
        reach(3)

    denied = client.E_DENIED
    check_equal(in_child(work, ISSUER, meanwhile=meanwhile),
                [0, denied, client.E_NOT_FOUND, denied, 0], 'answers')
    keyd.reload(GRANT)
    check_equal(in_child(lambda: refused(
        keyd.admin().list, org='acme')[0], ISSUER), 0,
                'after the grant is back')
    check_equal(keyd.stop(), 0, 'exit status')


def a_wrong_reload_leaves_powers_as_they_are():
    """a grant for a user who is not there is refused, and nothing changes"""
    keyd = started()
    keyd.reload(GRANT.replace('%d' % ISSUER, 'no-such-user-here'))
    check_match(r'keyd\.conf:4: there is no user "no-such-user-here"',
                keyd.log(), 'log')
    check_equal(in_child(lambda: refused(
        keyd.admin().list, org='acme')[0], ISSUER), 0,
                'with the grant of before')
    check_equal(keyd.stop(), 0, 'exit status')


def groups_and_administrators_can_be_granted():
    """a group may issue, another may manage everything, others may nothing"""
    group = next(one for one in grp.getgrall() if 0 < one.gr_gid < 100)
    keyd = started('''admin_mode = 0666
        grant team { groups = {"%s"} power = "issue" orgs = {"globex"} }
        grant boss { groups = {%d} power = "admin" }
        ''' % (group.gr_name, OTHER))

    def tries():
        with keyd.admin() as one:
            return [refused(one.show, keyd.foreign_id)[0],
                    refused(one.status)[0]]

    def denied():
        return refused(lambda: keyd.admin().status())[0]

    check_equal(in_child(tries, ISSUER, groups=[group.gr_gid]),
                [0, client.E_DENIED], 'of the group that may issue')
    check_equal(in_child(tries, OTHER), [0, 0], 'of the group that may all')
    check_equal(in_child(denied, ISSUER), client.E_DENIED, 'of no group')
    check_equal(keyd.stop(), 0, 'exit status')


def strangers_do_not_stay():
    """a stranger on an open admin socket is told so, and is not kept"""
    keyd = started(GRANT + 'frame_timeout = 1')

    def after_denial():
        one = keyd.admin()
        return [refused(one.status)[0], ended(one)]

    def idle():
        return ended(keyd.admin())

    def ended(one):
        """Does keyd hang up?  Else this takes until the client's timeout."""
        try:
            while one.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass
        return True

    check_equal(in_child(after_denial, OTHER), [client.E_DENIED, True],
                'a stranger who asks')
    check_equal(in_child(idle, OTHER), True, 'a stranger who waits')
    check_equal(keyd.stop(), 0, 'exit status')


def keydctl_says_what_is_denied():
    """keydctl works for an issuer, and says in a sentence what it may not"""
    keyd = started()
    mine = as_uid([], ISSUER)
    result = keyd.ctl('list', '--org', 'acme', wrapper=mine)
    check_equal(result.returncode, 0, 'keydctl list: ' + result.stderr)
    for args in (['list'], ['list', '--org', 'globex'],
                 ['show', keyd.foreign_id],
                 ['org', 'add', 'mine']):
        result = keyd.ctl(*args, wrapper=mine)
        check_equal(result.returncode, 1, 'exit status of %s' % args)
        one_sentence(result.stderr)
    check_equal(keyd.stop(), 0, 'exit status')


def a_closed_socket_is_warned_of():
    """grants with an admin socket that keeps others out are warned of"""
    keyd = started(GRANT.replace('admin_mode = 0666', ''))
    check_match('keyd.conf has grants.*admin_mode', keyd.log(), 'log')
    check_equal(os.stat(keyd.admin_path).st_mode & 0o777, 0o660, 'mode')
    check_equal(keyd.stop(), 0, 'exit status')
    keyd = started()
    check('has grants' not in keyd.log(), 'a warning for nothing')
    check_equal(os.stat(keyd.admin_path).st_mode & 0o777, 0o666, 'mode')
    check_equal(keyd.verdict(new_token()), UNKNOWN, 'verdict')
    check_equal(keyd.stop(), 0, 'exit status')


main(an_issuer_works_in_its_organization, another_organization_is_out_of_reach,
     a_reload_takes_and_gives_power, a_wrong_reload_leaves_powers_as_they_are,
     groups_and_administrators_can_be_granted, strangers_do_not_stay,
     keydctl_says_what_is_denied, a_closed_socket_is_warned_of)
