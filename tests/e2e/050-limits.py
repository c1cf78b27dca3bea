#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""No client can take keyd from the others."""

import os
import socket
import time

import client
from client import OK, VERIFY, frame
from harness import (Failure, Keyd, Skip, check, check_equal, check_refused,
                     in_child, main, need_root, open_to_all, sanitized, scaled,
                     slowness, wait_until)


SO_PASSRIGHTS = 83  # Linux 6.16


def say_busy(path):
    """Connects, and expects busy and the end without a word of its own."""
    with client.Client(path, hello=False) as one:
        _, kind, _, body = one.receive()
        error = client.decode(client.ERROR_FIELDS, body)
        check_equal((kind, error['code']), (client.ERROR, client.E_BUSY),
                    'answer')
        check(error['retry'] > 0, 'busy without a time to try again')
        try:
            check_equal(one.socket.recv(1), b'', 'after busy')
        except ConnectionResetError:
            pass


def connections_of_a_uid_are_capped():
    """a uid that has all its connections is told busy, until one is gone"""
    with Keyd('max_connections_per_uid = 8') as keyd:
        kept = [keyd.verifier() for _ in range(8)]
        for _ in range(5):
            say_busy(keyd.verify_path)
        kept.pop().close()
        wait_until('there is room again', lambda: may_connect(keyd))
        for one in kept:
            check_equal(one.verify_digest(bytes(32))['code'],
                        client.UNKNOWN, 'verdict')
            one.close()


def may_connect(keyd):
    try:
        keyd.verifier().close()
    except (client.Refused, ConnectionError):
        return False
    return True


def connections_of_all_are_capped():
    """more connections than allowed in all are told busy"""
    need_root()
    with Keyd('max_connections = 12\nmax_connections_per_uid = 8') as keyd:
        open_to_all(keyd)
        kept = [keyd.verifier() for _ in range(8)]

        def of_a_stranger():
            more = [keyd.verifier() for _ in range(4)]
            say_busy(keyd.verify_path)
            return len(more)

        in_child(of_a_stranger, uid=12345)
        for one in kept:
            one.close()
        wait_until('there is room again', lambda: may_connect(keyd))


def administrators_find_room():
    """an administrator gets in when strangers hold all connections"""
    need_root()
    with Keyd('max_connections = 8\nmax_connections_per_uid = 8') as keyd:
        open_to_all(keyd)
        keyd.people()
        token, key = keyd.create('ci')

        def while_it_is_full():
            kept = [keyd.verifier() for _ in range(8)]
            say_busy(keyd.verify_path)
            os.write(ready, b'x')
            os.read(done, 1)
            return [one.verify(token)['code'] for one in kept]

        is_ready, ready = os.pipe()
        done, is_done = os.pipe()

        def revoke_it():
            os.read(is_ready, 1)
            say_busy(keyd.verify_path)
            keyd.done('revoke', '--yes', key['id'])
            os.write(is_done, b'x')

        codes = in_child(while_it_is_full, uid=12345, meanwhile=revoke_it)
        check_equal(codes, [client.REVOKED] * 8, 'verdicts')


def knows_passrights():
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        ends[0].setsockopt(socket.SOL_SOCKET, SO_PASSRIGHTS, 0)
    except OSError:
        return False
    finally:
        for one in ends:
            one.close()
    return True


def nobody_passes_descriptors():
    """a descriptor passed to keyd does not arrive (on Linux 6.16 or later)"""
    if not knows_passrights():
        raise Skip('this kernel has no SO_PASSRIGHTS')
    with Keyd() as keyd:
        for path in (keyd.verify_path, keyd.admin_path):
            with client.Client(path) as one:
                try:
                    socket.send_fds(one.socket, [b'x'], [one.socket.fileno()])
                except PermissionError:
                    continue
                raise Failure('%s takes descriptors' % path)


def a_client_that_does_not_read_is_not_read_from():
    """100,000 requests of a client that does not read stay outside keyd"""
    count = scaled(100000)
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        one_frame = frame(VERIFY, 5, client.digest_of(token) + bytes(4))
        with keyd.verifier() as deaf, keyd.verifier() as honest:
            for _ in range(200):
                honest.verify(token)
            memory = keyd.proc('VmRSS')
            sent = flood(deaf.socket, one_frame * count)
            check(sent < 4 << 20, 'keyd took %d bytes' % sent)
            grown = keyd.proc('VmRSS') - memory
            check(grown < 2048 or sanitized(),
                  'keyd grew by %d KiB' % grown)
            check_equal(honest.verify(token)['code'], OK, 'the honest client')
            wait_until('keyd rests', lambda: rests(keyd))
            whole = sent // len(one_frame)
            for _ in range(whole):
                body = deaf.answer(VERIFY, 5)
            check_equal(client.decode(client.VERDICT_FIELDS, body)['code'],
                        OK, 'the last answer')
            print('    %d requests were taken, and answered when read'
                  % whole)


