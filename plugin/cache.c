/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/random.h>

#include <stdlib.h>
#include <time.h>

#include <sodium.h>

#include "cache_table.h"
#include "siphash.h"

#define REST_BITS 40 /* of a permission, that the word with the lengths has */

enum { KEY_NONE = 0, KEY_DRAWING, KEY_READY };

static size_t
round_up(size_t entries)
{
	size_t n = WAYS;

	while (n < entries && n < CACHE_ENTRIES_MAX)
		n *= 2;
	return n;
}

static int64_t
in_ns(const struct timespec *ts)
{
	return ts->tv_sec * NS_PER_S + ts->tv_nsec;
}

int64_t
cache_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return in_ns(&ts);
}

/* What is in it is nobody else's: not a child's, nor a core dump's. */
static bool
map(struct cache *c)
{
	size_t head = (sizeof(struct area) + 63) / 64 * 64;
	uint8_t *p;

	c->size = head + c->entries * (sizeof(struct entry) + sizeof(uint64_t));
	p = mmap(NULL, c->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	if (madvise(p, c->size, MADV_WIPEONFORK) != 0) {
		munmap(p, c->size);
		return false;
	}
	(void)madvise(p, c->size, MADV_DONTDUMP);
	(void)madvise(p, c->size, MADV_HUGEPAGE);
	c->area = (struct area *)p;
	c->entry = (struct entry *)(p + head);
	c->due = (uint64_t *)(c->entry + c->entries);
	return true;
}

struct cache *
cache_new(size_t entries)
{
	struct cache *c = calloc(1, sizeof(*c));
	struct timespec tick = { 0, 0 };

	if (c == NULL)
		return NULL;
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	c->tick = in_ns(&tick);
	c->entries = round_up(entries);
	if (map(c))
		return c;
	free(c);
	return NULL;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	sodium_memzero(c->area, sizeof(*c->area));
	for (size_t i = 0; i < c->entries; i++)
		if (c->entry[i].slot.word[STATE] != 0)
			sodium_memzero(&c->entry[i], sizeof(c->entry[i]));
	munmap(c->area, c->size);
	free(c);
}

/* By one thread of the process; the others do without until it is there. */
static bool
draw_key(struct area *a)
{
	unsigned none = KEY_NONE;

	if (!atomic_compare_exchange_strong(&a->ready, &none, KEY_DRAWING))
		return none == KEY_READY;
	if (getrandom(a->key, sizeof(a->key), 0) != sizeof(a->key)) {
		atomic_store(&a->ready, KEY_NONE);
		return false;
	}
	atomic_store(&a->ready, KEY_READY);
	return true;
}

/*
 * The last word has both lengths, and says by them what all words before it
 * are and what else is in itself, so that no two pairs are the same words.
 */
static inline void
hash(const struct area *a, struct span token, struct span permission,
    struct cache_tag *t)
{
	uint64_t lengths = (uint64_t)token.len << 48 |
	    (uint64_t)permission.len << REST_BITS;
	struct siphash s = siphash_begin(a->key[0], a->key[1]);
	uint64_t rest = siphash_words(&s, token.ptr, token.len);

	if (token.len % WORD != 0)
		siphash_word(&s, rest);
	rest = siphash_words(&s, permission.ptr, permission.len);
	if (permission.len % WORD * 8 > REST_BITS) {
		siphash_word(&s, rest);
		rest = 0;
	}
	siphash_word(&s, rest | lengths);
	siphash_end(&s, t->half);
}

void
cache_tag(struct cache *c, struct span token, struct span permission,
    struct cache_tag *t)
{
	struct area *a = c->area;

	t->good = token.len <= UINT16_MAX && permission.len <= UINT8_MAX &&
	    (atomic_load_explicit(&a->ready, memory_order_acquire) ==
		    KEY_READY ||
		draw_key(a));
	if (t->good)
		hash(a, token, permission, t);
}

bool
cache_holds(const struct slot *s)
{
	const struct bulletin *b =
	    (const struct bulletin *)(uintptr_t)get(&s->word[PAGE]);
	uint64_t places = get(&s->word[PLACES]);
	uint64_t values = get(&s->word[VALUES]);
	uint32_t key, org, policy;

	if (b == NULL || !bulletin_is_alive(b))
		return false;
	key = (uint32_t)get(&b->counters[places & 0xffff]);
	org = (uint32_t)get(&b->counters[places >> 16 & 0xffff]);
	policy = (uint32_t)get(&b->policy);
	return values == ((uint64_t)key << 32 | org) && places >> 32 == policy;
}

static inline const _Atomic uint64_t *
copy(char *text, const _Atomic uint64_t *from, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		uint64_t word = get(&from[i]);

		memcpy(text + i * WORD, &word, WORD);
	}
	return from + words;
}

static void
copy_texts(struct keyd_verdict *v, uint64_t shape, const struct body *b)
{
	const _Atomic uint64_t *from = &b->word[TEXTS];

	from = copy(v->key_id, from, ID_WORDS);
	from = copy(v->org, from, shape >> 8 & 0xff);
	from = copy(v->user, from, shape >> 16 & 0xff);
	from = copy(v->name, from, shape >> 24 & 0xff);
	copy(v->project, from, shape >> 32 & 0xff);
}

static uint32_t
seconds(int64_t ns)
{
	return ns > 0 ? (uint32_t)((ns + NS_PER_S - 1) / NS_PER_S) : 0;
}

static void
copy_numbers(struct keyd_verdict *v, const struct body *b, int64_t now)
{
	uint64_t rate = get(&b->word[RATE]);

	v->rate_limit = (uint32_t)rate;
	v->rate_remaining = (uint32_t)(rate >> 32);
	v->rate_reset = seconds((int64_t)get(&b->word[FULL_AT]) - now);
	v->expires = (int64_t)get(&b->word[EXPIRES]);
	v->retry_after = 0;
}

/* One call of those left, if the entry is still the one that was read. */
static bool
take_call(struct slot *s, uint64_t *state)
{
	uint32_t version = version_of(*state);

	while ((uint32_t)*state > 0 && version_of(*state) == version)
		if (atomic_compare_exchange_weak_explicit(&s->word[STATE],
			state, *state - 1, memory_order_acq_rel,
			memory_order_acquire))
			return true;
	return false;
}

static bool
give(struct slot *s, const struct body *b, uint64_t state, int64_t now,
    enum keyd_status *status, struct keyd_verdict *v)
{
	uint64_t shape = get(&s->word[SHAPE]);
	int64_t end = (int64_t)get(&s->word[END]);

	if (end <= now || !cache_holds(s))
		return false;
	copy_numbers(v, b, now);
	copy_texts(v, shape, b);
	*status = (enum keyd_status)(shape & 0xff);
	if (*status != KEYD_OK) {
		if (*status == KEYD_RATE_LIMITED)
			v->retry_after = seconds(end - now);
		return get(&s->word[STATE]) == state;
	}
	if (!take_call(s, &state))
		return false;
	if (v->rate_limit != 0)
		v->rate_remaining += (uint32_t)state - 1;
	return true;
}

bool
cache_look(struct cache *c, const struct cache_tag *t, int64_t now,
    enum keyd_status *status, struct keyd_verdict *v)
{
	for (unsigned i = 0; i < PLACES_MAX; i++) {
		size_t at = place_of(c, t, i);
		struct slot *s = &c->entry[at].slot;
		uint64_t state = get(&s->word[STATE]);

		if (has_tag(s, t))
			return !is_locked(state) &&
			    give(s, &c->entry[at].body, state, now, status, v);
	}
	return false;
}
