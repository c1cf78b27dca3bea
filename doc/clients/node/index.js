// SPDX-License-Identifier: ISC
// Asks the keyd(8) of this host whether a token is good.  What makes it safe:
// whatever is not a verdict of keyd's becomes one that is not ok, nothing is
// thrown, and a question that keyd may have counted is not asked again.
'use strict';

const { createHash } = require('crypto');
const fs = require('fs');
const path = require('path');
const { Line, Failure, VERIFY } = require('./protocol.js');

const SUN_PATH_MAX = 107; // bytes
const FRESH = 1000; // ms that a format is believed before a token is refused by it
const HTTP = {
  OK: 200, MISSING: 401, MALFORMED: 401, UNKNOWN: 401, REVOKED: 401, EXPIRED: 401,
  WRONG_ORG: 403, FORBIDDEN: 403, RATE_LIMITED: 429, EUNAVAILABLE: 503, ETIMEOUT: 503,
  EBUSY: 503, EPERMISSION: 500, EINVAL: 500, EPROTOCOL: 500, ESTORE: 500, EDENIED: 500,
};
const INVALID = (why) => `, error="invalid_token", error_description="The access token is ${why}"`;
const CHALLENGES = {
  MISSING: '', MALFORMED: INVALID('malformed'), UNKNOWN: INVALID('unknown, expired or revoked'),
  REVOKED: INVALID('unknown, expired or revoked'), EXPIRED: INVALID('unknown, expired or revoked'),
  FORBIDDEN: ', error="insufficient_scope"',
};
const PERMISSION = /^[a-z0-9:._-]{1,63}$/;

function checksum(text) { // CRC-32, in base 36
  let crc = ~0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (~crc >>> 0).toString(36).padStart(7, '0');
}

const fits = (format, token) => format.foreign
  || (format.form.test(token) && checksum(token.slice(0, -7)) === token.slice(-7));

// In place of SO_PEERCRED, which Node.js does not give: who can put a socket in
// this folder is root, this user, or whom root gave the folder.
function trust(dir) {
  const [s, up] = [fs.lstatSync(dir), fs.statSync(path.dirname(dir))];
  const closed = (d) => d.isDirectory() && (d.mode & 0o022) === 0;
  const own = s.uid === 0 || s.uid === process.geteuid();
  if (closed(s) && (own || (up.uid === 0 && closed(up)))) return;
  throw new Failure('EUNAVAILABLE', `${dir} is open to others, who could pose as keyd`);
}

const MALFORMED = new Failure('MALFORMED', 'no token of this keyd');
const text = (s) => Buffer.concat([Buffer.from([s.length >> 8, s.length]), Buffer.from(s)]);

function verdictOf({ status, message = '', retryAfter = 0, ...known }, permission) {
  const httpStatus = HTTP[status] ?? 500, wait = httpStatus === 429 || httpStatus === 503;
  return Object.freeze({
    ok: status === 'OK', status, httpStatus, message, permission,
    retryAfter: wait ? Math.max(1, retryAfter) : 0, rateLimit: 0, rateRemaining: 0,
    rateReset: 0, expires: 0, keyId: '', org: '', user: '', name: '', project: '', ...known,
  });
}

class Keyd {
  constructor({ runtimeDir, org = '', deadline = 250 } = {}) {
    this.dir = path.resolve(runtimeDir || process.env.KEYD_RUNTIME_DIR || '/run/keyd');
    this.file = path.join(this.dir, 'verify.sock');
    if (Buffer.byteLength(this.file) > SUN_PATH_MAX) throw new RangeError('runtimeDir: too long');
    if (!/^([a-z0-9][a-z0-9-]{0,62})?$/.test(org)) throw new RangeError('org: no slug');
    if (!(deadline >= 1 && deadline < 2 ** 31)) throw new RangeError('deadline: no such ms');
    Object.assign(this, { org, deadline, line: null, format: null, heard: 0 });
  }

