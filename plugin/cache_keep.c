/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "cache_table.h"

#define PLACEHOLDER NS_PER_S /* that a first use is remembered */
#define SPINS 1000           /* looks at another thread's short work */

/* An entry about to be changed: no call is taken from it meanwhile. */
struct hold {
	const struct cache *cache;
	struct entry *entry;
	struct slot *slot;
	struct body *body;
	uint64_t state; /* as it was */
};

static bool
hold_at(struct cache *c, size_t at, struct hold *h)
{
	uint64_t locked;

	h->cache = c;
	h->entry = &c->entry[at];
	h->slot = &h->entry->slot;
	h->body = &h->entry->body;
	h->state = get(&h->slot->word[STATE]);
	do {
		if (is_locked(h->state))
			return false;
		locked = h->state + (UINT64_C(1) << 32);
	} while (!atomic_compare_exchange_weak(&h->slot->word[STATE], &h->state,
	    locked));
	return true;
}

static void
release(const struct hold *h, uint32_t left)
{
	uint64_t version = (uint64_t)version_of(h->state) + 2;

	put(&h->slot->word[STATE], version << 32 | left);
}

/* Nothing that a reader looks at was changed, and it is the one that is due. */
static void
release_same(const struct hold *h)
{
	put(&h->slot->word[STATE], h->state);
}

static uint32_t
used_of(const struct hold *h)
{
	uint32_t granted = (uint32_t)get(&h->body->word[GRANTED]);

	return granted - (uint32_t)h->state;
}

/* What is to be reported of the entry, which is so from here on. */
static bool
take_report(const struct hold *h, struct lease_report *r)
{
	r->id = get(&h->body->word[LEASE]);
	r->used = used_of(h);
	put(&h->body->word[LEASE], 0);
	return r->id != 0 && r->used > 0;
}

/* A thread that was stopped in here costs the others a report, not time. */
static bool
lock(struct area *a)
{
	for (int i = 0; i < SPINS; i++)
		if (!atomic_flag_test_and_set(&a->busy))
			return true;
	return false;
}

static void
unlock(struct area *a)
{
	atomic_flag_clear(&a->busy);
}

static void
add_pending(struct area *a, const struct lease_report *r)
{
	if (!lock(a))
		return;
	if (a->pending < PENDING_MAX)
		a->reports[a->pending++] = *r;
	unlock(a);
}

static void
add_due(struct cache *c, size_t at, const struct hold *h)
{
	struct area *a = c->area;
	uint64_t version = (uint64_t)version_of(h->state) + 2;

	if (!lock(a))
		return;
	c->due[a->next++ % c->entries] = version << 32 | at;
	if (a->next - a->first > c->entries)
		a->first = a->next - c->entries;
	unlock(a);
}

static void
report(struct lease_wish *wish, const struct lease_report *r)
{
	wish->reports[wish->count++] = *r;
}

static bool
has_room(const struct lease_wish *wish)
{
	return wish->count < LEASE_REPORTS_MAX;
}

/* Of leases that are over, unless an entry is another one by now. */
static void
report_due(struct cache *c, int64_t now, struct lease_wish *wish)
{
	struct area *a = c->area;
	struct lease_report r;
	struct hold h;

	while (has_room(wish) && a->first != a->next) {
		uint64_t due = c->due[a->first % c->entries];
		size_t at = (uint32_t)due;

		if (version_of(get(&c->entry[at].slot.word[STATE])) ==
		    version_of(due)) {
			if ((int64_t)get(&c->entry[at].slot.word[END]) > now)
				return;
			if (hold_at(c, at, &h)) {
				if (take_report(&h, &r))
					report(wish, &r);
				release_same(&h);
			}
		}
		a->first++;
	}
}

static void
report_pending(struct area *a, struct lease_wish *wish)
{
	while (has_room(wish) && a->pending > 0)
		report(wish, &a->reports[--a->pending]);
}

/*
 * Twice as many as were too few, or as many as were used in time.  One asks
 * for all who find the same entry wanting.
 */
