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
	struct tally *tally; /* what no batch has */
	struct batches out;  /* not settled yet */
	uint64_t number;     /* of the last batch */
};

struct uses *
uses_new(struct store *st)
{
	struct uses *u = calloc(1, sizeof(*u));
	struct store_txn *t;

	if (u == NULL)
		return NULL;
	STAILQ_INIT(&u->out);
	u->tally = tally_new();
	if (u->tally == NULL) {
		free(u);
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
	tally_free(u->tally);
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

void
uses_allowed(struct uses *u, uint64_t serial, uint32_t count, int64_t when)
{
	struct count *c = tally_touch(u->tally, serial);

	if (c == NULL)
		return;
	if (c->first == 0)
		c->first = short_time(when);
	set_later(&c->last, when);
	add_to(&c->allowed, count);
}

void
uses_refused(struct uses *u, uint64_t serial, int64_t now)
{
	struct count *c = tally_touch(u->tally, serial);

	if (c == NULL)
		return;
	set_later(&c->refused_last, now);
	add_to(&c->refused, 1);
}

static struct usage
usage_of(const struct count *c)
{
	return (struct usage){ .first = c->first,
		.last = c->last,
		.count = c->allowed,
		.refused = c->refused,
		.refused_last = c->refused_last };
}

enum store_status
uses_get(const struct uses *u, struct store_txn *t, uint64_t serial,
    struct usage *usage)
{
	const struct count *c = tally_find(u->tally, serial);
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
	if (c != NULL) {
		more = usage_of(c);
		usage_add(usage, &more);
	}
	return STORE_OK;
}

void
uses_fetch_place(const struct uses *u, uint64_t serial)
{
	tally_fetch_place(u->tally, serial);
}

void
uses_fetch(const struct uses *u, uint64_t serial)
{
	tally_fetch(u->tally, serial);
}

size_t
uses_waiting(const struct uses *u)
{
	return tally_keys(u->tally);
}

void
uses_begin(struct uses *u)
{
	tally_begin(u->tally);
}

static size_t
put_rows(struct uses *u, struct batch *b)
{
	struct wire_writer w = wire_writer(b->rows, sizeof(b->rows));
	struct usage usage;
	struct count c;
	uint64_t serial;

	use_rows_begin(&w, b->number);
	for (unsigned i = 0;
	     i < USES_BATCH && tally_take(u->tally, &serial, &c); i++) {
		usage = usage_of(&c);
		use_rows_put(&w, serial, &usage);
	}
	return wire_length(&w);
}

struct span
uses_take(struct uses *u)
{
	static const struct span none;
	struct batch *b = malloc(sizeof(*b));

	if (b == NULL)
		return none;
	b->number = u->number + 1;
	b->len = put_rows(u, b);
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
	struct count *c = tally_touch(u->tally, serial);

	if (c == NULL)
		return;
	if (old->first != 0)
		c->first = short_time(old->first);
	set_later(&c->last, old->last);
	add_to(&c->allowed, old->count);
	add_to(&c->refused, old->refused);
	set_later(&c->refused_last, old->refused_last);
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
