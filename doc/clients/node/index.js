// SPDX-License-Identifier: ISC
// Asks the keyd(8) of this host whether a token is good, as doc/PROTOCOL says.  What makes it
// safe: all but an exact answer is not ok, and what keyd may have counted is not asked again.
'use strict';

const { createHash } = require('crypto');
const fs = require('fs');
const net = require('net');
const path = require('path');

const FRESH = 1000; // ms that a welcome is believed before a token is refused by it
const ORG = /^([a-z0-9][a-z0-9-]{0,62})?$/, PERMISSION = /^[a-z0-9:._-]{1,63}$/;
const MAJOR = 1, HELLO = 0x01, VERIFY = 0x02, ANSWER = 0x80, ERROR = 0xff;
const HEADER = 12, FRAME_MAX = 16384, SUN_PATH_MAX = 107; // bytes
const CODES = ['OK', , , 'UNKNOWN', 'REVOKED', 'EXPIRED', 'WRONG_ORG', 'FORBIDDEN', 'RATE_LIMITED'];
const ERRORS = ['EBUSY', 'ETIMEOUT', 'EDENIED', 'EINVAL', , , 'EPERMISSION', 'ESTORE']; // from 6 on
const HTTP = { OK: 200, MISSING: 401, MALFORMED: 401, UNKNOWN: 401, REVOKED: 401, EXPIRED: 401,
  WRONG_ORG: 403, FORBIDDEN: 403, RATE_LIMITED: 429, EUNAVAILABLE: 503, ETIMEOUT: 503, EBUSY: 503 };

const failure = (status, why, retryAfter) => Object.assign(Error(why), { status, retryAfter });
const wrong = (what) => failure('EPROTOCOL', `keyd sent ${what}`);
const MALFORMED = failure('MALFORMED', 'no token of this keyd');
const LATE = failure('ETIMEOUT', 'keyd did not answer in time');
const AGAIN = failure('EUNAVAILABLE', 'keyd did not take the question'); // so ask it once more

// CRC-32, in base 36.
const shift = (crc, bits) => (bits ? shift((crc >>> 1) ^ (crc & 1 && 0xedb88320), bits - 1) : crc);
const crc32 = (bytes) => ~bytes.reduce((crc, byte) => shift(crc ^ byte, 8), ~0) >>> 0;
const checksum = (s) => crc32(Buffer.from(s)).toString(36).padStart(7, '0');
const text = (s) => Buffer.from([0, s.length, ...Buffer.from(s)]);

// The texts of a body from there to its end; most: bytes that each may have.
function texts(body, at, ...most) {
  const take = (n) => {
    if (body.length - at < n) throw wrong('a body that is cut short');
    return body.subarray(at, at += n);
  };
  const blob = () => take(take(2).readUInt16BE());
  const found = most.map(blob);
  if (found.some((s, i) => s.length > most[i] || s.includes(0))) throw wrong('a text that is none');
  while (at < body.length) take(1), blob(); // fields of later versions
  return found.map(String);
}

const READ = { // where a field lies: doc/PROTOCOL, 5.1 to 5.3
  [HELLO + ANSWER](body) { // what tells whether a text may be a token of this keyd
    const [prefix] = texts(body, 4, 15, 63), [major, , , foreign] = body;
    if (major !== MAJOR || foreign > 1 || !/^[a-z][a-z0-9]*$/.test(prefix)) throw wrong('no hello');
    const form = new RegExp(`^${prefix}_[0-9a-z]{52}$`);
    return (s) => foreign === 1 || (form.test(s) && checksum(s.slice(0, -7)) === s.slice(-7));
  },
  [VERIFY + ANSWER](body) {
    const [keyId, org, user, name, project] = texts(body, 25, 23, 63, 127, 127, 127);
    const status = CODES[body[0]], expires = Number(body.readBigUInt64BE(17));
    if (!status || expires >= 2 ** 63) throw wrong('no good verdict');
    const u32 = (at) => body.readUInt32BE(at);
    return { status, retryAfter: u32(1), known: { rateLimit: u32(5), rateRemaining: u32(9),
      rateReset: u32(13), expires, keyId, org, user, name, project } };
  },
  [ERROR](body) {
    const [why] = texts(body, 5, 255), [code, lowest, highest] = body;
    const range = code === 1 ? ` (it: ${lowest} to ${highest}; this client: ${MAJOR})` : '';
    return failure(ERRORS[code - 6] ?? 'EPROTOCOL', why + range, body.readUInt16BE(3));
  },
};

