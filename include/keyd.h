/* SPDX-License-Identifier: ISC */
/*
 * keyd.h - ask the keyd(8) of this host whether a token is good.
 *
 * Every function here is thread-safe and fork-safe, needs no set-up, keeps
 * errno, prints nothing and never blocks past its deadline.  See
 * keyd_verify(3).
 */
#ifndef KEYD_H
#define KEYD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes of text arrays, in bytes, the terminating NUL included. */
#define KEYD_ID_SIZE 24            /* "key_" and 16 of [0-9a-z] */
#define KEYD_ORG_SIZE 64           /* slug of an organization */
#define KEYD_USER_SIZE 128         /* user of a member */
#define KEYD_NAME_SIZE 128         /* name of a key, UTF-8 */
#define KEYD_PROJECT_SIZE 128      /* project label of a key, UTF-8 */
#define KEYD_ROLE_SIZE 32          /* name of a role */
#define KEYD_CONTEXT_SIZE 32       /* name of a context */
#define KEYD_PERMISSION_SIZE 64    /* one permission, such as tests:run */
#define KEYD_PERMISSIONS_SIZE 1024 /* a list of them, spaces between */
#define KEYD_TOKEN_SIZE 72         /* any token that keyd_create makes */
#define KEYD_CHALLENGE_SIZE 512    /* any text of keyd_http_challenge */
#define KEYD_RATELIMIT_SIZE 64     /* any text of keyd_http_ratelimit */
#define KEYD_REASON_SIZE 256       /* reason of a revocation, UTF-8 */
#define KEYD_MESSAGE_SIZE 256      /* a sentence for people */
#define KEYD_COUNT_SIZE 32         /* name of a count */

/*
 * Zero is the one good answer.  Positive: keyd decided no.  Negative: there is
 * no decision.  Callers who only compare with KEYD_OK fail closed.
 */
enum keyd_status {
	KEYD_OK = 0,

	KEYD_MISSING = 1,      /* no token was presented as Bearer */
	KEYD_MALFORMED = 2,    /* not a token: length, alphabet or checksum */
	KEYD_UNKNOWN = 3,      /* a token that was never issued here */
	KEYD_REVOKED = 4,      /* revoked, for good */
	KEYD_EXPIRED = 5,      /* past its end */
	KEYD_WRONG_ORG = 6,    /* of another organization than asked for */
	KEYD_FORBIDDEN = 7,    /* good, but not for this permission */
	KEYD_RATE_LIMITED = 8, /* good, but used too often; try later */

	KEYD_EUNAVAILABLE = -1, /* keyd is not running, or not to be trusted;
				   or there is no descriptor left to ask by */
	KEYD_ETIMEOUT = -2,     /* no answer before the deadline */
	KEYD_EBUSY = -3,        /* keyd has too much to do; try later */
	KEYD_EPERMISSION = -4,  /* no role has the permission asked for */
	KEYD_EINVAL = -5,       /* an argument is wrong */
	KEYD_EPROTOCOL = -6,    /* an answer that is not the protocol */
	KEYD_ESTORE = -7,       /* keyd cannot read or write its database */
	KEYD_EDENIED = -8,      /* this process may not ask for that */
	KEYD_ENOTFOUND = -9,    /* no such org, member or key */
	KEYD_EEXIST = -10,      /* the name is taken */
	KEYD_EOUTCOME = -11,    /* not known whether it was done; ask again */
	KEYD_ENOMEM = -12       /* out of memory */
};

/*
 * What keyd knows of a token.  Set size (KEYD_VERDICT_INIT does); the rest is
 * written by each call, whatever its outcome: numbers that do not apply are 0
 * and texts "".  The key's own fields are set for KEYD_OK and for the
 * refusals of a known key; they are for logs and decisions of the server, and
 * none of them is secret.
 */
