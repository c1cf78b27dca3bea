/* SPDX-License-Identifier: ISC */
#include "census.h"
#include "clock.h"

#define LOOK_AT 1024    /* keys */
#define LOOK_NS 2000000 /* ns, looked at every few keys */
#define LOOK_EVERY 32   /* keys */

struct look {
	struct census *census;
	int64_t now;
	int64_t until; /* ns of clock_mono_ns */
	unsigned looked;
};

/* A revoked key is counted as that, whether or not it is past its end. */
static bool
look_at(void *arg, const struct record *rec)
{
	struct look *l = arg;

	if (++l->looked % LOOK_EVERY == 0 && clock_mono_ns() > l->until)
		return false;
	if (rec->key.revoked == 0 && !key_is_live(&rec->key, l->now))
		l->census->so_far++;
	return true;
}

enum store_status
census_go_on(struct census *c, struct store_txn *t, int64_t now)
{
	struct look l = { .census = c,
		.now = now,
		.until = clock_mono_ns() + LOOK_NS };
	struct keys_place next;
	enum store_status rc =
	    keys_walk(t, "", "", &c->place, LOOK_AT, look_at, &l, &next);

	if (rc != STORE_OK) {
		*c = (struct census){ .known = false };
		return rc;
	}
	c->place = next;
	if (next.len > 0)
		return STORE_OK;
	c->known = true;
	c->expired = c->so_far;
	c->so_far = 0;
	return STORE_OK;
}