def rests(keyd):
    used = keyd.cpu_seconds()
    time.sleep(1)
    return keyd.cpu_seconds() - used < 0.2


def flood(one, data):
    """Sends until nothing more is taken for half a second."""
    sent = 0
    one.setblocking(False)
    idle = time.monotonic()
    while sent < len(data) and time.monotonic() < idle + 0.5:
        try:
            sent += one.send(data[sent:sent + 262144])
            idle = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    one.settimeout(60)
    return sent


def without_descriptors_keyd_waits():
    """at EMFILE keyd does not spin, and serves again when it can"""
    keyd = Keyd()
    keyd.start(wrapper=('prlimit', '--nofile=48:48'))
    kept = []
    for _ in range(80):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.settimeout(1)
        one.connect(keyd.verify_path)
        kept.append(one)
    time.sleep(0.2)
    used = keyd.cpu_seconds()
    time.sleep(2)
    used = keyd.cpu_seconds() - used
    check(used < 0.3, 'keyd spins: %.2f s of CPU in 2 s' % used)
    for one in kept:
        one.close()
    wait_until('keyd serves again', lambda: may_connect(keyd))
    with keyd.admin() as admin:
        admin.status()
    check_equal(keyd.stop(), 0, 'exit status')


def idle_clients_are_left_alone():
    """a client that said hello may be idle for longer than a frame may take"""
    with Keyd('frame_timeout = %d' % slowness()) as keyd:
        kept = [keyd.verifier() for _ in range(20)]
        time.sleep(2.5 * slowness())
        for one in kept:
            check_equal(one.verify_digest(bytes(32))['code'],
                        client.UNKNOWN, 'verdict')
            one.close()


def unknown_tokens_do_not_hold_up_the_others():
    """a flood of unknown tokens leaves the valid holder served"""
    need_root()
    with Keyd('unknown_per_second = 100') as keyd:
        open_to_all(keyd)
        keyd.people()
        token = keyd.create('ci')[0]

        def flood_of_a_stranger():
            with keyd.verifier() as one:
                end = time.monotonic() + 1
                while time.monotonic() < end:
                    one.send_raw(frame(VERIFY, 1, os.urandom(32) + bytes(4))
                                 * 100)
                    for _ in range(100):
                        one.answer(VERIFY, 1)

        def honest():
            slowest = 0
            with keyd.verifier() as one:
                for _ in range(100):
                    begun = time.monotonic()
                    check_equal(one.verify(token)['code'], OK, 'verdict')
                    slowest = max(slowest, time.monotonic() - begun)
                    time.sleep(0.005)
            print('    the slowest verify took %.0f ms' % (slowest * 1000))

        in_child(flood_of_a_stranger, uid=12345, meanwhile=honest)


def a_full_queue_is_busy():
    """more changes than may wait get busy, and nothing else is lost"""
    with Keyd('queue = 4') as keyd:
        keyd.people()
        with keyd.admin() as admin:
            clients = [keyd.admin() for _ in range(30)]
            for at, one in enumerate(clients):
                one.send(client.CREATE, client.encode(
                    client.CREATE_FIELDS,
                    {'dry': 0, 'digest': client.digest_of(str(at)),
                     'org': 'acme', 'user': 'alice', 'name': str(at),
                     'role': '', 'context': '', 'project': '',
                     'expires': 0}))
            made = 0
            for one in clients:
                try:
                    one.answer(client.CREATE, one.ident)
                    made += 1
                except client.Refused as refused:
                    check_equal(refused.code, client.E_BUSY, str(refused))
                one.close()
            check(made >= 1, 'no change was made')
            check_equal(len(admin.list()), made, 'keys')
            check_refused(client.E_EXISTS, admin.org_add, 'acme')


main(connections_of_a_uid_are_capped, connections_of_all_are_capped,
     administrators_find_room, nobody_passes_descriptors,
     a_client_that_does_not_read_is_not_read_from,
     without_descriptors_keyd_waits, idle_clients_are_left_alone,
     unknown_tokens_do_not_hold_up_the_others, a_full_queue_is_busy)
