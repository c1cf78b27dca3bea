/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "log.h"
#include "snapshot.h"

/* What it may cost at the least, in bytes, when there is hardly any room. */
#define COST_LEAST (1UL << 20)

struct snapshot {
	struct store *store;
	struct store_txn *txn; /* NULL: there is none */
	const void *owner;     /* of this one, or of the last */
	const char *fate;      /* of the last, when it was given up; or NULL */
	struct backup backup;
	int64_t idle_by; /* ms of clock_mono_ms */
	int64_t end_by;
	uint64_t most; /* bytes that the database may come to have */
};

struct snapshot *
snapshot_new(struct store *st)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->store = st;
	return s;
}

void
snapshot_free(struct snapshot *s)
{
	if (s == NULL)
		return;
	store_snapshot_end(s->txn);
	free(s);
}

bool
snapshot_lives(const struct snapshot *s)
{
	return s->txn != NULL;
}

static void
end(struct snapshot *s, const char *fate)
{
	store_snapshot_end(s->txn);
	s->txn = NULL;
	s->fate = fate;
}

/* A quarter of the room that there is: the rest is for what keyd is for. */
static enum store_status
set_most(struct snapshot *s)
{
	struct store_size size;
	enum store_status rc = store_measure(s->txn, &size);
	uint64_t room = 0;

	if (rc != STORE_OK)
		return rc;
	if (size.used < size.limit)
		room = (size.limit - size.used) / 4;
	s->most = size.used + (room > COST_LEAST ? room : COST_LEAST);
	return STORE_OK;
}

enum store_status
snapshot_take(struct snapshot *s, const void *owner, int64_t now_ms)
{
	enum store_status rc = store_snapshot(s->store, &s->txn);

	if (rc != STORE_OK)
		return rc;
	if ((rc = set_most(s)) != STORE_OK) {
		end(s, NULL);
		return rc;
	}
	s->owner = owner;
	s->fate = NULL;
	s->idle_by = now_ms + SNAPSHOT_IDLE_MS;
	s->end_by = now_ms + SNAPSHOT_LIFE_MS;
	return STORE_OK;
}

struct store_txn *
snapshot_use(struct snapshot *s, const void *owner, int64_t now_ms,
    struct backup **b)
{
	*b = NULL;
	if (s->txn == NULL || s->owner != owner)
		return NULL;
	s->idle_by = now_ms + SNAPSHOT_IDLE_MS;
	*b = &s->backup;
	return s->txn;
}

const char *
snapshot_fate(const struct snapshot *s, const void *owner)
{
	return s->owner == owner && s->fate != NULL ? s->fate
						    : "it was not begun";
}

void
snapshot_leave(struct snapshot *s, const void *owner)
{
	if (s == NULL || s->owner != owner)
		return;
	end(s, NULL);
	s->owner = NULL;
}

static void
give_up(struct snapshot *s, const char *fate)
{
	end(s, fate);
	log_notice("a backup was given up: %s", fate);
}

static bool
costs_too_much(const struct snapshot *s)
{
	struct store_size size;

	return store_measure(s->txn, &size) != STORE_OK || size.used > s->most;
}

void
snapshot_watch(struct snapshot *s, int64_t now_ms)
{
	if (s->txn == NULL)
		return;
	if (now_ms >= s->idle_by)
		give_up(s, "its client was silent for 30 s");
	else if (now_ms >= s->end_by)
		give_up(s, "it was not done in 10 minutes");
}

int64_t
snapshot_due(const struct snapshot *s)
{
	if (s->txn == NULL)
		return INT64_MAX;
	return s->idle_by < s->end_by ? s->idle_by : s->end_by;
}

void
snapshot_weigh(struct snapshot *s, bool disk_full)
{
	if (s->txn == NULL)
		return;
	if (disk_full)
		give_up(s, "the disk is full");
	else if (costs_too_much(s))
		give_up(s,
		    "meanwhile the database grew by a quarter of the "
		    "room that map_size leaves it");
}
