# SPDX-License-Identifier: ISC
"""Ask the keyd(8) of this host whether a token is good: keyd_verify(3).

    import keyd

    authority = keyd.Keyd()
    verdict = authority.verify_bearer(authorization, 'tests:run')
    if not verdict:
        return verdict.http_status, authority.headers(verdict)

libkeyd does the work, in this process: it checks the form of a token, sends
its SHA-256 and nothing else to a keyd that it trusts, never takes longer than
its deadline, and connects again when keyd was restarted.  A Keyd is for the
whole program: threads share it, without the interpreter's lock while they
wait, and it works on in the children of a fork.

What makes it safe: a verdict is true for KEYD_OK and for nothing else, and no
text that a stranger sends raises an exception.
"""

import ctypes
import dataclasses
import enum

from ctypes import (POINTER, byref, c_char, c_char_p, c_int, c_int64,
                    c_size_t, c_uint, c_uint32, c_void_p)

__all__ = ['Keyd', 'Status', 'Verdict']

CHALLENGE_SIZE = 512
RATELIMIT_SIZE = 64


class Status(enum.IntEnum):
    """Zero is the one good answer; positive: no; negative: no decision."""

    (OK, MISSING, MALFORMED, UNKNOWN, REVOKED, EXPIRED, WRONG_ORG, FORBIDDEN,
     RATE_LIMITED) = range(9)
    (EUNAVAILABLE, ETIMEOUT, EBUSY, EPERMISSION, EINVAL, EPROTOCOL, ESTORE,
     EDENIED, ENOTFOUND, EEXIST, EOUTCOME, ENOMEM) = range(-1, -13, -1)

    @classmethod
    def _missing_(cls, value):
        return cls.EPROTOCOL  # of a later libkeyd; not OK


class _Verdict(ctypes.Structure):
    """struct keyd_verdict; its first member says how much of it there is."""

    _fields_ = [
        ('size', c_size_t), ('status', c_int), ('http_status', c_int),
        ('retry_after', c_uint32), ('rate_limit', c_uint32),
        ('rate_remaining', c_uint32), ('rate_reset', c_uint32),
        ('expires', c_int64), ('key_id', c_char * 24), ('org', c_char * 64),
        ('user', c_char * 128), ('name', c_char * 128),
        ('project', c_char * 128)]


class _Options(ctypes.Structure):
    _fields_ = [
        ('size', c_size_t), ('runtime_dir', c_char_p), ('org', c_char_p),
        ('deadline_ms', c_uint), ('change_deadline_ms', c_uint)]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What keyd knows of a token; of an unknown one nothing."""

    status: Status
    http_status: int
    permission: str = None  # that was asked for
    retry_after: int = 0  # s, for 429 and 503
    rate_limit: int = 0  # requests per minute; 0 is no limit
    rate_remaining: int = 0
    rate_reset: int = 0  # s until the whole burst is back
    expires: int = 0  # Unix time in s; 0 is never
    key_id: str = ''
    org: str = ''
    user: str = ''
    name: str = ''
    project: str = ''

    def __bool__(self):
        return self.status is Status.OK


def _bytes(text):
    """Its bytes for C; raises ValueError for a NUL, where C would stop."""
    if text is None:
        return None
    data = text if isinstance(text, bytes) else text.encode(
        'utf-8', 'surrogatepass')
    if b'\0' in data:
        raise ValueError('a NUL in a text')
    return data


def _load(name):
    """The library, and how each of its functions is called."""
    lib = ctypes.CDLL(name)
    for function, result, *arguments in (
            ('open', c_int, POINTER(_Options), POINTER(c_void_p)),
            ('close', None, c_void_p),
            ('verify_with', c_int, c_void_p, c_char_p, c_char_p,
             POINTER(_Verdict)),
            ('verify_bearer_with', c_int, c_void_p, c_char_p, c_char_p,
             POINTER(_Verdict)),
            ('strerror', c_char_p, c_int),
            ('http_challenge', c_size_t, c_int, c_char_p, c_char_p, c_char_p,
             c_size_t),
            ('http_ratelimit', c_int, POINTER(_Verdict), c_char_p, c_size_t,
             c_char_p, c_size_t)):
        call = getattr(lib, 'keyd_' + function)
        call.restype, call.argtypes = result, arguments
    return lib


class Keyd:
    """A handle on keyd.  It connects when it is first used."""

    def __init__(self, runtime_dir=None, org=None, deadline=0.25,
                 library='libkeyd.so.0'):
        """deadline: in seconds.  org: that every key must be of.

        Raises OSError without the library, ValueError for a wrong option.
        """
        self._lib = _load(library)
        self._handle = c_void_p()
        options = _Options(ctypes.sizeof(_Options), _bytes(runtime_dir),
                           _bytes(org), max(1, round(deadline * 1000)))
        status = self._lib.keyd_open(byref(options), byref(self._handle))
        if status != Status.OK:
            raise ValueError('runtime_dir or org: ' + self.strerror(status))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """No call may be under way; those that come later are EINVAL."""
        handle, self._handle = self._handle, c_void_p()
        self._lib.keyd_close(handle)

    def verify(self, token, permission=None):
        """The Verdict on a bare token."""
        return self._ask(self._lib.keyd_verify_with, token, permission)

    def verify_bearer(self, authorization, permission=None):
        """The same for the value of the header Authorization, or None."""
        return self._ask(self._lib.keyd_verify_bearer_with, authorization,
                         permission)

    def _ask(self, call, text, permission):
        try:
            wanted = _bytes(permission)
        except ValueError:
            return Verdict(Status.EPERMISSION, 500)
        try:
            presented = _bytes(text)
        except ValueError:
            return Verdict(Status.MALFORMED, 401)
        raw = _Verdict(ctypes.sizeof(_Verdict))
        status = Status(call(self._handle, presented, wanted, byref(raw)))
        values = {name: getattr(raw, name) for name, _ in raw._fields_[2:]}
        return Verdict(status, permission=permission, **{
            name: value.decode('utf-8', 'replace')
            if isinstance(value, bytes) else value
            for name, value in values.items()})

    def headers(self, verdict, realm='api'):
        """The headers of the answer to a request with this verdict."""
        found = []
        text = ctypes.create_string_buffer(CHALLENGE_SIZE)
        if self._lib.keyd_http_challenge(
                verdict.status, _bytes(realm), _bytes(verdict.permission),
                text, CHALLENGE_SIZE):
            found.append(('WWW-Authenticate', text.value.decode()))
        if verdict.retry_after:
            found.append(('Retry-After', str(verdict.retry_after)))
        raw = _Verdict(
            ctypes.sizeof(_Verdict), rate_limit=verdict.rate_limit,
            rate_remaining=verdict.rate_remaining,
            rate_reset=verdict.rate_reset)
        limit, policy = (ctypes.create_string_buffer(RATELIMIT_SIZE)
                         for _ in range(2))
        if self._lib.keyd_http_ratelimit(byref(raw), limit, RATELIMIT_SIZE,
                                         policy, RATELIMIT_SIZE):
            found += [('RateLimit', limit.value.decode()),
                      ('RateLimit-Policy', policy.value.decode())]
        return found

    def strerror(self, status):
        """A sentence."""
        return self._lib.keyd_strerror(status).decode()