struct keyd_verdict {
	size_t size; /* sizeof(struct keyd_verdict), by the caller */
	enum keyd_status status; /* as returned */
	int http_status;         /* keyd_http_status(status) */
	uint32_t retry_after;    /* s, for 429 and 503; else 0 */
	uint32_t rate_limit;     /* requests per minute; 0 is no limit */
	uint32_t rate_remaining; /* requests that may follow at once */
	uint32_t rate_reset;     /* s until the whole burst is back */
	int64_t expires;         /* Unix time in s; 0 is never */
	char key_id[KEYD_ID_SIZE];
	char org[KEYD_ORG_SIZE];
	char user[KEYD_USER_SIZE];
	char name[KEYD_NAME_SIZE];
	char project[KEYD_PROJECT_SIZE];
};

#ifdef __cplusplus
#define KEYD_VERDICT_INIT                                                      \
	{                                                                      \
		sizeof(struct keyd_verdict)                                    \
	}
#else
#define KEYD_VERDICT_INIT                                                      \
	{                                                                      \
		.size = sizeof(struct keyd_verdict)                            \
	}
#endif

/*
 * The one call.  token: the bare token.  permission: what it must allow, or
 * NULL for any valid key.  verdict: may be NULL.  Blocks for 250 ms at most.
 */
enum keyd_status keyd_verify(const char *token, const char *permission,
    struct keyd_verdict *verdict);

/*
 * The same from the value of an HTTP Authorization header (RFC 6750, section
 * 2.1; the scheme's name in any case, RFC 9110, section 11.1).  NULL, another
 * scheme or no token is KEYD_MISSING.  A request with two such headers is the
 * caller's to refuse, with 400.
 */
enum keyd_status keyd_verify_bearer(const char *authorization,
    const char *permission, struct keyd_verdict *verdict);

/*
 * A handle, for servers that want other settings than the defaults of the two
 * calls above, or that manage keys.  It connects when it is first used and
 * keeps its connections.  Any number of threads may share it.
 */
struct keyd;

struct keyd_options {
	size_t size; /* sizeof(struct keyd_options), by the caller */
	const char *runtime_dir; /* NULL: $KEYD_RUNTIME_DIR, else the default */
	const char *org;         /* every key must be of this org; NULL: any */
	unsigned deadline_ms;    /* of a verify; 0: 250 */
	unsigned change_deadline_ms; /* of a create or revoke; 0: 5000 */
	unsigned cache_size; /* verdicts to keep; 0: 4096; KEYD_CACHE_NONE */
};

/* A cache_size: each verify asks keyd. */
#define KEYD_CACHE_NONE ((unsigned)-1)

#ifdef __cplusplus
#define KEYD_OPTIONS_INIT                                                      \
	{                                                                      \
		sizeof(struct keyd_options)                                    \
	}
#else
#define KEYD_OPTIONS_INIT                                                      \
	{                                                                      \
		.size = sizeof(struct keyd_options)                            \
	}
#endif

/*
 * options: NULL for the defaults; its texts are copied.  On failure *handle is
 * NULL: KEYD_EINVAL for a wrong option (an org that is no slug, a path too
 * long for a socket: over 107 bytes with the socket's name), KEYD_ENOMEM.
 */
enum keyd_status keyd_open(const struct keyd_options *options,
    struct keyd **handle);
void keyd_close(
    struct keyd *handle); /* NULL is fine; no call may be under way */

enum keyd_status keyd_verify_with(struct keyd *handle, const char *token,
    const char *permission, struct keyd_verdict *verdict);
enum keyd_status keyd_verify_bearer_with(struct keyd *handle,
    const char *authorization, const char *permission,
    struct keyd_verdict *verdict);

/* More of a key than a verdict says; Unix time in s, 0 and "" when it is not
   known, as it is unless the key was accepted. */
struct keyd_details {
	size_t size; /* sizeof(struct keyd_details), by the caller */
	int64_t created;
	char permissions[KEYD_PERMISSIONS_SIZE]; /* spaces between */
};

#ifdef __cplusplus
#define KEYD_DETAILS_INIT                                                      \
	{                                                                      \
		sizeof(struct keyd_details)                                    \
	}
#else
#define KEYD_DETAILS_INIT                                                      \
	{                                                                      \
		.size = sizeof(struct keyd_details)                            \
	}
#endif

/* The same as keyd_verify_with, and the details, for token introspection.  It
   asks keyd each time. */
