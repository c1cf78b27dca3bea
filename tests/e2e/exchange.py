# SPDX-License-Identifier: ISC
"""Keyds and clients of other versions: what was recorded, and who adds to it.

The tables are those of version 1.0 of the protocol and stay as they are,
whatever doc/PROTOCOL adds: a body is these fields, and then optional ones.
"""

import os
import re
import socket
import struct
import threading

from harness import Scratch, check

HEADER = struct.Struct('>IBBHI')
SOCKETS = ('verify', 'admin')
HELLO, CREATE, ERROR, ANSWER = 0x01, 0x30, 0xff, 0x80
IMPORT_BEGIN, IMPORT_ABORT = 0x50, 0x53

# Tags that no version is to take soon.
UNKNOWN_FIELDS = b'\xf0\0\3abc' + b'\xff\0\0' + b'\xf0\1\0' + bytes(256)

# Numbers of 1, 2, 4 and 8 bytes; f a flag, t a time, xN a text, sN a sentence
# that any version may word anew, bN bytes, oN a blob.
KEY = 'x23 x63 x127 x127 x31 x31 x127 x1023 x255 4 4 t t t x23 x23'
VERDICT = '1 4 4 4 4 t x23 x63 x127 x127 x127'
PAGE = '2 o16384 o255'
LIST = 'x63 x127 f t f f o255'
ORG, MEMBER = 'x63 x31 4 4', 'x63 x127 x31'
IMPORT, IMPORTED = '8 2 o16384', '8 4 4 2 4 x255'
V1_0 = {
    0x01: '1 1 s63', 0x81: '1 2 f x15 s63',
    0x02: 'b32 x63 x63', 0x82: VERDICT,
    0x03: '', 0x83: PAGE,
    0x10: ORG, 0x90: ORG + ' t', 0x11: ORG, 0x91: ORG + ' t',
    0x12: LIST, 0x92: PAGE,
    0x20: MEMBER + ' f', 0xa0: MEMBER + ' t 4 4',
    0x21: MEMBER + ' f', 0xa1: MEMBER + ' t 4 4',
    0x22: MEMBER + ' f', 0xa2: MEMBER + ' t 4 4',
    0x23: LIST, 0xa3: PAGE,
    0x30: 'f b32 x63 x127 x127 x31 x31 x127 t', 0xb0: 'f ' + KEY,
    0x31: 'f revoke x255', 0xb1: PAGE,
    0x32: LIST, 0xb2: PAGE,
    0x33: 'x23', 0xb3: KEY + ' t t 8 8 t t f',
    0x34: 'x63 x127 t x255', 0xb4: '4',
    0x35: 'b32 x23 f 4', 0xb5: 'f ' + KEY + ' t',
    0x36: 'b32 x63 x63', 0xb6: VERDICT + ' 2 o16384',
    0x40: '8 t x63 x23', 0xc0: PAGE,
    0x41: '8', 0xc1: '8 8 x255', 0x42: 't', 0xc2: '4 8',
    0x50: IMPORT, 0xd0: IMPORTED, 0x51: IMPORT, 0xd1: IMPORTED,
    0x52: IMPORT, 0xd2: IMPORTED, 0x53: IMPORT, 0xd3: IMPORTED,
    ERROR: '1 2 2 s255',  # the two majors are no promise
}


def decode(kind, body):
    """The fields of a body as version 1.0 reads them: (kind, value) each."""
    at = 0

    def take(count):
        nonlocal at
        check(len(body) - at >= count, '0x%02x is cut short' % kind)
        at += count
        return body[at - count:at]

    def field(code):
        if code == 'revoke':
            if take(1) == b'\1':
                return take(20 * int.from_bytes(take(2), 'big'))
            return take(32)
        if code[0] in 'xso':
            data = take(int.from_bytes(take(2), 'big'))
            check(len(data) <= int(code[1:]), '%r is too long' % data)
            return data
        return take({'f': 1, 't': 8}.get(code) or int(code.strip('b')))

    fields = [(code, field(code)) for code in V1_0[kind].split()]
    while at < len(body):
        take(1)
        take(int.from_bytes(take(2), 'big'))
    return fields


def facts(fields):
    """What two keyds must say alike, whenever they are asked."""
    return [value for code, value in fields if code[0] in 'xfb1']


def frame(kind, ident, body, major=1):
    return HEADER.pack(len(body), major, kind, 0, ident) + body


def read_frame(one):
    """major, type, id, body; None at the end."""
    data = b''
    while len(data) < HEADER.size or len(data) < HEADER.size + \
            HEADER.unpack_from(data)[0]:
        want = HEADER.size if len(data) < HEADER.size else \
            HEADER.size + HEADER.unpack_from(data)[0]
        part = one.recv(want - len(data))
        if not part:
            return None
        data += part
    _, major, kind, _, ident = HEADER.unpack_from(data)
    return major, kind, ident, data[HEADER.size:]


