// SPDX-License-Identifier: ISC
/** 'OK' is the one good answer; names that begin with E are no decision. */
export type Status =
  | 'OK' | 'MISSING' | 'MALFORMED' | 'UNKNOWN' | 'REVOKED' | 'EXPIRED'
  | 'WRONG_ORG' | 'FORBIDDEN' | 'RATE_LIMITED'
  | 'EUNAVAILABLE' | 'ETIMEOUT' | 'EBUSY' | 'EPERMISSION' | 'EINVAL'
  | 'EPROTOCOL' | 'ESTORE' | 'EDENIED';

/** Numbers that do not apply are 0 and texts ''.  None of it is secret. */
export interface Verdict {
  /** True for 'OK' alone. */
  readonly ok: boolean;
  readonly status: Status;
  readonly httpStatus: 200 | 400 | 401 | 403 | 429 | 500 | 503;
  /** For logs: why there is no decision. */
  readonly message: string;
  /** That was asked for. */
  readonly permission?: string | null;
  /** Seconds, for 429 and 503. */
  readonly retryAfter: number;
  /** Requests per minute; 0 is no limit. */
  readonly rateLimit: number;
  /** Requests that may follow at once. */
  readonly rateRemaining: number;
  /** Seconds until the whole burst is back. */
  readonly rateReset: number;
  /** Unix time in seconds; 0 is never. */
  readonly expires: number;
  readonly keyId: string;
  readonly org: string;
  readonly user: string;
  readonly name: string;
  readonly project: string;
}

export interface Options {
  /** Default: KEYD_RUNTIME_DIR, else /run/keyd. */
  runtimeDir?: string;
  /** Every key must be of this organization. */
  org?: string;
  /** Of a call, in milliseconds; default 250. */
  deadline?: number;
}

/** What verifyRequest needs of a request of node:http. */
export interface Request {
  readonly headers: { readonly authorization?: string };
  readonly headersDistinct?: { readonly authorization?: string[] };
}

/** One for the whole process.  Its promises are never rejected. */
export class Keyd {
  /** Throws RangeError for a wrong option. */
  constructor(options?: Options);
  /** permission: none for any valid key. */
  verify(token: string | null | undefined, permission?: string | null): Promise<Verdict>;
  /** authorization: the value of that header. */
  verifyBearer(authorization: string | null | undefined, permission?: string | null): Promise<Verdict>;
  /** The same, and 400 for a request with two such headers. */
  verifyRequest(request: Request, permission?: string | null): Promise<Verdict>;
  close(): void;
}

/** The headers of the answer to a request with this verdict. */
export function headers(verdict: Verdict, realm?: string): Record<string, string>;