// In place of SO_PEERCRED, which Node.js does not give: who can put a socket in
// this folder is root, this user, or whom root gave the folder.
function trust(dir) {
  const [own, up] = [fs.lstatSync(dir), fs.statSync(path.dirname(dir))];
  const closed = (d) => d.isDirectory() && (d.mode & 0o022) === 0;
  const ours = own.uid === 0 || own.uid === process.geteuid() || (up.uid === 0 && closed(up));
  if (!ours || !closed(own)) throw failure('EUNAVAILABLE', `${dir} is open to others`);
}

function connect(file) { // answers find their questions by their ids
  trust(path.dirname(file));
  const asked = new Map(), since = performance.now();
  let lastId = 0, input = Buffer.alloc(0);
  const ask = (type, body) => new Promise((resolve, reject) => {
    if (!socket.writable) throw AGAIN;
    const header = Buffer.from([0, 0, 0, body.length, MAJOR, type, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(lastId = (lastId % 0xffffffff) + 1, 8);
    socket.write(Buffer.concat([header, body]));
    asked.set(lastId, { type, resolve, reject });
  });
  const receive = (data) => {
    input = Buffer.concat([input, data]);
    while (input.length >= HEADER) {
      const size = HEADER + input.readUInt32BE(0), type = input[5], id = input.readUInt32BE(8);
      if (size > FRAME_MAX || input[4] !== MAJOR) throw wrong('no frame of this version');
      if (input.length < size) return;
      const question = asked.get(id), answer = READ[type]?.(input.subarray(HEADER, size));
      if (type === ERROR && question?.type !== VERIFY) throw answer; // it means all of us
      if (type !== ERROR && type !== question?.type + ANSWER) throw wrong('an answer to nothing');
      question.resolve(answer);
      asked.delete(id);
      input = input.subarray(size);
    }
  };
  const socket = net.connect(file).unref()
    .on('data', (data) => { try { receive(data); } catch (e) { socket.destroy(e); } })
    .on('end', () => socket.destroy(failure('EUNAVAILABLE', 'keyd closed the connection')))
    .on('error', (why) => { // if keyd did not read all questions, it did not read the last
      const unread = (why.code === 'EPIPE' || why.code === 'ECONNRESET') && input.length === 0;
      for (const [id, { reject }] of asked) reject(unread && id === lastId ? AGAIN : why);
    });
  return { since, socket, ask, fits: ask(HELLO, Buffer.from('\x01\x01\0\x0bkeyd-client')) };
}

function verdictOf(found, permission) {
  const { code, status = code === 'EAGAIN' ? 'EBUSY' : 'EUNAVAILABLE', message = '' } = found;
  const httpStatus = HTTP[status] ?? 500, wait = httpStatus === 429 || httpStatus === 503;
  return Object.freeze({
    ok: status === 'OK', status, httpStatus, message, permission,
    retryAfter: wait ? Math.max(1, found.retryAfter ?? 0) : 0, rateLimit: 0, rateRemaining: 0,
    rateReset: 0, expires: 0, keyId: '', org: '', user: '', name: '', project: '', ...found.known,
  });
}

exports.Keyd = class Keyd {
  constructor({ runtimeDir, org = '', deadline = 250 } = {}) {
    const dir = runtimeDir || process.env.KEYD_RUNTIME_DIR || '/run/keyd';
    const file = path.resolve(dir, 'verify.sock');
    if (Buffer.byteLength(file) > SUN_PATH_MAX) throw new RangeError('runtimeDir: too long');
    if (!ORG.test(org)) throw new RangeError('org: no slug');
    if (!(deadline >= 1 && deadline < 2 ** 31)) throw new RangeError('deadline: no such ms');
    Object.assign(this, { file, org, deadline });
  }

  retire(line) { // no new questions; those that wait may wait until their end
    if (this.line === line) this.line = null;
    setTimeout(() => line.socket.destroy(), this.deadline).unref();
  }

  async decide(call, token, permission) {
    if (token === undefined || token === null) throw failure('MISSING', 'no token');
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(token)) throw MALFORMED;
    if (!PERMISSION.test(permission ?? 'any')) throw failure('EPERMISSION', 'no role can have it');
    const digest = createHash('sha256').update(token).digest();
    const question = Buffer.concat([digest, text(String(permission ?? '')), text(this.org)]);
    const ask = async () => {
      if (this.closed) throw this.closed;
      if (!this.line?.socket.writable) this.line = connect(this.file);
      const line = call.line = this.line, fits = await line.fits;
      if (call.over) throw LATE; // nobody waits for it: it must not be counted
      if (fits(token)) return line.ask(VERIFY, question);
      if (performance.now() - line.since < FRESH) throw MALFORMED;
      this.retire(line); // by now keyd may have been given another prefix
      throw AGAIN;
    };
    return ask().catch((e) => (e === AGAIN ? ask() : Promise.reject(e)));
  }

  async verify(token, permission) {
    const call = {};
    const late = new Promise((resolve) => { // what has arrived by then is looked at first
      call.timer = setTimeout(setImmediate, this.deadline, resolve, LATE);
    });
    const found = await Promise.race([late, this.decide(call, token, permission).catch((e) => e)]);
    clearTimeout(call.timer);
    call.over = true;
    if (found === LATE) this.retire(call.line);
    return verdictOf(found, permission);
  }

  async verifyBearer(authorization, permission) {
    const [, token, rest] = /^[ \t]*bearer +([^ \t,]*)[ \t]*([^]*)$/i.exec(authorization) ?? [];
    return rest ? verdictOf(MALFORMED, permission) : this.verify(token || null, permission);
  }

  async verifyRequest({ headers: { authorization }, headersDistinct }, permission) {
    const given = headersDistinct?.authorization ?? [authorization];
    if (given.length === 1) return this.verifyBearer(given[0], permission);
    return Object.freeze({ ...verdictOf(MALFORMED, permission), httpStatus: 400 });
  }

  close() {
    this.closed = failure('EINVAL', 'this client is closed');
    this.line?.socket.destroy(this.closed);
  }
};

// The headers of the answer to a request with this verdict.
exports.headers = ({ status, httpStatus, permission, ...verdict }, realm = 'api') => {
  const why = status === 'MALFORMED' ? 'malformed' : 'unknown, expired or revoked';
  const invalid = `, error="invalid_token", error_description="The access token is ${why}"`;
  const scope = `, error="insufficient_scope", scope="${permission}"`;
  const error = { MISSING: '', FORBIDDEN: scope }[status] ?? invalid, found = {};
  if ((httpStatus === 401 || status === 'FORBIDDEN') && !/[^\x20-\x7e]/.test(realm)) {
    found['WWW-Authenticate'] = `Bearer realm="${realm.replace(/["\\]/g, '\\$&')}"${error}`;
  }
  if (verdict.retryAfter > 0) found['Retry-After'] = String(verdict.retryAfter);
  if (verdict.rateLimit > 0) {
    found.RateLimit = `"default";r=${verdict.rateRemaining};t=${verdict.rateReset}`;
    found['RateLimit-Policy'] = `"default";q=${verdict.rateLimit};w=60`;
  }
  return found;
};
