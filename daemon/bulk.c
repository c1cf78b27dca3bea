/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <stdlib.h>

#include "bulk.h"
#include "keys.h"
#include "witness.h"

/* Keys gathered before they are revoked: a walk bears no writing. */
#define BATCH 128

struct tally {
	const struct op_call *call;
	const struct selection *selection;
	enum store_status rc;
	uint32_t count;
	struct record *batch; /* room for BATCH; NULL to count only */
};

static bool
take_one(void *arg, const struct record *rec)
{
	struct tally *tally = arg;
	bool chosen;

	if (tally->batch != NULL && tally->count == BATCH)
		return false;
	tally->rc = select_key(tally->call, tally->selection, rec, &chosen);
	if (tally->rc != STORE_OK)
		return false;
	if (chosen && tally->batch != NULL)
		tally->batch[tally->count] = *rec;
	tally->count += chosen;
	return true;
}

static enum store_status
walk(struct tally *tally, struct keys_place *place)
{
	const struct selection *s = tally->selection;
	struct keys_place from = *place;
	enum store_status rc;

	rc = keys_walk(tally->call->txn, s->org, s->user, &from, UINT_MAX,
	    take_one, tally, place);
	return rc == STORE_OK ? tally->rc : rc;
}

enum store_status
bulk_count(const struct op_call *c, const struct selection *s, uint32_t *count)
{
	struct tally tally = { .call = c, .selection = s };
	struct keys_place place = { .len = 0 };
	enum store_status rc = walk(&tally, &place);

	*count = tally.count;
	return rc;
}

static enum store_status
revoke_batch(const struct tally *tally, const char *reason)
{
	const struct op_call *c = tally->call;
	enum store_status rc = STORE_OK;

	for (uint32_t i = 0; rc == STORE_OK && i < tally->count; i++) {
		rc = keys_revoke(c->txn, &tally->batch[i], c->now, c->peer->uid,
		    reason);
		if (rc == STORE_OK)
			rc = witness_key(c, &tally->batch[i].key, true);
	}
	return rc;
}

static enum store_status
revoke_all(const struct op_call *c, const struct selection *s,
    const char *reason, struct record *batch, uint32_t *revoked)
{
	struct keys_place place = { .len = 0 };
	enum store_status rc;

	*revoked = 0;
	do {
		struct tally tally = { .call = c,
			.selection = s,
			.batch = batch };

		rc = walk(&tally, &place);
		if (rc == STORE_OK)
			rc = revoke_batch(&tally, reason);
		*revoked += tally.count;
	} while (rc == STORE_OK && place.len > 0);
	return rc;
}

enum store_status
bulk_revoke(const struct op_call *c, const struct selection *s,
    const char *reason, uint32_t *revoked)
{
	struct record *batch = calloc(BATCH, sizeof(*batch));
	enum store_status rc = STORE_FAILED;

	if (batch != NULL)
		rc = revoke_all(c, s, reason, batch, revoked);
	free(batch);
	return rc == STORE_OK ? keys_count_revoked(c->txn, *revoked) : rc;
}
