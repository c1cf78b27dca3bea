/* SPDX-License-Identifier: ISC */
#include <limits.h>

#include "owned.h"

/* Keys gathered before they are revoked: a walk bears no writing. */
#define BATCH 16

struct batch {
	struct record records[BATCH];
	unsigned count;
	int64_t now;
};

struct tally {
	uint32_t live;
	int64_t now;
};

static bool
count_one(void *arg, const struct record *rec)
{
	struct tally *tally = arg;

	tally->live += key_is_live(&rec->key, tally->now);
	return true;
}

enum store_status
owned_count(struct store_txn *t, const char *org, const char *user, int64_t now,
    uint32_t *live)
{
	struct keys_place from = { .len = 0 }, next;
	struct tally tally = { .now = now };
	enum store_status rc;

	rc = keys_walk(t, org, user, &from, UINT_MAX, count_one, &tally, &next);
	*live = tally.live;
	return rc;
}

static bool
gather_one(void *arg, const struct record *rec)
{
	struct batch *b = arg;

	if (!key_is_live(&rec->key, b->now))
		return true;
	if (b->count == BATCH)
		return false;
	b->records[b->count++] = *rec;
	return true;
}

enum store_status
owned_revoke(struct store_txn *t, const char *org, const char *user,
    int64_t now, uint32_t uid, const char *reason, uint32_t *revoked)
{
	struct keys_place from = { .len = 0 }, next;
	enum store_status rc;

	*revoked = 0;
	do {
		struct batch b = { .count = 0, .now = now };

		rc = keys_walk(t, org, user, &from, UINT_MAX, gather_one, &b,
		    &next);
		for (unsigned i = 0; rc == STORE_OK && i < b.count; i++)
			rc = keys_revoke(t, &b.records[i], now, uid, reason);
		*revoked += b.count;
		from = next;
	} while (rc == STORE_OK && next.len > 0);
	return rc;
}
