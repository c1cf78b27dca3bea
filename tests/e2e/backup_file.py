# SPDX-License-Identifier: ISC
"""A backup of keyd, read by what keyd-backup(5) says and nothing else."""

import hashlib
import hmac
import struct

from client import (BACKUP_BEGIN, BACKUP_READ, KEY_FIELDS, RESTORE_BEGIN,
                    RESTORE_CHUNK, Cursor, get_event, get_fields)
from harness import check, check_equal

MAGIC = b'keyd-backup 1\n'
HEAD, ROWS, END = 1, 2, 3
CHUNK_MAX = 16000
HEAD_FIELDS = (
    ('schema', 'u32'), ('made', 'time'), ('software', 'text', 63),
    ('check', 'bytes', 16), ('audit_seq', 'u64'), ('audit_hash', 'bytes', 32),
    ('serial', 'u64'), ('keys', 'u64'), ('revoked', 'u64'))
END_FIELDS = (('made', 'time'), ('keys', 'u64'), ('rows', 'u64'),
              ('size', 'u64'))
BACKUP_KEY, CHAIN_KEY = 4, 3


def subkey(hash_key, number):
    return hashlib.blake2b(
        b'', digest_size=32, key=hash_key, person=b'keyd v1 ' + bytes(8),
        salt=number.to_bytes(8, 'little') + bytes(8)).digest()


def keyed(key, *parts):
    return hashlib.blake2b(b''.join(parts), digest_size=32, key=key).digest()


def fields_of(body, fields):
    cursor = Cursor(body)
    values = get_fields(cursor, fields)
    check(not cursor.left(), 'leftovers in a chunk')
    return values


def chunks_of(data, key):
    """(kind, body) of each chunk, whose hashes are looked at."""
    check(data.startswith(MAGIC), 'no magic')
    before = keyed(key, MAGIC)
    at = len(MAGIC)
    while at < len(data):
        size = struct.unpack_from('>I', data, at)[0]
        chunk = data[at:at + 4 + size]
        before = keyed(key, before, chunk)
        at += 4 + size
        check(hmac.compare_digest(before, data[at:at + 32]), 'a wrong hash')
        at += 32
        check(size + 36 <= CHUNK_MAX, 'a chunk is too large')
        yield chunk[4], chunk[5:]


class BackupFile:
    """The head, the end, and the rows as {table: {key: value}}."""

    def __init__(self, path, hash_key):
        with open(path, 'rb') as file:
            self.data = file.read()
        self.hash_key = hash_key
        self.tables = {}
        self.head = self.end = None
        self.rows = 0
        self.last = ()
        for kind, body in chunks_of(self.data, subkey(hash_key, BACKUP_KEY)):
            check(self.end is None, 'something is behind the end')
            check_equal(self.head is None, kind == HEAD, 'the head is first')
            if kind == HEAD:
                self.head = fields_of(body, HEAD_FIELDS)
            elif kind == ROWS:
                self.take_rows(body)
            else:
                check_equal(kind, END, 'kind')
                self.end = fields_of(body, END_FIELDS)
        check(self.end, 'no end')
        check_equal(self.end, {
            'made': self.head['made'], 'keys': self.head['keys'],
            'rows': self.rows, 'size': len(self.data)}, 'the end')

    def take_rows(self, body):
        cursor = Cursor(body)
        name = cursor.get('text', 31)
        table = self.tables.setdefault(name, {})
        while cursor.left():
            key = cursor.get('blob', 511)
            check((name, key) > self.last or name not in self.last,
                  'the order of rows')
            self.last = name, key
            table[key] = cursor.get('blob', 16384)
            self.rows += 1

    def table(self, name):
        return self.tables.get(name, {})

    def keys(self):
        """id -> what is known of the key; those of an unfinished import too."""
        found = {}
        for serial, value in self.table('keys').items():
            check_equal(value[0], 2, 'version of a record')
            cursor = Cursor(value[41:])
            key = get_fields(cursor, KEY_FIELDS)
            check(not cursor.left(), 'leftovers in a record')
            key['serial'] = serial
            key['hash'] = value[1:33]
            found[key['id']] = key
        return found

    def events(self):
        """The audit log, whose hashes are looked at."""
        key = subkey(self.hash_key, CHAIN_KEY)
        before = bytes(32)
        found = []
        for seq, value in self.table('audit').items():
            before = keyed(key, before, value[:-32])
            check_equal(value[-32:], before, 'hash of an entry')
            event = get_event(Cursor(value))
            check_equal(event['seq'], int.from_bytes(seq, 'big'), 'seq')
            found.append(event)
        check_equal((len(found), before), (
            self.head['audit_seq'], self.head['audit_hash']), 'the last entry')
        return found


def indexes_agree(backup):
    """Each index leads to the keys, and to each of them."""
    keys = backup.keys()
    check_equal(backup.table('hashes'),
                {key['hash']: key['serial'] for key in keys.values()},
                'hashes')
    check_equal(backup.table('ids'), {}, 'ids, which a restore keeps anew')
    check_equal(set(backup.table('owners')), {
        b'%s\0%s\0%s' % (key['org'].encode(), key['user'].encode(),
                         key['serial']) for key in keys.values()}, 'owners')
    check_equal(backup.table('names'), {
        b'%s\0%s\0' % (key['org'].encode(), key['name'].encode()):
        key['serial'] for key in keys.values() if not key['revoked']}, 'names')
    check_equal((len(keys), sum(bool(k['revoked']) for k in keys.values())),
                (backup.head['keys'], backup.head['revoked']), 'counts')


def take(admin):
    """The bytes of a backup."""
    piece = admin.backup_step(BACKUP_BEGIN)
    data = piece['piece']
    while not piece['last']:
        piece = admin.backup_step(BACKUP_READ, piece['size'])
        data += piece['piece']
    return data


def pieces_of(data):
    """What a file is sent in, each with its place."""
    at, end = 0, len(MAGIC)
    while end < len(data):
        end += 36 + struct.unpack_from('>I', data, end)[0]
        yield at, data[at:end]
        at = end


def send(admin, data):
    """Sends a file to be restored; the last answer."""
    for at, piece in pieces_of(data):
        told = admin.restore_step(
            RESTORE_CHUNK if at else RESTORE_BEGIN, at, piece)
    return told