enum keyd_status keyd_verify_details(struct keyd *handle, const char *token,
    const char *permission, struct keyd_verdict *verdict,
    struct keyd_details *details);

/*
 * The same for event loops: nothing here waits.  A question is submitted with
 * a function that is called once with the verdict, which lives until it
 * returns.  The host polls one descriptor, and calls keyd_async_process when
 * that is readable or the time is up.
 *
 * The function is called by keyd_async_verify, before it returns, when the
 * answer is known at once (from memory, or since the text is no token); else
 * by keyd_async_process.  It may call anything here, closing included: what it
 * submits is answered after it has returned, so calls do not nest.
 *
 * One thread at a time uses it.  It belongs to the process that opened it: a
 * child opens its own, and may only close the one that it was born with.
 */
struct keyd_async;

typedef void keyd_done(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict);

/* On failure *async is NULL.  The handle, whose settings and verdicts it
   shares, must be closed after it. */
enum keyd_status keyd_async_open(struct keyd *handle,
    struct keyd_async **async);
/* What is under way is cancelled.  NULL is fine. */
void keyd_async_close(struct keyd_async *async);

/* To be polled for reading; the same until it is closed, whatever becomes of
   keyd.  The host must not read, change or close it. */
int keyd_async_fd(const struct keyd_async *async);
/* ms after which keyd_async_process must be called, though there is nothing to
   read; -1: never.  It changes with each call of the functions here. */
int keyd_async_timeout(const struct keyd_async *async);
void keyd_async_process(struct keyd_async *async);

/*
 * token, permission: as for keyd_verify.  KEYD_OK: done is called once, by now
 * or later, unless the question is cancelled.  Else it is not called:
 * KEYD_EINVAL, KEYD_ENOMEM, KEYD_EBUSY with 16384 questions under way.
 * *ticket, which may be NULL, is for keyd_async_cancel and is written before
 * done is called; 0 when there is nothing left to cancel.
 */
enum keyd_status keyd_async_verify(struct keyd_async *async, const char *token,
    const char *permission, keyd_done *done, void *arg, uint64_t *ticket);
enum keyd_status keyd_async_verify_bearer(struct keyd_async *async,
    const char *authorization, const char *permission, keyd_done *done,
    void *arg, uint64_t *ticket);

/* 1: done will not be called for it; 0: it was called already. */
int keyd_async_cancel(struct keyd_async *async, uint64_t ticket);

/* What to make a key of.  Texts are borrowed for the call; NULL is "". */
struct keyd_key_options {
	size_t size;      /* sizeof(struct keyd_key_options), by the caller */
	const char *org;  /* needed */
	const char *user; /* needed: a member of org, who may create keys */
	const char *name; /* needed: unique among the org's live keys */
	const char *role; /* a lesser role than the user's; "": the user's */
	const char *context; /* what for; "": development */
	const char *project; /* a label */
	int64_t expires;     /* Unix time in s; 0: never */
};

#ifdef __cplusplus
#define KEYD_KEY_OPTIONS_INIT                                                  \
	{                                                                      \
		sizeof(struct keyd_key_options)                                \
	}
#else
#define KEYD_KEY_OPTIONS_INIT                                                  \
	{                                                                      \
		.size = sizeof(struct keyd_key_options)                        \
	}
#endif

/* What was made of it. */
struct keyd_key {
	size_t size;     /* sizeof(struct keyd_key), by the caller */
	int64_t created; /* Unix time in s */
	int64_t expires; /* Unix time in s; 0 is never */
	char id[KEYD_ID_SIZE];
	char role[KEYD_ROLE_SIZE];
	char permissions[KEYD_PERMISSIONS_SIZE];
	char message[KEYD_MESSAGE_SIZE]; /* why not, when it failed */
};

#ifdef __cplusplus
#define KEYD_KEY_INIT                                                          \
	{                                                                      \
		sizeof(struct keyd_key)                                        \
	}
#else
#define KEYD_KEY_INIT                                                          \
	{                                                                      \
		.size = sizeof(struct keyd_key)                                \
	}
#endif

