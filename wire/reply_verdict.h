/* SPDX-License-Identifier: ISC */
/*
 * reply_verdict.h - the answer to a verify.
 */
#ifndef KEYD_REPLY_VERDICT_H
#define KEYD_REPLY_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "lease.h"
#include "model.h"
#include "wire.h"

/* The verdict on the wire; the numbers of enum keyd_status, which see. */
enum verdict_code {
	VERDICT_OK = 0,
	VERDICT_UNKNOWN = 3,
	VERDICT_REVOKED = 4,
	VERDICT_EXPIRED = 5,
	VERDICT_WRONG_ORG = 6,
	VERDICT_FORBIDDEN = 7,
	VERDICT_RATE_LIMITED = 8
};

struct reply_verdict {
	uint8_t code;         /* enum verdict_code */
	uint32_t retry_after; /* s */
	uint32_t limit;       /* requests per minute; 0: no limit */
	uint32_t remaining;
	uint32_t reset; /* s */
	int64_t expires;
	char id[KEY_ID_SIZE]; /* "" when unknown, like the rest */
	char org[ORG_SIZE];
	char user[USER_SIZE];
	char name[NAME_SIZE];
	char project[PROJECT_SIZE];
	struct lease lease; /* all 0: none */
	int64_t created;    /* these two are of a key that is good, when they
			       were asked for; else 0 and "" */
	char permissions[PERMISSIONS_SIZE];
};

/* All but what is optional; and that, if there is any. */
void verdict_put(struct wire_writer *w, const struct reply_verdict *a);
void verdict_get(struct wire_reader *r, struct reply_verdict *a);
void verdict_put_optional(struct wire_writer *w, const struct reply_verdict *a);

/* False when the value of the optional field is not exactly one; any other tag
   than the verdict's own is passed over. */
bool verdict_get_optional(struct wire_reader *value, uint8_t tag,
    struct reply_verdict *a) __attribute__((warn_unused_result));

/* What a rate limit says of one use of a key.  All 0: there is no limit. */
struct allowance {
	uint32_t retry_after; /* s, at least 1, when it was refused; else 0 */
	uint32_t limit;       /* requests per minute */
	uint32_t remaining;   /* that may follow at once */
	uint32_t reset;       /* s until the whole burst is back */
	uint32_t more;        /* uses taken for a lease, beside this one */
	int64_t wait_ns;      /* retry_after, exactly */
};

/* Puts the verdict on a key, whose texts it takes from there; NULL: unknown.
   allowance: NULL for all 0; lease: NULL for none; details: of a good key.  The
   answer that must be quick: nothing is copied twice. */
void reply_encode_verdict(struct wire_writer *w, enum verdict_code code,
    const struct key_brief *key, const struct allowance *allowance,
    const struct lease *lease, bool details, uint32_t id);

#endif /* KEYD_REPLY_VERDICT_H */
