/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "serials.h"
#include "usage.h"
#include "uses.h"

struct use {
	struct usage usage;
	bool whole;   /* with what was stored when the entry was made */
	bool waiting; /* has uses that no row was made of */
	uint32_t out; /* rows made of it that are not settled */
};

struct uses {
	struct serials *map;
	size_t waiting;
	bool overflowed;
	uint64_t *sorted; /* serials of the pass under way */
	size_t count;
	size_t next;
};

struct uses *
uses_new(void)
{
	struct uses *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->map = serials_new(sizeof(struct use));
	if (u->map != NULL)
		return u;
	free(u);
	return NULL;
}

void
uses_free(struct uses *u)
{
	if (u == NULL)
		return;
	serials_free(u->map);
	free(u->sorted);
	free(u);
}

static struct use *
add(struct uses *u, uint64_t serial)
{
	struct use *e = NULL;

	if (serials_count(u->map) < USES_MAX)
		e = serials_add(u->map, serial);
	if (e == NULL)
		u->overflowed = true;
	return e;
}

/* The entry, about to be changed; NULL: this use is forgotten. */
static struct usage *
touch(struct uses *u, uint64_t serial)
{
	struct use *e = serials_find(u->map, serial);

	if (e == NULL)
		e = add(u, serial);
	if (e == NULL)
		return NULL;
	u->waiting += !e->waiting;
	e->waiting = true;
	return &e->usage;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
uses_allowed(struct uses *u, uint64_t serial, uint32_t count, int64_t when)
{
	struct usage *usage = touch(u, serial);

	if (usage == NULL)
		return;
	if (usage->first == 0)
		usage->first = when;
	usage->last = later(usage->last, when);
	usage->count += count;
}

void
uses_refused(struct uses *u, uint64_t serial, int64_t now)
{
	struct usage *usage = touch(u, serial);

	if (usage == NULL)
		return;
	usage->refused_last = later(usage->refused_last, now);
	usage->refused++;
}

/* What was counted since goes on top of what was stored. */
static void
add_up(struct usage *stored, const struct usage *since)
{
	if (stored->first == 0)
		stored->first = since->first;
	stored->last = later(stored->last, since->last);
	stored->refused_last = later(stored->refused_last, since->refused_last);
	stored->count += since->count;
	stored->refused += since->refused;
}

enum store_status
uses_get(const struct uses *u, struct store_txn *t, uint64_t serial,
    struct usage *usage)
{
	const struct use *e = serials_find(u->map, serial);
	enum store_status rc;

	if (e != NULL && e->whole) {
		*usage = e->usage;
		return STORE_OK;
	}
	rc = usage_load(t, serial, usage);
	if (rc == STORE_OK && e != NULL)
		add_up(usage, &e->usage);
	return rc;
}

void
uses_fetch(const struct uses *u, uint64_t serial)
{
	serials_fetch(u->map, serial);
}

size_t
uses_waiting(const struct uses *u)
{
	return u->waiting;
}

bool
uses_overflowed(struct uses *u)
{
	bool overflowed = u->overflowed;

	u->overflowed = false;
	return overflowed;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* In the order of the store, so that neighbours share pages. */
bool
uses_begin(struct uses *u)
{
	size_t cursor = 0;
	uint64_t serial;
	const struct use *e;

	free(u->sorted);
	u->count = u->next = 0;
	u->sorted = calloc(u->waiting + 1, sizeof(*u->sorted));
	if (u->sorted == NULL)
		return false;
	while ((e = serials_next(u->map, &cursor, &serial)) != NULL)
		if (e->waiting)
			u->sorted[u->count++] = serial;
	qsort(u->sorted, u->count, sizeof(*u->sorted), compare);
	return true;
}

/* Once for an entry: later the store may hold rows of this very entry. */
static bool
complete(struct store_txn *t, uint64_t serial, struct use *e)
{
	struct usage stored;

	if (e->whole)
		return true;
	if (usage_load(t, serial, &stored) != STORE_OK)
		return false;
	add_up(&stored, &e->usage);
	e->usage = stored;
	e->whole = true;
	return true;
}

/* No row was made of it: it was not whole. */
static void
forget(struct uses *u, uint64_t serial)
{
	u->waiting--;
	serials_remove(u->map, serial);
}

/* It may have been taken by another pass, and even be gone, since begin. */
static bool
put_row(struct uses *u, struct store_txn *t, struct wire_writer *w,
    uint64_t serial)
{
	struct use *e = serials_find(u->map, serial);

	if (e == NULL || !e->waiting)
		return false;
	if (!complete(t, serial, e)) {
		forget(u, serial);
		return false;
	}
	wire_put_u64(w, serial);
	usage_put(w, &e->usage);
	e->waiting = false;
	e->out++;
	u->waiting--;
	return true;
}

size_t
uses_take(struct uses *u, struct store_txn *t, uint8_t *bytes, size_t cap)
{
	struct wire_writer w = wire_writer(bytes, cap);
	unsigned rows = 0;

	while (u->next < u->count && rows < USES_BATCH)
		rows += put_row(u, t, &w, u->sorted[u->next++]);
	return wire_length(&w);
}

static void
settle_one(struct uses *u, uint64_t serial, bool written)
{
	struct use *e = serials_find(u->map, serial);

	if (e == NULL)
		return;
	e->out--;
	if (!written && !e->waiting) {
		e->waiting = true;
		u->waiting++;
	}
	if (!e->waiting && e->out == 0)
		serials_remove(u->map, serial);
}

void
uses_settle(struct uses *u, struct span rows, bool written)
{
	struct wire_reader r = wire_reader(rows.ptr, rows.len);
	struct usage usage;

	while (!wire_done(&r) && !r.bad) {
		uint64_t serial = wire_get_u64(&r);

		usage_get(&r, &usage);
		settle_one(u, serial, written);
	}
}

/* Other rows of the key may have been written out of order. */
static void
merge(struct usage *stored, const struct usage *new)
{
	if (stored->first == 0)
		stored->first = new->first;
	stored->last = later(stored->last, new->last);
	stored->refused_last = later(stored->refused_last, new->refused_last);
	if (new->count > stored->count)
		stored->count = new->count;
	if (new->refused > stored->refused)
		stored->refused = new->refused;
}

enum store_status
uses_write(struct store_txn *t, struct span rows)
{
	struct wire_reader r = wire_reader(rows.ptr, rows.len);
	struct usage new, stored;
	enum store_status rc = STORE_OK;

	while (rc == STORE_OK && !wire_done(&r) && !r.bad) {
		uint64_t serial = wire_get_u64(&r);

		usage_get(&r, &new);
		rc = usage_load(t, serial, &stored);
		if (rc != STORE_OK)
			return rc;
		merge(&stored, &new);
		rc = usage_store(t, serial, &stored);
	}
	return rc;
}

static enum store_status
write_batches(struct uses *u, struct store_txn *t)
{
	uint8_t bytes[USES_BATCH_SIZE];
	enum store_status rc = STORE_OK;
	size_t len;

	while (
	    rc == STORE_OK && (len = uses_take(u, t, bytes, sizeof(bytes))) > 0)
		rc = uses_write(t, (struct span){ bytes, len });
	return rc;
}

bool
uses_write_all(struct uses *u, struct store *st)
{
	struct store_txn *t;

	if (u->waiting == 0)
		return true;
	if (!uses_begin(u) || store_begin(st, &t) != STORE_OK)
		return false;
	if (write_batches(u, t) == STORE_OK)
		return store_commit(t) == STORE_OK;
	store_abort(t);
	return false;
}
