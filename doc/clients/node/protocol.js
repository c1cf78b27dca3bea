// SPDX-License-Identifier: ISC
// One connection to keyd(8), in the bytes of doc/PROTOCOL: questions go out as
// they come, and answers find them by their ids.  What makes it safe: an answer
// that is not exactly the protocol ends the connection and all its questions.
'use strict';

const net = require('net');

const MAJOR = 1, HELLO = 0x01, VERIFY = 0x02, ANSWER = 0x80, ERROR = 0xff;
const HEADER = 12, BODY_MAX = 16372; // bytes
const CODES = { 0: 'OK', 3: 'UNKNOWN', 4: 'REVOKED', 5: 'EXPIRED', 6: 'WRONG_ORG',
  7: 'FORBIDDEN', 8: 'RATE_LIMITED' };
const ERRORS = { 6: 'EBUSY', 7: 'ETIMEOUT', 8: 'EDENIED', 9: 'EINVAL', 12: 'EPERMISSION',
  13: 'ESTORE' };
// Fields of a body: bytes of a number, 8 for a time, or less 0 the most of a text.
const BODIES = {
  [HELLO]: { major: 1, minor: 2, foreign: 1, prefix: -15, server: -63 },
  [VERIFY]: { code: 1, retryAfter: 4, rateLimit: 4, rateRemaining: 4, rateReset: 4,
    expires: 8, keyId: -23, org: -63, user: -127, name: -127, project: -127 },
  [ERROR]: { code: 1, lowest: 1, highest: 1, retryAfter: 2, message: -255 },
};

class Failure extends Error { // why there is no verdict
  constructor(status, message, more) { Object.assign(super(message), { status }, more); }
}
const wrong = (what) => new Failure('EPROTOCOL', `keyd sent ${what}`);

function decode(type, body) {
  let at = 0;
  const take = (n) => {
    if (body.length - at < n) throw wrong('a body that is cut short');
    return body.subarray(at, at += n);
  };
  const number = (n) => (n > 6 ? number(n - 4) * 2 ** 32 + number(4) : take(n).readUIntBE(0, n));
  const text = (max) => {
    const data = take(number(2));
    if (data.length > max || data.includes(0)) throw wrong('a text that is none');
    return data.toString();
  };
  const values = {};
  for (const [name, kind] of Object.entries(BODIES[type])) {
    values[name] = kind < 0 ? text(-kind) : number(kind);
  }
  while (at < body.length) { number(1); take(number(2)); } // fields of later versions
  return values;
}

const READ = {
  [HELLO]({ major, foreign, prefix }) {
    if (major !== MAJOR) throw wrong(`version ${major} of the protocol, not ${MAJOR}`);
    if (foreign > 1 || !/^[a-z][a-z0-9]*$/.test(prefix)) throw wrong('no good welcome');
    return { foreign: foreign === 1, form: new RegExp(`^${prefix}_[0-9a-z]{52}$`) };
  },
  [VERIFY]({ code, ...fields }) {
    if (!CODES[code] || fields.expires >= 2 ** 63) throw wrong('no good verdict');
    return { status: CODES[code], ...fields };
  },
  [ERROR]({ code, lowest, highest, retryAfter, message }) {
    const range = code === 1 ? ` (it: ${lowest} to ${highest}; this client: ${MAJOR})` : '';
    return new Failure(ERRORS[code] ?? 'EPROTOCOL', message + range, { retryAfter });
  },
};

class Line { // one connection; answers find their questions by their ids
  constructor(file) {
    Object.assign(this, { asked: new Map(), input: Buffer.alloc(0), lastId: 0 });
    this.socket = net.connect(file).unref()
      .on('data', (data) => this.receive(data))
      .on('end', () => this.fail(new Failure('EUNAVAILABLE', 'keyd closed the connection')))
      .on('error', ({ code, message }) => this.fail(
        new Failure(code === 'EAGAIN' ? 'EBUSY' : 'EUNAVAILABLE', message, { code })));
    this.welcome = this.ask(HELLO, Buffer.from('\x01\x01\0\x0bkeyd-client'));
  }

  async ask(type, body) {
    if (this.failed) throw new Failure(this.failed.status, this.failed.message, { again: true });
    const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, MAJOR, type, 0, 0, 0, 0, 0, 0]), body]);
    this.lastId = (this.lastId % 0xffffffff) + 1;
    frame.writeUInt32BE(body.length, 0);
    frame.writeUInt32BE(this.lastId, 8);
    return new Promise((resolve, reject) => {
      const question = { type, resolve, reject };
      const alone = this.socket.writableLength === 0; // else a part may have been sent
      this.asked.set(this.lastId, question);
      this.socket.write(frame, (e) => { question.unsent = alone && e?.code === 'EPIPE'; });
    });
  }

  receive(data) {
    this.input = Buffer.concat([this.input, data]);
    try { while (!this.failed && this.frame()); } catch (e) { this.fail(e); }
  }

  frame() { // false: it is not whole yet
    const { input } = this, size = input.length < HEADER ? 0 : input.readUInt32BE(0);
    if (size > BODY_MAX) throw wrong('a frame that is too large');
    if (input.length < HEADER + size) return false;
    const type = input[5], id = input.readUInt32BE(8), question = this.asked.get(id);
    const refused = type === ERROR && (question || id === 0);
    if (!refused && (!question || input[4] !== MAJOR || type !== (question.type | ANSWER))) {
      throw wrong('an answer to nothing that was asked');
    }
    const kind = refused ? ERROR : question.type;
    const answer = READ[kind](decode(kind, input.subarray(HEADER, HEADER + size)));
    if (refused && question?.type !== VERIFY) throw answer; // it means all of us
    this.input = input.subarray(HEADER + size);
    this.asked.delete(id);
    question[refused ? 'reject' : 'resolve'](answer);
    return true;
  }

  fail(why) {
    if (this.failed) return;
    this.failed = why;
    this.socket.destroy();
    // ECONNRESET: keyd closed before it had read all that was sent; not the last, at least.
    let unread = why.code === 'ECONNRESET' && this.input.length === 0;
    for (const { unsent, reject } of [...this.asked.values()].reverse()) {
      reject(unsent || unread ? new Failure(why.status, why.message, { again: true }) : why);
      unread = false;
    }
  }
}

module.exports = { Line, Failure, HELLO, VERIFY };
