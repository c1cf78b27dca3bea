/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "notes.h"

#define TALLIES 256      /* the last one is that of the others */
#define QUEUE_SIZE 32768 /* bytes of entries that wait */
#define TAKEN_SIZE 65536 /* of those with the writer */
#define MINUTE 60        /* s */

struct tally {
	uint32_t uid;
	uint8_t what;    /* 0: this one is free */
	uint8_t entries; /* of its own, of this minute */
	int64_t minute;
	uint32_t count;
};

struct notes {
	struct tally tallies[TALLIES];
	uint8_t queue[QUEUE_SIZE];
	size_t queued;
	uint8_t taken[TAKEN_SIZE];
	size_t taken_len;
};

struct notes *
notes_new(void)
{
	return calloc(1, sizeof(struct notes));
}

void
notes_free(struct notes *n)
{
	free(n);
}

/* Counts of two kinds share the last one, since the others are few. */
static struct tally *
find(struct notes *n, uint32_t uid, uint8_t what, int64_t now)
{
	struct tally *unused = &n->tallies[TALLIES - 1];
	int64_t minute = now / MINUTE;

	for (struct tally *t = n->tallies; t < n->tallies + TALLIES - 1; t++) {
		if (t->what == what && t->uid == uid && t->minute == minute)
			return t;
		if (t->what == 0 && unused == &n->tallies[TALLIES - 1])
			unused = t;
	}
	if (unused == &n->tallies[TALLIES - 1])
		uid = NOTES_OTHERS;
	if (unused->what == 0)
		*unused = (struct tally){ .uid = uid,
			.what = what,
			.minute = minute };
	return unused;
}

static void
count(struct tally *t)
{
	if (t->count < UINT32_MAX)
		t->count++;
}

void
notes_unknown(struct notes *n, uint32_t uid, int64_t now)
{
	count(find(n, uid, EVENT_UNKNOWN_TOKENS, now));
}

static bool
enqueue(struct notes *n, const struct event *e)
{
	struct wire_writer w =
	    wire_writer(n->queue + n->queued, QUEUE_SIZE - n->queued);

	event_put(&w, e);
	if (!wire_fits(&w))
		return false;
	n->queued += wire_length(&w);
	return true;
}

void
notes_denied(struct notes *n, const struct event *e)
{
	struct tally *t = find(n, e->uid, EVENT_DENIED, e->when);

	if (t->uid != NOTES_OTHERS && t->entries < DENIED_MAX && enqueue(n, e))
		t->entries++;
	else
		count(t);
}

void
notes_event(struct notes *n, const struct event *e)
{
	(void)enqueue(n, e);
}

bool
notes_urgent(const struct notes *n)
{
	return n->queued > 0 || n->taken_len > 0;
}

bool
notes_any(const struct notes *n)
{
	for (size_t i = 0; i < TALLIES; i++)
		if (n->tallies[i].what != 0)
			return true;
	return notes_urgent(n);
}

/* A minute that is over, or that the clock has left backwards. */
static void
take_tally(struct notes *n, struct wire_writer *w, struct tally *t)
{
	const struct event e = { .when = t->minute * MINUTE,
		.what = t->what,
		.outcome = t->what == EVENT_DENIED ? ERROR_DENIED : 0,
		.uid = t->uid,
		.count = t->count };

	if (t->count > 0)
		event_put(w, &e);
	n->taken_len = wire_length(w);
	*t = (struct tally){ 0 };
}

/* An entry of a count is small: there is room while one of any size fits. */
static bool
has_room(const struct wire_writer *w)
{
	return wire_length(w) + EVENT_MAX <= TAKEN_SIZE;
}

struct span
notes_take(struct notes *n, int64_t now, bool all)
{
	struct wire_writer w = wire_writer(n->taken, sizeof(n->taken));
	struct tally *t;

	if (n->taken_len > 0)
		return (struct span){ n->taken, n->taken_len };
	wire_put_bytes(&w, n->queue, n->queued);
	n->taken_len = n->queued;
	n->queued = 0;
	for (size_t i = 0; i < TALLIES && has_room(&w); i++) {
		t = &n->tallies[i];
		if (t->what != 0 && (all || t->minute != now / MINUTE))
			take_tally(n, &w, t);
	}
	return (struct span){ n->taken, n->taken_len };
}

void
notes_settle(struct notes *n, bool written)
{
	if (written)
		n->taken_len = 0;
}

enum store_status
notes_append(struct store_txn *t, struct span entries)
{
	struct wire_reader r = wire_reader(entries.ptr, entries.len);
	enum store_status rc = STORE_OK;
	struct event e;

	while (rc == STORE_OK && r.at < r.end) {
		event_get(&r, &e);
		rc = r.bad ? STORE_FAILED : audit_append(t, &e);
	}
	return rc;
}

bool
notes_write_all(struct notes *n, struct store *st, int64_t now)
{
	struct store_txn *t;
	struct span entries;
	enum store_status rc;

	if (!notes_any(n))
		return true;
	if (store_begin(st, &t) != STORE_OK)
		return false;
	do {
		entries = notes_take(n, now, true);
		rc = notes_append(t, entries);
		notes_settle(n, true);
	} while (rc == STORE_OK && notes_any(n));
	if (rc == STORE_OK)
		return store_commit(t) == STORE_OK;
	store_abort(t);
	return false;
}