class Other:
    """Listens on both sockets in a folder of its own, and answers.

    serve(one, name) has a connection to itself, in a thread.
    """

    count = 0

    def __init__(self):
        Other.count += 1
        self.runtime = os.path.join(Scratch.get(), 'o%d' % Other.count)
        os.mkdir(self.runtime, 0o755)
        self.connections = 0
        self.listeners = []
        for name in SOCKETS:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(self.path(name))
            listener.listen(64)
            self.listeners.append(listener)
            threading.Thread(target=self.accept, args=(listener, name),
                             daemon=True).start()

    def path(self, name):
        return os.path.join(self.runtime, name + '.sock')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for name in SOCKETS:
            os.unlink(self.path(name))

    def accept(self, listener, name):
        while True:
            try:
                one = listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.run, args=(one, name),
                             daemon=True).start()

    def run(self, one, name):
        with one:
            try:
                self.serve(one, name)
            except OSError:
                pass  # the client has gone

    def serve(self, one, name):
        """Until the client goes."""
        while True:
            asked = read_frame(one)
            if asked is None:
                return
            said = self.answer(name, *asked)
            if said is None:
                return
            one.sendall(said)

    def answer(self, name, major, kind, ident, body):
        """The bytes of the answer; None: hang up."""
        raise NotImplementedError


class Between(Other):
    """Passes on what a client and a keyd say, as asked and told see fit."""

    def __init__(self, runtime):
        self.target = runtime
        super().__init__()

    def asked(self, _name, _kind, body):
        return body

    def told(self, _name, _kind, body):
        return body

    def serve(self, one, name):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as keyd:
            keyd.connect(os.path.join(self.target, name + '.sock'))
            while True:
                said = read_frame(one)
                if said is None:
                    return
                major, kind, ident, body = said
                keyd.sendall(frame(
                    kind, ident, self.asked(name, kind, body), major))
                said = read_frame(keyd)
                if said is None:
                    return
                major, kind, ident, body = said
                one.sendall(frame(
                    kind, ident, self.told(name, kind, body), major))


class Later(Between):
    """A keyd, and clients, of a minor version that nobody knows yet."""

    def asked(self, _name, _kind, body):
        return body + UNKNOWN_FIELDS

    def told(self, _name, kind, body):
        if kind == HELLO | ANSWER:
            body = body[:1] + b'\0\x63' + body[3:]
        return body + UNKNOWN_FIELDS


class Recorder(Between):
    """Writes down the frames."""

    def __init__(self, runtime):
        self.lines = []
        super().__init__(runtime)

    def asked(self, name, kind, body):
        self.lines.append('%s > %02x %s' % (name, kind, body.hex()))
        return body

    def told(self, name, kind, body):
        self.lines.append('%s < %02x %s' % (name, kind, body.hex()))
        return body


def recorded(path):
    """Pairs of a question and its answer: (socket, type, body) each."""
    with open(path, encoding='ascii') as lines:
        frames = re.findall(r'^(\w+) ([<>]) (\w\w) ?(\w*)$', lines.read(),
                            re.M)
    check([way for _, way, _, _ in frames] == ['>', '<'] * (len(frames) // 2),
          '%s: not question and answer in turn' % path)
    frames = [(name, int(kind, 16), bytes.fromhex(body))
              for name, _, kind, body in frames]
    return list(zip(frames[::2], frames[1::2]))


class Recorded(Other):
    """A keyd of then: it says what was recorded, to the same questions.

    It reads them as version 1.0 does; what that did not know is error 3.
    """

    def __init__(self, pairs):
        self.left = list(pairs)
        self.welcome = next(told for asked, told in pairs
                            if asked[1] == HELLO)
        super().__init__()

    def answer(self, name, major, kind, ident, body):
        if kind not in V1_0:
            return frame(ERROR, ident, b'\3\1\1\0\0\0\3new')
        decode(kind, body)
        if kind == HELLO:
            return frame(self.welcome[1], ident, self.welcome[2])
        for at, (asked, told) in enumerate(self.left):
            if asked[:2] == (name, kind):
                del self.left[at]
                return frame(told[1], ident, told[2])
        return frame(ERROR, ident, b'\x0d\1\1\0\0\0\4more')


class Apart(Other):
    """A keyd of other major versions: it refuses every hello."""

    lowest, highest = 2, 3
    sentence = b'keyd speaks versions 2 and 3 of the protocol'

    def answer(self, name, major, kind, ident, body):
        decode(kind, body)
        return frame(ERROR, ident, struct.pack(
            '>BBBHH', 1, self.lowest, self.highest, 0,
            len(self.sentence)) + self.sentence)