/*
 * Makes a key over the admin socket and writes its token to token, of which
 * token_size must be KEYD_TOKEN_SIZE or more.  The token exists nowhere else:
 * hand it to its owner and wipe it.  It is "" unless KEYD_OK is returned, and
 * then the key is on disk.  key: may be NULL.
 */
enum keyd_status keyd_create(struct keyd *handle,
    const struct keyd_key_options *options, char *token, size_t token_size,
    struct keyd_key *key);

/*
 * Revokes a key by its id over the admin socket, at once and for good: after
 * KEYD_OK no verify that starts later succeeds anywhere on this host.  To
 * revoke it again is KEYD_OK.  reason: text to keep with it, or NULL.
 */
enum keyd_status keyd_revoke(struct keyd *handle, const char *key_id,
    const char *reason);

/* The grace of a rotation that ends nothing. */
#define KEYD_UNTIL_REVOKED ((int64_t)-1)

/*
 * Makes a key with the owner, name, permissions, context and expiry of a live
 * one, and writes its token as keyd_create does.  Both keys work until the old
 * one is revoked, or its grace is over: s from now, never past its own end;
 * KEYD_UNTIL_REVOKED: it stays as it is.  KEYD_EINVAL also for a key that is
 * revoked or has expired, KEYD_EEXIST for one that was rotated already.
 */
enum keyd_status keyd_rotate(struct keyd *handle, const char *key_id,
    int64_t grace, char *token, size_t token_size, struct keyd_key *key);

/* Which keys.  Zero, and NULL or "", choose nothing; NULL in place of a filter
   is all live keys. */
struct keyd_filter {
	size_t size; /* sizeof(struct keyd_filter), by the caller */
	const char *org;
	const char *user;     /* of org, which it needs */
	int64_t unused_since; /* last used, or else made, before; Unix time */
	int all;              /* of a list: revoked and expired ones too */
	int due;     /* of a list: past their context's time for rotation */
	int drifted; /* of a list: they may more than their owner does now */
};

#ifdef __cplusplus
#define KEYD_FILTER_INIT                                                       \
	{                                                                      \
		sizeof(struct keyd_filter)                                     \
	}
#else
#define KEYD_FILTER_INIT                                                       \
	{                                                                      \
		.size = sizeof(struct keyd_filter)                             \
	}
#endif

/* All that is known of a key but its secret.  Times are Unix time in s; 0 is
   never. */
struct keyd_key_info {
	size_t size; /* of what is there */
	int64_t created;
	int64_t expires;
	int64_t revoked;
	int64_t first_used;
	int64_t last_used;
	uint64_t uses;
	uint64_t refused; /* verifies after its end */
	int64_t last_refused;
	int64_t due; /* for rotation */
	int drifted; /* it may more than its owner's role does now */
	uint32_t creator_uid;
	uint32_t revoker_uid;
	char id[KEYD_ID_SIZE];
	char org[KEYD_ORG_SIZE];
	char user[KEYD_USER_SIZE];
	char name[KEYD_NAME_SIZE];
	char role[KEYD_ROLE_SIZE];
	char context[KEYD_CONTEXT_SIZE];
	char project[KEYD_PROJECT_SIZE];
	char permissions[KEYD_PERMISSIONS_SIZE];
	char reason[KEYD_REASON_SIZE]; /* of its revocation */
	char rotated_from[KEYD_ID_SIZE];
	char rotated_to[KEYD_ID_SIZE];
};

#ifdef __cplusplus
#define KEYD_KEY_INFO_INIT                                                     \
	{                                                                      \
		sizeof(struct keyd_key_info)                                   \
	}
#else
#define KEYD_KEY_INFO_INIT                                                     \
	{                                                                      \
		.size = sizeof(struct keyd_key_info)                           \
	}
#endif

/* One key, which lives until the call returns.  Anything but 0 ends the
   list. */
typedef int keyd_each_key(void *arg, const struct keyd_key_info *key);

/*
 * Calls each for all keys that the filter leaves, in no order that means
 * anything; a key that is there all the while is given once.  It may call any
 * function of this library.
 */
enum keyd_status keyd_list(struct keyd *handle,
    const struct keyd_filter *filter, keyd_each_key *each, void *arg);

