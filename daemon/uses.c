/* SPDX-License-Identifier: ISC */
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "tally.h"
#include "usage.h"
#include "use_rows.h"
#include "uses.h"

struct batch {
	STAILQ_ENTRY(batch) entries;
	uint64_t number;
	size_t len;
	uint8_t rows[USE_ROWS_HEAD + USES_BATCH * USE_ROW];
};

STAILQ_HEAD(batches, batch);

struct uses {
	/* What no batch has. */
	struct tally *allowed;
	struct tally *refused;

	struct batches out; /* not settled yet */
	uint64_t number;    /* of the last batch */
};

struct uses *
uses_new(struct store *st)
{
	struct uses *u = calloc(1, sizeof(*u));
	struct store_txn *t;

	if (u == NULL)
		return NULL;
	STAILQ_INIT(&u->out);
	u->allowed = tally_new();
	u->refused = tally_new();
	if (u->allowed == NULL || u->refused == NULL) {
		uses_free(u);
		return NULL;
	}
	if ((t = store_view(st)) != NULL)
		u->number = use_rows_last(t);
	store_view_reset(st);
	return u;
}

void
uses_free(struct uses *u)
{
	struct batch *b;

	if (u == NULL)
		return;
	while ((b = STAILQ_FIRST(&u->out)) != NULL) {
		STAILQ_REMOVE_HEAD(&u->out, entries);
		free(b);
	}
	tally_free(u->allowed);
	tally_free(u->refused);
	free(u);
}

static uint32_t
short_time(int64_t when)
{
	if (when < 0)
		return 0;
	return when < UINT32_MAX ? (uint32_t)when : UINT32_MAX;
}

static void
set_later(uint32_t *known, int64_t when)
{
	if (short_time(when) > *known)
		*known = short_time(when);
}

static void
add_to(uint32_t *count, uint64_t more)
{
	*count =
	    more < UINT32_MAX - *count ? *count + (uint32_t)more : UINT32_MAX;
}

static void
count(struct tally *t, uint64_t serial, uint64_t times, int64_t first,
    int64_t last)
{
	struct count *c = times > 0 ? tally_touch(t, serial) : NULL;

	if (c == NULL)
		return;
	if (c->first == 0)
		c->first = short_time(first);
	set_later(&c->last, last);
	add_to(&c->times, times);
}

void
uses_allowed(struct uses *u, uint64_t serial, uint32_t times, int64_t when)
{
	count(u->allowed, serial, times, when, when);
}

void
uses_refused(struct uses *u, uint64_t serial, int64_t now)
{
	count(u->refused, serial, 1, now, now);
}

static struct usage
usage_of_allowed(const struct count *c)
{
	return (struct usage){ .first = c->first,
		.last = c->last,
		.count = c->times };
}

static struct usage
usage_of_refused(const struct count *c)
{
	return (struct usage){ .refused = c->times, .refused_last = c->last };
}

typedef struct usage usage_of(const struct count *c);

static void
add_waiting(const struct tally *t, usage_of *of, uint64_t serial,
    struct usage *usage)
{
	const struct count *c = tally_find(t, serial);
	struct usage more;

	if (c == NULL)
		return;
	more = of(c);
	usage_add(usage, &more);
}

enum store_status
uses_get(const struct uses *u, struct store_txn *t, uint64_t serial,
    struct usage *usage)
{
	uint64_t written = STAILQ_EMPTY(&u->out) ? 0 : use_rows_last(t);
	enum store_status rc = usage_load(t, serial, usage);
	const struct batch *b;
	struct usage more;

	if (rc != STORE_OK)
		return rc;
	STAILQ_FOREACH (b, &u->out, entries)
		if (b->number > written &&
		    use_rows_find((struct span){ b->rows, b->len }, serial,
			&more))
			usage_add(usage, &more);
	add_waiting(u->allowed, usage_of_allowed, serial, usage);
	add_waiting(u->refused, usage_of_refused, serial, usage);
	return STORE_OK;
}

void
uses_fetch_place(const struct uses *u, uint64_t serial)
{
	tally_fetch_place(u->allowed, serial);
}

void
uses_fetch(const struct uses *u, uint64_t serial)
{
	tally_fetch(u->allowed, serial);
}

size_t
uses_waiting(const struct uses *u)
{
	return tally_keys(u->allowed) + tally_keys(u->refused);
}

void
uses_begin(struct uses *u)
{
	tally_begin(u->allowed);
	tally_begin(u->refused);
}

/* By rising serials. */
static void
put_rows(struct wire_writer *w, struct tally *t, usage_of *of)
{
	struct usage usage;
	struct count c;
	uint64_t serial;

	for (unsigned i = 0; i < USES_BATCH && tally_take(t, &serial, &c);
	     i++) {
		usage = of(&c);
		use_rows_put(w, serial, &usage);
	}
}

/* One of refusals, when no uses are left. */
static void
put_batch(struct uses *u, struct batch *b)
{
	struct wire_writer w = wire_writer(b->rows, sizeof(b->rows));

	use_rows_begin(&w, b->number);
	put_rows(&w, u->allowed, usage_of_allowed);
	if (wire_length(&w) == USE_ROWS_HEAD)
		put_rows(&w, u->refused, usage_of_refused);
	b->len = wire_length(&w);
}

struct span
uses_take(struct uses *u)
{
	static const struct span none;
	struct batch *b = malloc(sizeof(*b));

	if (b == NULL)
		return none;
	b->number = u->number + 1;
	put_batch(u, b);
	if (b->len == USE_ROWS_HEAD) {
		free(b);
		return none;
	}
	u->number++;
	STAILQ_INSERT_TAIL(&u->out, b, entries);
	return (struct span){ b->rows, b->len };
}

/* They come before all that was counted since. */
static void
put_back(struct uses *u, uint64_t serial, const struct usage *old)
{
	struct count *c;

	count(u->allowed, serial, old->count, old->first, old->last);
	count(u->refused, serial, old->refused, old->refused_last,
	    old->refused_last);
	if (old->count > 0 && (c = tally_touch(u->allowed, serial)) != NULL)
		c->first = short_time(old->first);
}

static void
put_all_back(struct uses *u, struct span rows)
{
	struct wire_reader r = use_rows_reader(rows);
	struct usage old;
	uint64_t serial;

	while (use_rows_next(&r, &serial, &old))
		put_back(u, serial, &old);
}

void
uses_settle(struct uses *u, struct span rows, bool written)
{
	uint64_t number = use_rows_number(rows);
	struct batch *b;

	if (!written)
		put_all_back(u, rows);
	STAILQ_FOREACH (b, &u->out, entries)
		if (b->number == number)
			break;
	if (b == NULL)
		return;
	STAILQ_REMOVE(&u->out, b, batch, entries);
	free(b);
}

static enum store_status
write_batches(struct uses *u, struct store_txn *t)
{
	enum store_status rc = STORE_OK;
	struct span rows;

	uses_begin(u);
	while (rc == STORE_OK && (rows = uses_take(u)).len > 0) {
		rc = use_rows_write(t, rows);
		uses_settle(u, rows, rc == STORE_OK);
	}
	return rc;
}

bool
uses_write_all(struct uses *u, struct store *st)
{
	struct store_txn *t;

	if (uses_waiting(u) == 0)
		return true;
	if (store_begin(st, &t) != STORE_OK)
		return false;
	if (write_batches(u, t) == STORE_OK)
		return store_commit(t) == STORE_OK;
	store_abort(t);
	return false;
}
