#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""100,000 bad frames of every kind cost keyd neither memory nor descriptors.

Takes up to a minute.
"""

import random
import socket
import struct
import time

import client
from client import CREATE, ERROR_FIELDS, HELLO, LIST, OK, SHOW, VERIFY, frame
from harness import (Keyd, check, check_equal, main, ROOT, sanitized, scaled,
                     slowness)

FRAMES = 100000
BATCH = 50  # bad frames of one connection that are answered each
MARGIN = 1024  # KiB of RssAnon

RANDOM = random.Random(20240501)
DIGEST = bytes(32)
TEXT = struct.Struct('>H')


def verify_body(permission=b'', org=b''):
    return (DIGEST + TEXT.pack(len(permission)) + permission
            + TEXT.pack(len(org)) + org)


def create_body(dry=0, expires=0, name=b'n'):
    return (bytes([dry]) + DIGEST
            + b''.join(TEXT.pack(len(text)) + text for text in (
                b'acme', b'alice', name, b'', b'', b''))
            + struct.pack('>Q', expires))


# Bad frames that end a request and not the connection: their type and body,
# and the error that they must get.

def cut():
    body = verify_body(b'tests:run')
    return VERIFY, body[:RANDOM.randrange(len(body))], client.E_MALFORMED


def leftovers():
    return VERIFY, verify_body() + b'\1\0\5no', client.E_MALFORMED


def too_long_text():
    length = RANDOM.randrange(64, 4000)
    return VERIFY, verify_body(b'x' * length), client.E_MALFORMED


def length_beyond_the_end():
    return VERIFY, DIGEST + b'\xff\xff' + b'x' * 20, client.E_MALFORMED


def nul_inside():
    return VERIFY, verify_body(b'tests\0run'), client.E_MALFORMED


def unknown_type():
    return RANDOM.randrange(0x70, 0x80), b'x' * 40, client.E_TYPE


def answer_as_request():
    kind = RANDOM.choice((0x81, 0x82, 0x83, 0xb0, 0xb2, 0xff))
    return kind, verify_body(), client.E_TYPE


def wrong_socket():
    return CREATE, create_body(), client.E_TYPE


def second_hello():
    return HELLO, b'\1\1\0\0', client.E_HELLO


def empty():
    return VERIFY, b'', client.E_MALFORMED


def largest():
    return VERIFY, bytes(client.BODY_MAX), client.E_MALFORMED


def garbage():
    return VERIFY, DIGEST + b'\xee' + RANDOM.randbytes(
        RANDOM.randrange(200)), client.E_MALFORMED


VERIFY_KINDS = (cut, leftovers, too_long_text, length_beyond_the_end,
                nul_inside, unknown_type, answer_as_request, wrong_socket,
                second_hello, empty, largest, garbage)


def flag_of_two():
    return CREATE, create_body(dry=2), client.E_MALFORMED


def time_before_1970():
    return CREATE, create_body(expires=1 << 63), client.E_MALFORMED


def create_cut():
    body = create_body()
    return CREATE, body[:RANDOM.randrange(len(body))], client.E_MALFORMED


def control_characters():
    return CREATE, create_body(name=b'\x1b[2J'), client.E_INVALID


def no_utf8():
    return CREATE, create_body(name=b'\xff\xfe'), client.E_INVALID


def no_key_id():
    return SHOW, b'\0\3key', None


def too_long_cursor():
    return LIST, bytes(15) + b'\1\0' + bytes(256), client.E_MALFORMED


def too_many_ids():
    return client.REVOKE, (b'\0\1' + TEXT.pack(513) + b'k' * (513 * 20)
                           + b'\0\0'), None


def revoke_by_nothing():
    return client.REVOKE, b'\0\7' + bytes(34), client.E_MALFORMED


ADMIN_KINDS = (flag_of_two, time_before_1970, create_cut, control_characters,
               no_utf8, no_key_id, too_long_cursor, too_many_ids,
               revoke_by_nothing, unknown_type, answer_as_request)


def answered(path, kinds, count):
    """Sends so many bad frames at once, and reads an error for each."""
    with client.Client(path) as one:
        wanted = []
        data = b''
        for at in range(count):
            make = kinds[(RANDOM.randrange(1000) + at) % len(kinds)]
            kind, body, code = make()
            wanted.append((make.__name__, code))
            data += frame(kind, at, body)
        one.socket.setblocking(True)
        send_while_reading(one, data, wanted)


def send_while_reading(one, data, wanted):
    sent = 0
    for at, (name, code) in enumerate(wanted):
        while sent < len(data):
            try:
                sent += one.socket.send(data[sent:sent + 65536],
                                        socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
        one.socket.settimeout(60)
        _, kind, ident, body = one.receive()
        check_equal((name, kind, ident), (name, client.ERROR, at), 'answer')
        error = client.decode(ERROR_FIELDS, body)
        check((code is None and error['code'] in (2, 9, 10))
              or error['code'] == code, '%s: got %r' % (name, error))


# Bad ends of a connection.  Each gets a raw socket, and what must come back:
# the code of an error, or None for whatever.

def too_large(one):
    one.sendall(struct.pack('>IBBHI', RANDOM.randrange(
        client.BODY_MAX + 1, 1 << 32), 1, VERIFY, 0, 7))
    return client.E_TOO_LARGE


def http(one):
    one.sendall(b'GET /api/v1/projects HTTP/1.1\r\nHost: localhost\r\n\r\n')
    return client.E_TOO_LARGE


def noise(one):
    one.sendall(b'\x7f' + RANDOM.randbytes(RANDOM.randrange(11, 2000)))
    return client.E_TOO_LARGE


def hang_up(_):
    return None


def half_header(one):
    one.sendall(frame(HELLO, 1, b'\1\1\0\0')[:RANDOM.randrange(1, 12)])


def half_body(one):
    one.sendall(frame(VERIFY, 1, verify_body())[:RANDOM.randrange(12, 40)])


def answers_unread(one):
    one.sendall(frame(HELLO, 1, b'\1\1\0\0')
                + frame(VERIFY, 2, verify_body()) * 20)


def no_hello(one):
    one.sendall(frame(VERIFY, 1, verify_body()))
    return client.E_HELLO


ENDS = (too_large, http, noise, hang_up, half_header, half_body,
        answers_unread, no_hello)


def ended(path, end):
    with client.Client(path, hello=False) as one:
        code = end(one.socket)
        if code is None:
            return
        _, kind, _, body = one.receive()
        error = client.decode(ERROR_FIELDS, body)
        check_equal((end.__name__, kind, error['code']),
                    (end.__name__, client.ERROR, code), 'answer')
        if code == client.E_TOO_LARGE:
            check_hung_up(one)


def check_hung_up(one):
    try:
        check_equal(one.socket.recv(1), b'', 'after the error')
    except ConnectionResetError:
        pass


def storm(keyd, count, honest, token):
    """So many bad frames on both sockets; the honest client in between."""
    done = 0
    while done < count:
        answered(keyd.verify_path, VERIFY_KINDS, BATCH)
        answered(keyd.admin_path, ADMIN_KINDS, BATCH)
        for end in ENDS:
            ended(keyd.verify_path, end)
            ended(keyd.admin_path, end)
        done += 2 * BATCH + 2 * len(ENDS)
        check_equal(honest.verify(token, 'tests:run')['code'], OK,
                    'the honest client')
    return done


def bad_frames_cost_nothing():
    """under 100,000 bad frames memory and descriptors stay constant"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier() as honest:
            storm(keyd, scaled(FRAMES) // 10, honest, token)
            memory = keyd.proc('RssAnon')
            descriptors = keyd.settled_descriptors(1) if ROOT else 0
            done = storm(keyd, scaled(FRAMES), honest, token)
            print('    %d bad frames: RssAnon %d KiB before, %d KiB after'
                  % (done, memory, keyd.proc('RssAnon')))
            if ROOT:
                check_equal(keyd.settled_descriptors(1), descriptors,
                            'descriptors')
            if not sanitized():
                check(keyd.proc('RssAnon') <= memory + MARGIN, 'RssAnon grew')
            check_equal(honest.verify(token)['code'], OK, 'the honest client')


def half_frames_time_out():
    """half a frame, or no hello, for too long is error 7 and the end"""
    with Keyd('frame_timeout = %d' % slowness()) as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier() as honest:
            begun = time.monotonic()
            waiting = [client.Client(keyd.verify_path, hello=at >= 20)
                       for at in range(60)]
            for at, one in enumerate(waiting):
                if at % 4:
                    whole = frame(VERIFY, 1, verify_body())
                    try:
                        one.send_raw(whole[:at % len(whole)])
                    except (BrokenPipeError, ConnectionResetError):
                        pass  # its time was over before
            for at, one in enumerate(waiting):
                if at >= 20 and at % 4 == 0:
                    one.close()  # idle after its hello, which is fine
                    continue
                _, kind, _, body = one.receive()
                error = client.decode(ERROR_FIELDS, body)
                check_equal((kind, error['code']),
                            (client.ERROR, client.E_TIMEOUT), 'answer')
                check_hung_up(one)
                one.close()
            took = time.monotonic() - begun
            check(took >= 0.9 * slowness(), 'it took %.1f s' % took)
            check_equal(honest.verify(token)['code'], OK, 'the honest client')


def a_slow_writer_is_cut_off():
    """the time for a frame is for the whole of it, not for each byte"""
    with Keyd('frame_timeout = %d' % slowness()) as keyd:
        with keyd.verifier() as slow:
            cut = False
            try:
                for byte in frame(VERIFY, 1, verify_body()):
                    slow.send_raw(bytes([byte]))
                    time.sleep(0.2 * slowness())
            except (BrokenPipeError, ConnectionResetError):
                cut = True
            check(cut, 'it could send all of it')
            _, kind, _, body = slow.receive()
            error = client.decode(ERROR_FIELDS, body)
            check_equal((kind, error['code']),
                        (client.ERROR, client.E_TIMEOUT), 'answer')


def a_frame_may_come_in_pieces():
    """a frame that comes byte by byte in time is as good as any"""
    with Keyd() as keyd:
        keyd.people()
        token = keyd.create('ci')[0]
        with keyd.verifier() as slow:
            for byte in frame(VERIFY, 9, client.digest_of(token) + bytes(4)):
                slow.send_raw(bytes([byte]))
                time.sleep(0.002)
            body = slow.answer(VERIFY, 9)
            check_equal(client.decode(client.VERDICT_FIELDS, body)['code'],
                        OK, 'verdict')


main(bad_frames_cost_nothing, half_frames_time_out, a_slow_writer_is_cut_off,
     a_frame_may_come_in_pieces)