/* info: its size set by the caller, as by KEYD_KEY_INFO_INIT. */
enum keyd_status keyd_show(struct keyd *handle, const char *key_id,
    struct keyd_key_info *info);

/*
 * Revokes all live keys that the filter leaves, in one transaction and as
 * keyd_revoke does.  It must choose by org, user or unused_since.  revoked: may
 * be NULL; how many there were, without those of an attempt whose answer was
 * lost.
 */
enum keyd_status keyd_revoke_all(struct keyd *handle,
    const struct keyd_filter *filter, const char *reason, unsigned *revoked);

/*
 * Organizations.  plan: NULL for the default, or what it is.  rate, in requests
 * per minute of each key, and burst: both, or both 0 for the plan's.
 */
enum keyd_status keyd_org_add(struct keyd *handle, const char *org,
    const char *plan, uint32_t rate, uint32_t burst);
enum keyd_status keyd_org_set(struct keyd *handle, const char *org,
    const char *plan, uint32_t rate, uint32_t burst);

/*
 * Members.  A key keeps the permissions that it was made with: live, which may
 * be NULL, tells how many live keys of the member do.  revoke_keys: not 0
 * revokes them in the same transaction.  After KEYD_EOUTCOME look at
 * keyd_member_list.
 */
enum keyd_status keyd_member_add(struct keyd *handle, const char *org,
    const char *user, const char *role);
enum keyd_status keyd_member_set(struct keyd *handle, const char *org,
    const char *user, const char *role, int revoke_keys, unsigned *live);
enum keyd_status keyd_member_remove(struct keyd *handle, const char *org,
    const char *user, int revoke_keys, unsigned *live);

struct keyd_member {
	size_t size;     /* of what is there */
	int64_t created; /* Unix time in s */
	char user[KEYD_USER_SIZE];
	char role[KEYD_ROLE_SIZE];
};

/* As keyd_each_key. */
typedef int keyd_each_member(void *arg, const struct keyd_member *member);

enum keyd_status keyd_member_list(struct keyd *handle, const char *org,
    keyd_each_member *each, void *arg);

/* How much keyd has or does, by a name; keyd_counts(3) lists them. */
struct keyd_count {
	size_t size; /* of what is there */
	uint64_t number;
	int is_text; /* not 0: it has a text and no number */
	char name[KEYD_COUNT_SIZE];
	char text[KEYD_MESSAGE_SIZE];
};

/* As keyd_each_key. */
typedef int keyd_each_count(void *arg, const struct keyd_count *count);

/*
 * Calls each for all counts of keyd, over the verify socket.  KEYD_EDENIED
 * unless keyd.conf's setting metrics names this process's user.
 */
enum keyd_status keyd_counts(struct keyd *handle, keyd_each_count *each,
    void *arg);

/*
 * The values of RateLimit and RateLimit-Policy
 * (draft-ietf-httpapi-ratelimit-headers) for a verdict, each written with a
 * NUL; KEYD_RATELIMIT_SIZE fits any.  Returns 1; or 0, and both are "", when
 * the verdict tells of no limit or one does not fit.
 */
int keyd_http_ratelimit(const struct keyd_verdict *verdict, char *limit,
    size_t limit_size, char *policy, size_t policy_size);

/* 200, 401, 403, 429, 500 or 503; 500 for a number that is no status. */
int keyd_http_status(enum keyd_status status);

/*
 * The value of WWW-Authenticate for a status (RFC 6750, section 3), written to
 * text with a NUL.  realm: may be NULL for "api".  permission: as given to
 * verify, for the scope of KEYD_FORBIDDEN; may be NULL.  Returns its length; 0
 * and "" when the status takes no such header or the text does not fit in size
 * bytes (KEYD_CHALLENGE_SIZE fits any realm of 128 bytes).
 */
size_t keyd_http_challenge(enum keyd_status status, const char *realm,
    const char *permission, char *text, size_t size);

/* One lower-case sentence, never NULL, in static storage. */
const char *keyd_strerror(enum keyd_status status);

#ifdef __cplusplus
}
#endif

#endif /* KEYD_H */