static uint32_t
uses_to_ask_for(const struct hold *h, int64_t now)
{
	uint64_t granted = get(&h->body->word[GRANTED]);
	bool over = (int64_t)get(&h->slot->word[END]) <= now;
	uint32_t used = used_of(h);

	if ((granted & ASKED) != 0)
		return 0;
	/* Another thread was writing it: it is as good as new. */
	if (!over && (uint32_t)h->state > 0 && cache_holds(h->slot))
		return 0;
	if (!over && (uint32_t)h->state == 0)
		used = used > 0 ? 2 * used : 1;
	if (used > 0)
		put(&h->body->word[GRANTED], granted | ASKED);
	return used < LEASE_USES_MAX ? used : LEASE_USES_MAX;
}

/* The entry of the tag, or c->entries. */
static size_t
find(const struct cache *c, const struct cache_tag *t)
{
	for (unsigned i = 0; i < PLACES_MAX; i++)
		if (has_tag(&c->entry[place_of(c, t, i)].slot, t))
			return place_of(c, t, i);
	return c->entries;
}

void
cache_wish(struct cache *c, const struct cache_tag *t, int64_t now,
    struct lease_wish *wish)
{
	size_t at = t->good ? find(c, t) : c->entries;
	struct lease_report r;
	struct hold h;

	*wish = (struct lease_wish){ .wanted = t->good };
	if (at < c->entries && hold_at(c, at, &h)) {
		if (has_tag(h.slot, t)) {
			wish->uses = uses_to_ask_for(&h, now);
			if (wish->uses > 0 && take_report(&h, &r))
				report(wish, &r);
		}
		release_same(&h);
	}
	if (t->good && lock(c->area)) {
		report_due(c, now, wish);
		report_pending(c->area, wish);
		unlock(c->area);
	}
}

/* Where the tag is, or an entry that was never used, or the one whose end is
   nearest. */
static size_t
place(const struct cache *c, const struct cache_tag *t)
{
	size_t best = find(c, t);
	int64_t least = INT64_MAX;

	if (best < c->entries)
		return best;
	for (unsigned i = 0; i < PLACES_MAX; i++) {
		size_t at = place_of(c, t, i);
		const struct slot *s = &c->entry[at].slot;
		int64_t end = get(&s->word[STATE]) != 0
		    ? (int64_t)get(&s->word[END])
		    : INT64_MIN;

		if (end < least) {
			least = end;
			best = at;
		}
	}
	return best;
}

static size_t
longest_of(const struct reply_verdict *a)
{
	const char *const text[] = { a->org, a->user, a->name, a->project };
	size_t longest = 0;

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (strlen(text[i]) > longest)
			longest = strlen(text[i]);
	return longest;
}

static void
write_text(_Atomic uint64_t *to, const char *text, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		uint64_t word;

		memcpy(&word, text + i * WORD, WORD);
		put(&to[i], word);
	}
}

static void
write_long(struct texts *to, const struct reply_verdict *a)
{
	write_text(to->id, a->id, sizeof(to->id) / WORD);
	write_text(to->org, a->org, sizeof(to->org) / WORD);
	write_text(to->user, a->user, sizeof(to->user) / WORD);
	write_text(to->name, a->name, sizeof(to->name) / WORD);
	write_text(to->project, a->project, sizeof(to->project) / WORD);
}

static void
write_parts(struct body *b, unsigned which, const char *text)
{
	write_text(&b->word[HEADS + which * HEAD], text, HEAD);
	write_text(&b->word[TAILS + which * TAIL], text + HEAD * WORD, TAIL);
}

static void
write_short(struct body *b, const struct reply_verdict *a)
{
	write_text(&b->word[ID], a->id, HEADS - ID);
	write_parts(b, ORG, a->org);
	write_parts(b, USER, a->user);
	write_parts(b, NAME, a->name);
	write_parts(b, PROJECT, a->project);
}

/* Texts of an answer are followed by zeros up to the end of their arrays. */
static uint64_t
write_texts(const struct hold *h, const struct reply_verdict *a)
{
	size_t longest = longest_of(a);

	if (longest < (HEAD + TAIL) * WORD) {
		write_short(h->body, a);
		return longest < HEAD * WORD ? 0 : TAILED;
	}
	write_long(texts_of(h->cache, h->entry), a);
	return LONG;
}

