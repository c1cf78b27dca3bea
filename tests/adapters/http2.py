# SPDX-License-Identifier: ISC
"""As much of an HTTP/2 client as it takes to ask nginx for pages.

Its fields are never compressed; of an answer it reads the status, which nginx
puts first and does not compress either.
"""

import struct

from harness import Failure

DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS = 1, 4
STATUS_200 = 0x88      # an index of the static table
STATUS_OTHER = b'\x48\x03'  # its name by index, three bytes of value
CANCEL = 8


def text(value):
    return bytes((len(value),)) + value.encode()


class Http2:
    def __init__(self, connected):
        self.socket = connected
        self.last = -1
        self.statuses = {}  # by stream
        self.open = set()
        self.socket.sendall(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
        self.frame(SETTINGS, 0, 0, b'')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def frame(self, kind, flags, stream, payload):
        self.socket.sendall(struct.pack('>I', len(payload))[1:] + struct.pack(
            '>BBI', kind, flags, stream) + payload)

    def ask(self, path, token=None):
        """Sends a request, and returns the number of its stream."""
        self.last += 2
        self.open.add(self.last)
        fields = b'\x82\x86\x04' + text(path) + b'\x01' + text('x')
        if token:
            fields += b'\x1f\x08' + text('Bearer ' + token)
        self.frame(HEADERS, END_STREAM | END_HEADERS, self.last, fields)
        return self.last

    def reset(self, stream):
        self.open.discard(stream)
        self.frame(RST_STREAM, 0, stream, struct.pack('>I', CANCEL))

    def take(self):
        """Reads one frame."""
        head = self.exactly(9)
        payload = self.exactly(int.from_bytes(head[:3], 'big'))
        kind, flags, stream = struct.unpack('>BBI', head[3:])
        if kind == GOAWAY:
            raise Failure('the server gave up on HTTP/2: %r' % payload)
        if kind == HEADERS:
            self.statuses[stream] = self.status(payload)
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            self.open.discard(stream)
        if kind == RST_STREAM:
            self.open.discard(stream)

    @staticmethod
    def status(payload):
        while payload[0] & 0xe0 == 0x20:  # a new size of the table
            payload = payload[1:]
        if payload[0] == STATUS_200:
            return 200
        if payload[:2] != STATUS_OTHER:
            raise Failure('no status: %r' % payload[:8])
        return int(payload[2:5])

    def exactly(self, count):
        got = b''
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                raise Failure('the server closed the connection')
            got += more
        return got

    def finish(self):
        """Waits for all that was asked; the statuses in the order of that."""
        while self.open:
            self.take()
        return [self.statuses[one] for one in sorted(self.statuses)]
