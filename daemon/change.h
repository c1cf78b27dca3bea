/* SPDX-License-Identifier: ISC */
/*
 * change.h - one change of state, from the loop to the writer and back.
 *
 * It holds all that the change depends on, so that it can be applied later, on
 * another thread, or again: the request, who asked, the time, the policy of
 * that moment and the id for a new key.
 */
#ifndef KEYD_CHANGE_H
#define KEYD_CHANGE_H

#include <sys/queue.h>

#include "op.h"

struct change {
	STAILQ_ENTRY(change) entries;
	op_run *run;
	struct request req; /* its spans lie in bytes */
	uint8_t *bytes;
	uint32_t id; /* of the request */
	struct peer peer;
	struct policy *policy; /* a reference */
	int64_t now;
	char new_id[KEY_ID_SIZE];
	void *owner; /* whom the answer is for: the loop's affair */
	uint8_t *answer;
	size_t answer_len;
	size_t answer_cap;
};

STAILQ_HEAD(changes, change);

/*
 * Takes over what it needs of a request that is about to be answered later.
 * NULL without memory or randomness.
 */
struct change *change_new(const struct request *req, uint32_t id, op_run *run,
    const struct peer *peer, struct policy *policy, int64_t now);
void change_free(struct change *ch); /* NULL is fine; wiped */

/* Carries it out in a transaction, and leaves its answer in it.  disk_full:
   only if it is urgent. */
enum op_result change_apply(struct change *ch, struct store_txn *t,
    bool disk_full);

/* Does it take rights away?  Then it may use the last room that there is. */
bool change_is_urgent(const struct change *ch);

/* Puts an error in place of whatever answer it has. */
void change_fail(struct change *ch, enum error_code code);

#endif /* KEYD_CHANGE_H */