static void
write_slot(struct slot *s, const struct cache_tag *t, int64_t end,
    const struct bulletin *page, const struct stamp *stamp)
{
	put(&s->word[TAG], t->half[0]);
	put(&s->word[TAG + 1], t->half[1]);
	put(&s->word[END], (uint64_t)end);
	put(&s->word[PAGE], (uint64_t)(uintptr_t)page);
	put(&s->word[VALUES], stamp->key << 32 | (uint32_t)stamp->org);
	put(&s->word[PLACES],
	    stamp->policy << 32 | (uint64_t)stamp->org_at << 16 |
		stamp->key_at);
}

static void
write_entry(const struct hold *h, const struct cache_tag *t, int64_t asked,
    int64_t end, const struct bulletin *page, const struct reply_verdict *a)
{
	uint64_t texts = write_texts(h, a);

	write_slot(h->slot, t, end, page, &a->lease.stamp);
	put(&h->slot->word[SHAPE], texts | a->code);
	put(&h->body->word[RATE], (uint64_t)a->remaining << 32 | a->limit);
	put(&h->body->word[FULL_AT],
	    (uint64_t)(asked + (int64_t)a->reset * NS_PER_S));
	put(&h->body->word[EXPIRES], (uint64_t)a->expires);
	put(&h->body->word[GRANTED], a->lease.uses);
	put(&h->body->word[LEASE], a->lease.id);
}

/* Another thread asked as well, and got no less; or it is of another key, and
   is worth more than to know that this one was met. */
static bool
is_better(const struct hold *h, const struct cache_tag *t, int64_t asked,
    const struct reply_verdict *a)
{
	uint32_t left = (uint32_t)h->state;

	if (left == 0 || (int64_t)get(&h->slot->word[END]) <= asked ||
	    !cache_holds(h->slot))
		return false;
	return has_tag(h->slot, t) ? left >= a->lease.uses : a->lease.uses == 0;
}

/* ns of the clock at which it ends; 0: it is not worth keeping. */
static int64_t
end_of(const struct cache *c, int64_t asked, const struct reply_verdict *a)
{
	int64_t us = a->lease.us;

	if (a->code == VERDICT_OK && us == 0)
		return asked + PLACEHOLDER;
	if (us > LEASE_WAIT_MAX || a->lease.uses > LEASE_USES_MAX)
		return 0;
	if (a->code == VERDICT_OK && us > LEASE_US_MAX)
		us = LEASE_US_MAX;
	return us * 1000 > c->tick ? asked + us * 1000 - c->tick : 0;
}

static bool
is_worth_keeping(const struct reply_verdict *a, const struct bulletin *page)
{
	if (page == NULL)
		return false;
	if (a->lease.us == 0)
		return a->code == VERDICT_OK;
	if (a->lease.stamp.page != atomic_load(&page->id))
		return false;
	return a->code == VERDICT_OK || a->code == VERDICT_RATE_LIMITED ||
	    a->code == VERDICT_WRONG_ORG || a->code == VERDICT_FORBIDDEN;
}

void
cache_keep(struct cache *c, const struct cache_tag *t, int64_t asked,
    const struct bulletin *page, const struct reply_verdict *a)
{
	int64_t end = end_of(c, asked, a);
	struct lease_report r;
	struct hold h;
	size_t at;

	if (!t->good || end == 0 || !is_worth_keeping(a, page))
		return;
	at = place(c, t);
	if (!hold_at(c, at, &h))
		return;
	if (is_better(&h, t, asked, a)) {
		release_same(&h);
		return;
	}
	if (take_report(&h, &r))
		add_pending(c->area, &r);
	write_entry(&h, t, asked, end, page, a);
	if (a->lease.id != 0)
		add_due(c, at, &h);
	release(&h, a->code == VERDICT_OK ? a->lease.uses : 0);
}

unsigned
cache_last_reports(struct cache *c, struct lease_wish *wish)
{
	struct area *a = c->area;

	*wish = (struct lease_wish){ .wanted = true };
	if (atomic_load(&a->ready) == 0 || !lock(a))
		return 0;
	report_due(c, INT64_MAX, wish);
	report_pending(a, wish);
	unlock(a);
	return wish->count;
}
