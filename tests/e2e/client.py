#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A client of keyd(8), written from doc/PROTOCOL alone.

It shares no code with keyd, so it shows whether the document is enough to
write a client from.  Run by itself it verifies a token from standard input,
or with --self-test compares its bytes with the examples in the document.
"""

import argparse
import hashlib
import os
import re
import secrets
import socket
import struct
import sys
import zlib

MAJOR = 1
BODY_MAX = 16372
HEADER = struct.Struct('>IBBHI')

HELLO, VERIFY, STATUS = 0x01, 0x02, 0x03
ORG_ADD, ORG_SET, ORG_LIST = 0x10, 0x11, 0x12
MEMBER_ADD, MEMBER_SET, MEMBER_REMOVE, MEMBER_LIST = 0x20, 0x21, 0x22, 0x23
CREATE, REVOKE, LIST, SHOW = 0x30, 0x31, 0x32, 0x33
REVOKE_ALL, ROTATE, EXPLAIN = 0x34, 0x35, 0x36
AUDIT, AUDIT_CHECK, AUDIT_PRUNE = 0x40, 0x41, 0x42
IMPORT_BEGIN, IMPORT_ROWS, IMPORT_COMMIT, IMPORT_ABORT = range(0x50, 0x54)
BACKUP_BEGIN, BACKUP_READ, BACKUP_DONE = 0x60, 0x61, 0x62
(RESTORE_BEGIN, RESTORE_CHUNK, RESTORE_CHECK, RESTORE_COMMIT,
 RESTORE_ABORT) = range(0x68, 0x6d)
ANSWER, ERROR = 0x80, 0xff

OK, UNKNOWN, REVOKED, EXPIRED = 0, 3, 4, 5
WRONG_ORG, FORBIDDEN, RATE_LIMITED = 6, 7, 8

E_VERSION, E_MALFORMED, E_TYPE, E_HELLO, E_TOO_LARGE = 1, 2, 3, 4, 5
E_BUSY, E_TIMEOUT, E_DENIED, E_INVALID, E_NOT_FOUND = 6, 7, 8, 9, 10
E_EXISTS, E_PERMISSION, E_STORE, E_OUTCOME = 11, 12, 13, 14


class ProtocolError(Exception):
    """The other end sent what it must not send, or hung up."""


class Refused(Exception):
    """keyd answered with an error frame (5.3)."""

    def __init__(self, fields):
        super().__init__('error %(code)d: %(text)s' % fields)
        self.code = fields['code']
        self.lowest = fields['lowest']
        self.highest = fields['highest']
        self.retry = fields['retry']
        self.text = fields['text']


# Primitives (2).  The name of a kind is that of the document, with the
# greatest length where there is one.

def put(kind, value, limit=None):
    """The bytes of one field."""
    if kind in ('u8', 'flag'):
        return struct.pack('>B', value)
    if kind == 'u16':
        return struct.pack('>H', value)
    if kind == 'u32':
        return struct.pack('>I', value)
    if kind in ('u64', 'time'):
        return struct.pack('>Q', value)
    if kind == 'bytes':
        assert len(value) == limit
        return value
    if kind == 'text':
        value = value.encode()
        assert b'\0' not in value
    assert len(value) <= limit
    return struct.pack('>H', len(value)) + value


class Cursor:
    """Takes fields off the front of some bytes."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return len(self.data) - self.at

    def take(self, count):
        if self.left() < count:
            raise ProtocolError('cut short')
        self.at += count
        return self.data[self.at - count:self.at]

    def get(self, kind, limit=None):
        if kind in ('u8', 'u16', 'u32', 'u64'):
            return int.from_bytes(self.take(int(kind[1:]) // 8), 'big')
        if kind == 'flag':
            value = self.get('u8')
            if value > 1:
                raise ProtocolError('flag of %d' % value)
            return value
        if kind == 'time':
            value = self.get('u64')
            if value >> 63:
                raise ProtocolError('time with its top bit set')
            return value
        if kind == 'bytes':
            return self.take(limit)
        value = self.take(self.get('u16'))
        if len(value) > limit:
            raise ProtocolError('longer than %d' % limit)
        if kind == 'blob':
            return value
        if b'\0' in value:
            raise ProtocolError('NUL in a text')
        return value.decode()

    def optional(self):
        """Passes over the optional fields, which must end the body."""
        while self.left():
            self.get('u8')
            self.get('blob', 0xffff)


# Messages (5): lists of (name, kind, limit).

HELLO_FIELDS = (
    ('lowest', 'u8'), ('highest', 'u8'), ('client', 'text', 63))
WELCOME_FIELDS = (
    ('major', 'u8'), ('minor', 'u16'), ('foreign', 'flag'),
    ('prefix', 'text', 15), ('server', 'text', 63))
VERIFY_FIELDS = (
    ('digest', 'bytes', 32), ('permission', 'text', 63), ('org', 'text', 63))
VERDICT_FIELDS = (
    ('code', 'u8'), ('retry', 'u32'), ('limit', 'u32'), ('remaining', 'u32'),
    ('reset', 'u32'), ('expires', 'time'), ('id', 'text', 23),
    ('org', 'text', 63), ('user', 'text', 127), ('name', 'text', 127),
    ('project', 'text', 127))
ERROR_FIELDS = (
    ('code', 'u8'), ('lowest', 'u8'), ('highest', 'u8'), ('retry', 'u16'),
    ('text', 'text', 255))
ORG_CHANGE_FIELDS = (
    ('org', 'text', 63), ('plan', 'text', 31), ('rate', 'u32'),
    ('burst', 'u32'))
ORG_FIELDS = ORG_CHANGE_FIELDS + (('created', 'time'),)
MEMBER_CHANGE_FIELDS = (
    ('org', 'text', 63), ('user', 'text', 127), ('role', 'text', 31),
    ('revoke', 'flag'))
MEMBER_FIELDS = MEMBER_CHANGE_FIELDS[:3] + (('created', 'time'),)
COUNTED_FIELDS = MEMBER_FIELDS + (('live', 'u32'), ('revoked', 'u32'))
CREATE_FIELDS = (
    ('dry', 'flag'), ('digest', 'bytes', 32), ('org', 'text', 63),
    ('user', 'text', 127), ('name', 'text', 127), ('role', 'text', 31),
    ('context', 'text', 31), ('project', 'text', 127), ('expires', 'time'))
KEY_FIELDS = (
    ('id', 'text', 23), ('org', 'text', 63), ('user', 'text', 127),
    ('name', 'text', 127), ('role', 'text', 31), ('context', 'text', 31),
    ('project', 'text', 127), ('permissions', 'text', 1023),
    ('reason', 'text', 255), ('created_by', 'u32'), ('revoked_by', 'u32'),
    ('created', 'time'), ('expires', 'time'), ('revoked', 'time'),
    ('rotated_from', 'text', 23), ('rotated_to', 'text', 23))
USAGE_FIELDS = (
    ('first', 'time'), ('last', 'time'), ('count', 'u64'), ('refused', 'u64'),
    ('refused_last', 'time'))
VIEW_FIELDS = KEY_FIELDS + USAGE_FIELDS + (('due', 'time'), ('drifted', 'flag'))
CREATED_FIELDS = (('existed', 'flag'),) + KEY_FIELDS
ROTATE_FIELDS = (
    ('digest', 'bytes', 32), ('id', 'text', 23), ('has_grace', 'flag'),
    ('grace', 'u32'))
ROTATED_FIELDS = CREATED_FIELDS + (('old_expires', 'time'),)
REVOKE_ALL_FIELDS = (
    ('org', 'text', 63), ('user', 'text', 127), ('unused_since', 'time'),
    ('reason', 'text', 255))
REVOKED_FIELDS = (('id', 'bytes', 20), ('before', 'flag'), ('when', 'time'))
LIST_FIELDS = (
    ('org', 'text', 63), ('user', 'text', 127), ('all', 'flag'),
    ('unused_since', 'time'), ('due', 'flag'), ('drifted', 'flag'),
    ('cursor', 'blob', 255))
PAGE_FIELDS = (
    ('count', 'u16'), ('rows', 'blob', 16384), ('cursor', 'blob', 255))
SHOW_FIELDS = (('id', 'text', 23),)
STEP_FIELDS = (('name', 'text', 31), ('result', 'u8'), ('text', 'text', 255))
AUDIT_FIELDS = (
    ('after', 'u64'), ('since', 'time'), ('org', 'text', 63),
    ('id', 'text', 23))
EVENT_FIELDS = (
    ('seq', 'u64'), ('when', 'time'), ('what', 'u8'), ('outcome', 'u8'),
    ('uid', 'u32'), ('pid', 'u32'), ('count', 'u32'), ('org', 'text', 63),
    ('user', 'text', 127), ('detail', 'text', 255))
CHECKED_FIELDS = (('last', 'u64'), ('broken', 'u64'), ('why', 'text', 255))
PRUNED_FIELDS = (('removed', 'u32'), ('first', 'u64'))
IMPORT_FIELDS = (('id', 'u64'), ('count', 'u16'), ('rows', 'blob', 16384))
IMPORT_ROW_FIELDS = (
    ('digest', 'bytes', 32), ('org', 'text', 63), ('user', 'text', 127),
    ('name', 'text', 127), ('role', 'text', 31), ('context', 'text', 31),
    ('project', 'text', 127), ('created', 'time'), ('expires', 'time'))
IMPORTED_FIELDS = (
    ('id', 'u64'), ('done', 'u32'), ('left', 'u32'), ('fault', 'u16'),
    ('row', 'u32'), ('why', 'text', 255))
BACKUP_FIELDS = (('at', 'u64'), ('tail', 'blob', 255))
BACKED_UP_FIELDS = (
    ('made', 'time'), ('keys', 'u64'), ('size', 'u64'), ('last', 'flag'),
    ('piece', 'blob', 16384))
RESTORE_FIELDS = (('at', 'u64'), ('force', 'flag'), ('bytes', 'blob', 16384))
RESTORED_FIELDS = (
    ('made', 'time'), ('keys', 'u64'), ('at', 'u64'), ('whole', 'flag'),
    ('needs_force', 'flag'), ('present', 'u64'), ('known', 'u64'),
    ('changes', 'u64'), ('back', 'u64'), ('ids', 'blob', 16384))


def encode(fields, values):
    """The body of a message."""
    return b''.join(put(field[1], values[field[0]], *field[2:])
                    for field in fields)


def get_fields(cursor, fields):
    return {field[0]: cursor.get(*field[1:]) for field in fields}


def decode(fields, body):
    """The values of a body, which must end where the message does."""
    cursor = Cursor(body)
    values = get_fields(cursor, fields)
    cursor.optional()
    return values


def get_event(cursor):
    """A row of the audit log: its fields, ids and hash."""
    event = get_fields(cursor, EVENT_FIELDS)
    event['ids'] = [cursor.take(20).decode()
                    for _ in range(cursor.get('u16'))]
    event['hash'] = cursor.take(32).hex()
    return event


def get_fact(cursor):
    name = cursor.get('text', 31)
    if cursor.get('flag'):
        return name, cursor.get('text', 255)
    return name, cursor.get('u64')


def decode_page(body, get_row):
    """The rows of a page and the cursor of the next one."""
    page = decode(PAGE_FIELDS, body)
    cursor = Cursor(page['rows'])
    rows = [get_row(cursor) for _ in range(page['count'])]
    if cursor.left():
        raise ProtocolError('leftovers behind the rows of a page')
    return rows, page['cursor']


def frame(kind, ident, body, major=MAJOR, reserved=0):
    """A whole frame (3)."""
    return HEADER.pack(len(body), major, kind, reserved, ident) + body


# Tokens (6).

ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'


def checksum(text):
    value = zlib.crc32(text.encode())
    digits = ''
    for _ in range(7):
        value, digit = divmod(value, 36)
        digits = ALPHABET[digit] + digits
    return digits


def make_token(prefix='cmk'):
    random = ''.join(secrets.choice(ALPHABET) for _ in range(45))
    text = prefix + '_' + random
    return text + checksum(text)


def check_token(token, prefix='cmk'):
    """Whether a text has the form and the checksum of a token."""
    form = re.escape(prefix) + '_[0-9a-z]{52}'
    return (re.fullmatch(form, token) is not None
            and checksum(token[:-7]) == token[-7:])


def digest_of(token):
    return hashlib.sha256(token.encode()).digest()


class Client:
    """One connection.  The requests raise Refused for an error frame."""

    def __init__(self, path, timeout=60, hello=True):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.major = MAJOR
        self.ident = 0
        self.welcome = None
        try:
            self.socket.connect(path)
            self.check_peer()
            if hello:
                self.hello()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def check_peer(self):
        """Hangs up unless the other end is root or ourselves (1)."""
        peer = self.socket.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        uid = struct.unpack('iII', peer)[1]
        if uid not in (0, os.getuid()):
            raise ProtocolError('the socket is that of uid %d' % uid)

    # Frames.

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive_exactly(self, count):
        data = b''
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ProtocolError('keyd hung up after %d of %d bytes'
                                    % (len(data), count))
            data += part
        return data

    def receive(self):
        """The next frame: major, type, id and body."""
        size, major, kind, _, ident = HEADER.unpack(
            self.receive_exactly(HEADER.size))
        if size > BODY_MAX:
            raise ProtocolError('a body of %d bytes' % size)
        return major, kind, ident, self.receive_exactly(size)

    def send(self, kind, body, major=None):
        self.ident = (self.ident + 1) & 0xffffffff
        if major is None:
            major = self.major
        self.send_raw(frame(kind, self.ident, body, major))
        return self.ident

    def answer(self, kind, ident):
        """The body of the answer to a request, which must be the next."""
        _, got, got_ident, body = self.receive()
        if got == ERROR:
            raise Refused(decode(ERROR_FIELDS, body))
        if (got, got_ident) != (kind | ANSWER, ident):
            raise ProtocolError('answer 0x%02x of %d to request 0x%02x of %d'
                                % (got, got_ident, kind, ident))
        return body

    def call(self, kind, body=b'', major=None):
        return self.answer(kind, self.send(kind, body, major))

    # Requests.

    def hello(self, lowest=MAJOR, highest=MAJOR, client='client.py', major=1,
              more=b''):
        body = encode(HELLO_FIELDS, {
            'lowest': lowest, 'highest': highest, 'client': client})
        self.welcome = decode(
            WELCOME_FIELDS, self.call(HELLO, body + more, major))
        self.major = self.welcome['major']
        return self.welcome

    def verify_digest(self, digest, permission='', org='', more=b''):
        body = encode(VERIFY_FIELDS, {
            'digest': digest, 'permission': permission, 'org': org})
        return decode(VERDICT_FIELDS, self.call(VERIFY, body + more))

    def verify(self, token, permission='', org=''):
        """The verdict, or None for a text that is no token."""
        if not (self.welcome['foreign']
                or check_token(token, self.welcome['prefix'])):
            return None
        return self.verify_digest(digest_of(token), permission, org)

    def org_change(self, kind, org, plan='', rate=0, burst=0):
        body = encode(ORG_CHANGE_FIELDS, {
            'org': org, 'plan': plan, 'rate': rate, 'burst': burst})
        return decode(ORG_FIELDS, self.call(kind, body))

    def org_add(self, org, **more):
        return self.org_change(ORG_ADD, org, **more)

    def org_set(self, org, **more):
        return self.org_change(ORG_SET, org, **more)

    def member_change(self, kind, org, user, role='', revoke=0):
        body = encode(MEMBER_CHANGE_FIELDS, {
            'org': org, 'user': user, 'role': role, 'revoke': revoke})
        return decode(COUNTED_FIELDS, self.call(kind, body))

    def member_add(self, org, user, role):
        return self.member_change(MEMBER_ADD, org, user, role)

    def member_set(self, org, user, role, revoke=0):
        return self.member_change(MEMBER_SET, org, user, role, revoke)

    def member_remove(self, org, user, revoke=0):
        return self.member_change(MEMBER_REMOVE, org, user, '', revoke)

    def create(self, digest, org, user, name, role='', context='',
               project='', expires=0, dry=0):
        body = encode(CREATE_FIELDS, {
            'dry': dry, 'digest': digest, 'org': org, 'user': user,
            'name': name, 'role': role, 'context': context,
            'project': project, 'expires': expires})
        return decode(CREATED_FIELDS, self.call(CREATE, body))

    def revoke_with(self, selection, reason='', dry=0):
        body = put('flag', dry) + selection + put('text', reason, 255)
        rows, cursor = decode_page(
            self.call(REVOKE, body),
            lambda at: get_fields(at, REVOKED_FIELDS))
        if cursor:
            raise ProtocolError('a second page of revoked keys')
        return rows

    def revoke(self, *ids, **more):
        return self.revoke_with(revoke_by_ids(ids), **more)

    def revoke_digest(self, digest, **more):
        return self.revoke_with(put('u8', 2) + digest, **more)

    def show(self, ident):
        body = encode(SHOW_FIELDS, {'id': ident})
        return decode(VIEW_FIELDS, self.call(SHOW, body))

    def status(self):
        rows, cursor = decode_page(self.call(STATUS), get_fact)
        if cursor:
            raise ProtocolError('a second page of facts')
        return dict(rows)

    def revoke_all(self, org='', user='', unused_since=0, reason=''):
        body = encode(REVOKE_ALL_FIELDS, {
            'org': org, 'user': user, 'unused_since': unused_since,
            'reason': reason})
        return Cursor(self.call(REVOKE_ALL, body)).get('u32')

    def rotate(self, digest, ident, grace=None):
        body = encode(ROTATE_FIELDS, {
            'digest': digest, 'id': ident, 'has_grace': grace is not None,
            'grace': grace or 0})
        return decode(ROTATED_FIELDS, self.call(ROTATE, body))

    def explain(self, token, permission='', org=''):
        """The verdict that a verify would get, and the steps to it."""
        body = encode(VERIFY_FIELDS, {
            'digest': digest_of(token), 'permission': permission, 'org': org})
        at = Cursor(self.call(EXPLAIN, body))
        verdict = get_fields(at, VERDICT_FIELDS)
        count = at.get('u16')
        steps = Cursor(at.get('blob', 16384))
        return verdict, [get_fields(steps, STEP_FIELDS) for _ in range(count)]

    def audit(self, after=0, since=0, org='', ident=''):
        """All entries of the audit log that the filters leave."""
        while True:
            body = encode(AUDIT_FIELDS, {
                'after': after, 'since': since, 'org': org, 'id': ident})
            rows, cursor = decode_page(self.call(AUDIT, body), get_event)
            yield from rows
            last = int.from_bytes(cursor, 'big')
            if last == after:
                return
            after = last

    def audit_check(self):
        """The answer that names a broken entry, or the last one."""
        after = 0
        while True:
            checked = decode(CHECKED_FIELDS, self.call(
                AUDIT_CHECK, put('u64', after)))
            if checked['broken'] or checked['last'] == after:
                return checked
            after = checked['last']

    def audit_prune(self, before):
        return decode(PRUNED_FIELDS, self.call(
            AUDIT_PRUNE, put('time', before)))

    def import_step(self, kind, ident=0, rows=()):
        body = encode(IMPORT_FIELDS, {
            'id': ident, 'count': len(rows),
            'rows': b''.join(encode(IMPORT_ROW_FIELDS, row) for row in rows)})
        return decode(IMPORTED_FIELDS, self.call(kind, body))

    def backup_step(self, kind, at=0, tail=b''):
        return decode(BACKED_UP_FIELDS, self.call(kind, encode(
            BACKUP_FIELDS, {'at': at, 'tail': tail})))

    def restore_step(self, kind, at=0, data=b'', force=0):
        return decode(RESTORED_FIELDS, self.call(kind, encode(
            RESTORE_FIELDS, {'at': at, 'force': force, 'bytes': data})))

    def pages(self, kind, fields, org='', user='', everything=0,
              unused_since=0, due=0, drifted=0):
        """All rows of a list, page after page (5.9)."""
        cursor = b''
        while True:
            body = encode(LIST_FIELDS, {
                'org': org, 'user': user, 'all': everything,
                'unused_since': unused_since, 'due': due, 'drifted': drifted,
                'cursor': cursor})
            rows, cursor = decode_page(
                self.call(kind, body), lambda at: get_fields(at, fields))
            yield from rows
            if not cursor:
                return

    def org_list(self):
        return list(self.pages(ORG_LIST, ORG_FIELDS))

    def member_list(self, org):
        return list(self.pages(MEMBER_LIST, MEMBER_FIELDS, org))

    def list(self, org='', user='', everything=0, **more):
        return list(self.pages(
            LIST, VIEW_FIELDS, org, user, everything, **more))


def revoke_by_ids(ids):
    return (put('u8', 1) + put('u16', len(ids))
            + b''.join(ident.encode() for ident in ids))


# The examples of the document.

def examples(text):
    """The hex dumps of the document, in their order."""
    dumps = []
    for line in text.splitlines():
        row = re.fullmatch(r' +([0-9a-f]{4})  ((?:[0-9a-f]{2} ){1,15}'
                           r'[0-9a-f]{2}|[0-9a-f]{2})  .*', line.rstrip())
        if row is None:
            continue
        if row.group(1) == '0000':
            dumps.append(b'')
        assert int(row.group(1), 16) == len(dumps[-1]), line
        dumps[-1] += bytes.fromhex(row.group(2))
    return dumps


def self_test(path):
    """Makes every example of the document, and takes it to pieces again."""
    with open(path, encoding='utf-8') as document:
        text = document.read()
    token = re.search(r'^ +(cmk_[0-9a-z]{52})$', text, re.M).group(1)
    digest = re.search(r'^ +([0-9a-f]{64})$', text, re.M).group(1)
    assert check_token(token), 'the token of section 6 has a wrong checksum'
    assert digest_of(token).hex() == digest, 'its SHA-256 differs'
    for at, old in enumerate(token):
        wrong = token[:at] + ('0' if old != '0' else '1') + token[at + 1:]
        assert not check_token(wrong), 'a wrong character %d passes' % at
    assert check_token(make_token()), 'a new token is none'

    verdict = dict.fromkeys(
        ('code', 'retry', 'limit', 'remaining', 'reset', 'expires'), 0)
    verdict.update(id='key_0123456789abcdef', org='acme', user='alice',
                   name='ci', project='')
    expected = (
        ('hello', HELLO, 1, HELLO_FIELDS,
         {'lowest': 1, 'highest': 1, 'client': 'demo 1.0'}),
        ('welcome', HELLO | ANSWER, 1, WELCOME_FIELDS,
         {'major': 1, 'minor': 1, 'foreign': 0, 'prefix': 'cmk',
          'server': 'keyd 0.1.0'}),
        ('verify', VERIFY, 2, VERIFY_FIELDS,
         {'digest': bytes.fromhex(digest), 'permission': 'tests:run',
          'org': ''}),
        ('verdict', VERIFY | ANSWER, 2, VERDICT_FIELDS, verdict),
        ('error', ERROR, 1, ERROR_FIELDS,
         {'code': E_VERSION, 'lowest': 1, 'highest': 1, 'retry': 0,
          'text': 'keyd speaks version 1 of the protocol'}),
    )
    dumps = examples(text)
    assert len(dumps) == len(expected), '%d examples' % len(dumps)
    for dump, (name, kind, ident, fields, values) in zip(dumps, expected):
        made = frame(kind, ident, encode(fields, values))
        assert made == dump, 'the example of %s differs' % name
        assert decode(fields, dump[HEADER.size:]) == values, name
        print('the example %s comes out exactly' % name)
    print('the token of section 6, its checksum and its SHA-256 are right')


def main():
    parser = argparse.ArgumentParser(description='verify a token with keyd')
    parser.add_argument('--self-test', metavar='PROTOCOL', nargs='?',
                        const=os.path.join(os.path.dirname(
                            os.path.abspath(__file__)),
                            '../../doc/PROTOCOL'))
    parser.add_argument('-r', metavar='DIR', default='/run/keyd')
    parser.add_argument('--permission', default='')
    parser.add_argument('--org', default='')
    options = parser.parse_args()
    if options.self_test:
        self_test(options.self_test)
        return 0
    with Client(os.path.join(options.r, 'verify.sock')) as client:
        verdict = client.verify(sys.stdin.readline().rstrip('\n'),
                                options.permission, options.org)
    if verdict is None:
        print('deny: not a token')
        return 1
    print('allow' if verdict['code'] == OK else 'deny', verdict)
    return 0 if verdict['code'] == OK else 1


if __name__ == '__main__':
    sys.exit(main())
