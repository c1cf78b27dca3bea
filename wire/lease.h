/* SPDX-License-Identifier: ISC */
/*
 * lease.h - the right to give a verdict again without asking keyd.
 *
 * It is for so many calls, which are taken from the key's rate already, and for
 * so long, counted by the client from before it sent the request.  A refusal
 * that takes nothing (of another org, of a permission, of a key that was used
 * too often) has one of no calls: it may be given again until the time is over.
 */
#ifndef KEYD_LEASE_H
#define KEYD_LEASE_H

#include "bulletin.h"
#include "wire.h"

/* Of a client that asks for no end of them, on a key without a rate limit. */
#define LEASE_USES_MAX UINT32_C(0x3fffffff)
#define LEASE_US_MAX UINT32_C(1000000)    /* of one that has calls */
#define LEASE_WAIT_MAX UINT32_C(60000000) /* us; of one that has none */
#define LEASE_REPORTS_MAX 16              /* in one request */

struct lease {
	uint64_t id;   /* to report by what was used; 0 when there are none */
	uint32_t uses; /* calls after this one */
	uint32_t us;   /* that it lasts; 0: there is no lease */
	struct stamp stamp;
};

/* How many calls of an earlier lease were used. */
struct lease_report {
	uint64_t id;
	uint32_t used;
};

/* What a client that has the page says in a verify. */
struct lease_wish {
	bool wanted;   /* by the request at all */
	uint32_t uses; /* that it could do with */
	uint8_t count; /* of the reports */
	struct lease_report reports[LEASE_REPORTS_MAX];
};

void lease_put(struct wire_writer *w, const struct lease *l);
void lease_get(struct wire_reader *r, struct lease *l);
void lease_wish_put(struct wire_writer *w, const struct lease_wish *wish);
void lease_wish_get(struct wire_reader *r, struct lease_wish *wish);

#endif /* KEYD_LEASE_H */