  open() {
    if (this.line && !this.line.failed) return this.line;
    if (this.closed) throw new Failure('EINVAL', 'this client is closed');
    trust(this.dir);
    this.line = new Line(this.file);
    this.line.welcome.then((format) => { this.format = format; }, () => {});
    this.heard = performance.now();
    return this.line;
  }

  async greet() {
    return this.open().welcome;
  }

  retire(line) { // no new questions; those that wait may wait until their end
    if (this.line === line) this.line = null;
    const end = () => line?.fail(new Failure('ETIMEOUT', 'keyd did not answer'));
    setTimeout(end, this.deadline).unref();
  }

  async decide(call, token, permission) {
    if (token === undefined || token === null) throw new Failure('MISSING', 'no token');
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(token)) throw MALFORMED;
    if (typeof permission !== 'string' ? permission != null : !PERMISSION.test(permission)) {
      throw new Failure('EPERMISSION', 'no role can have that permission');
    }
    if (this.format && !fits(this.format, token)) { // but its format may be another now
      if (performance.now() - this.heard < FRESH) throw MALFORMED;
      this.retire(this.line);
      await this.greet().catch(() => {});
      if (!fits(this.format, token)) throw MALFORMED;
    }
    const question = Buffer.concat([
      createHash('sha256').update(token).digest(), text(permission ?? ''), text(this.org)]);
    for (let first = true; ; first = false) {
      try {
        call.line = this.open();
        if (!fits(await call.line.welcome, token)) throw MALFORMED;
        if (call.over) return null; // nobody waits for it: it must not be counted
        return await call.line.ask(VERIFY, question);
      } catch (e) {
        if (!e.again || !first) throw e;
      }
    }
  }

  async verify(token, permission) {
    const call = { over: false };
    const late = new Promise((resolve) => { // at the end, look first at what has arrived
      call.timer = setTimeout(() => setImmediate(() => {
        if (!call.over) this.retire(call.line);
        resolve({ status: 'ETIMEOUT', message: 'keyd did not answer in time' });
      }), this.deadline);
    });
    const asked = this.decide(call, token, permission)
      .catch(
      ({ status = 'EUNAVAILABLE', message, retryAfter }) => ({ status, message, retryAfter }));
    const found = await Promise.race([asked, late]);
    call.over = true;
    clearTimeout(call.timer);
    return verdictOf(found, permission);
  }

  async verifyBearer(authorization, permission) {
    const [, given] = /^[ \t]*bearer +([^]*)$/i.exec(authorization ?? '') ?? [];
    const token = /^[^ \t,]*/.exec(given ?? '')[0], rest = (given ?? '').slice(token.length);
    if (/[^ \t]/.test(rest)) return verdictOf(MALFORMED, permission);
    return this.verify(token === '' ? undefined : token, permission);
  }

  async verifyRequest(request, permission) { // two such headers are a bad request
    const given = request.headersDistinct?.authorization ?? [request.headers.authorization];
    if (given.length === 1) return this.verifyBearer(given[0], permission);
    return Object.freeze({ ...verdictOf(MALFORMED, permission), httpStatus: 400 });
  }

  close() {
    this.closed = true;
    this.line?.fail(new Failure('EINVAL', 'this client is closed'));
  }
}

// The headers of the answer to a request with this verdict.
function headers(verdict, realm = 'api') {
  const { status, permission, retryAfter, rateLimit, rateRemaining, rateReset } = verdict;
  const found = {};
  if (verdict.httpStatus !== 400 && status in CHALLENGES && !/[^\x20-\x7e]/.test(realm)) {
    const scope = status === 'FORBIDDEN' ? `, scope="${permission}"` : '';
    const quoted = realm.replace(/["\\]/g, '\\$&');
    found['WWW-Authenticate'] = `Bearer realm="${quoted}"${CHALLENGES[status]}${scope}`;
  }
  if (retryAfter > 0) found['Retry-After'] = String(retryAfter);
  if (rateLimit > 0) {
    found.RateLimit = `"default";r=${rateRemaining};t=${rateReset}`;
    found['RateLimit-Policy'] = `"default";q=${rateLimit};w=60`;
  }
  return found;
}

module.exports = { Keyd, headers };
