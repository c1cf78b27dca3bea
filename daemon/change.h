/* SPDX-License-Identifier: ISC */
/*
 * change.h - one change of state, from the loop to the writer and back.
 *
 * It holds all that the change depends on, so that it can be applied later, on
 * another thread, or again: the request, who asked, the time and the policy of
 * that moment.
 */
#ifndef KEYD_CHANGE_H
#define KEYD_CHANGE_H

#include <sys/queue.h>

#include <stdbool.h>

#include "op.h"

struct change {
	STAILQ_ENTRY(change) entries;
	op_run *run;
	struct request req; /* its spans lie in bytes; type 0: keyd's own */
	uint8_t *bytes;
	size_t bytes_len; /* of keyd's own */
	bool urgent;      /* the same: may use the last room */
	bool done;        /* carried out, and on disk when it is given back */
	bool wrote;      /* something to commit: an entry of the log at least */
	uint32_t id;     /* of the request */
	uint64_t client; /* number of its connection */
	struct incoming *incoming; /* borrowed; what a restore fills */
	struct peer peer;
	struct policy *policy; /* a reference */
	int64_t now;
	void *owner; /* whom the answer is for: the loop's affair; NULL: keyd */
	uint8_t *answer;
	size_t answer_len;
	size_t answer_cap;
};

STAILQ_HEAD(changes, change);

/*
 * Takes over what it needs of a request that is about to be answered later.
 * NULL without memory.
 */
struct change *change_new(const struct request *req, uint32_t id, op_run *run,
    const struct peer *peer, struct policy *policy, int64_t now);
/* One that nobody asked for: run finds a copy of the bytes in its call's noted.
   NULL without memory. */
struct change *change_of_keyd(op_run *run, struct span bytes,
    struct policy *policy, bool urgent);
void change_free(struct change *ch); /* NULL is fine; wiped */

/* Carries it out in a transaction, with its entry in the audit log, and leaves
   its answer in it.  disk_full: only if it is urgent. */
enum op_result change_apply(struct change *ch, struct store_txn *t,
    bool disk_full);

/* Does it take rights away, or make room?  Then it may use the last room that
   there is. */
bool change_is_urgent(const struct change *ch);

/* Does it go by when keys were used last?  Then all uses go before it. */
bool change_reads_uses(const struct change *ch);

/* Puts an error in place of whatever answer it has. */
void change_fail(struct change *ch, enum error_code code);

#endif /* KEYD_CHANGE_H */
