/* SPDX-License-Identifier: ISC */
/*
 * The way of most verifies: the tag of what is asked, and the entry with it.
 *
 * While a line of the table comes from memory, the processor goes on with what
 * follows, as far as its window reaches.  So what is done with an entry is
 * little, is one function, and waits for none of its lines to find the next.
 */
#include <sys/random.h>

#include <string.h>

#include "cache_table.h"
#include "siphash.h"

#define REST_BITS 40 /* of a permission, that the word with the lengths has */

/* What every verify goes through is one function. */
#define ALWAYS inline __attribute__((always_inline))

enum { KEY_NONE = 0, KEY_DRAWING, KEY_READY };

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
static ALWAYS void
hash(const struct area *a, struct span token, struct span permission,
    struct cache_tag *t)
{
	uint64_t lengths =
	    (uint64_t)token.len << 48 | (uint64_t)permission.len << REST_BITS;
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

static ALWAYS void
make_tag(const struct cache *c, struct span token, struct span permission,
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

void
cache_tag(struct cache *c, struct span token, struct span permission,
    struct cache_tag *t)
{
	make_tag(c, token, permission, t);
}

static inline void
copy_word(char *text, const _Atomic uint64_t *from)
{
	uint64_t word = get(from);

	memcpy(text, &word, WORD);
}

static void
copy(char *text, const _Atomic uint64_t *from, size_t words)
{
	for (size_t i = 0; i < words; i++)
		copy_word(text + i * WORD, &from[i]);
}

/* Text by text at their full length: few entries have such texts. */
static void
copy_long(struct keyd_verdict *v, const struct texts *from)
{
	copy(v->key_id, from->id, sizeof(from->id) / WORD);
	copy(v->org, from->org, sizeof(from->org) / WORD);
	copy(v->user, from->user, sizeof(from->user) / WORD);
	copy(v->name, from->name, sizeof(from->name) / WORD);
	copy(v->project, from->project, sizeof(from->project) / WORD);
}

static inline void
copy_pair(char *text, const _Atomic uint64_t *from)
{
	copy_word(text, &from[0]);
	copy_word(text + WORD, &from[1]);
}

_Static_assert(HEAD == 2 && TAIL == 2, "pairs");

static inline void
copy_tails(struct keyd_verdict *v, const _Atomic uint64_t *from)
{
	copy_pair(v->org + HEAD * WORD, &from[ORG * TAIL]);
	copy_pair(v->user + HEAD * WORD, &from[USER * TAIL]);
	copy_pair(v->name + HEAD * WORD, &from[NAME * TAIL]);
	copy_pair(v->project + HEAD * WORD, &from[PROJECT * TAIL]);
}

/* No loop, and nothing that waits for the slot's line. */
static ALWAYS void
copy_heads(struct keyd_verdict *v, const struct body *b)
{
	const _Atomic uint64_t *from = &b->word[HEADS];

	copy_pair(v->key_id, &b->word[ID]);
	copy_word(v->key_id + 2 * WORD, &b->word[ID + 2]);
	copy_pair(v->org, &from[ORG * HEAD]);
	copy_pair(v->user, &from[USER * HEAD]);
	copy_pair(v->name, &from[NAME * HEAD]);
	copy_pair(v->project, &from[PROJECT * HEAD]);
}

/* Of few keys. */
static void
copy_more(const struct cache *c, struct entry *e, uint64_t shape,
    struct keyd_verdict *v)
{
	if ((shape & LONG) != 0)
		copy_long(v, texts_of(c, e));
	else
		copy_tails(v, &e->body.word[TAILS]);
}

static inline uint32_t
seconds(int64_t ns)
{
	return ns > 0 ? (uint32_t)(((uint64_t)ns + NS_PER_S - 1) / NS_PER_S)
		      : 0;
}

/* One call of those left, if the entry is still the one that was read. */
static inline bool
take_call(struct slot *s, uint64_t *state)
{
	uint32_t version = version_of(*state);

	do {
		if ((uint32_t)*state == 0)
			return false;
		if (atomic_compare_exchange_weak_explicit(&s->word[STATE],
			state, *state - 1, memory_order_acq_rel,
			memory_order_acquire))
			return true;
	} while (version_of(*state) == version);
	return false;
}

/* What of the rate is left, those calls included that the lease has left. */
static inline void
give_rate(struct keyd_verdict *v, uint64_t rate, uint32_t more)
{
	v->rate_limit = (uint32_t)rate;
	v->rate_remaining = (uint32_t)(rate >> 32);
	if (v->rate_limit != 0)
		v->rate_remaining += more;
}

static ALWAYS bool
give(const struct cache *c, struct entry *e, uint64_t state, int64_t now,
    enum keyd_status *status, struct keyd_verdict *v)
{
	uint64_t shape = get(&e->slot.word[SHAPE]);
	int64_t end = (int64_t)get(&e->slot.word[END]);
	uint64_t rate = get(&e->body.word[RATE]);

	if (end <= now || !cache_holds(&e->slot))
		return false;
	v->rate_reset = seconds((int64_t)get(&e->body.word[FULL_AT]) - now);
	v->expires = (int64_t)get(&e->body.word[EXPIRES]);
	v->retry_after = 0;
	copy_heads(v, &e->body);
	if ((shape & (LONG | TAILED)) != 0)
		copy_more(c, e, shape, v);
	*status = (enum keyd_status)(shape & 0xff);
	if (*status != KEYD_OK) {
		give_rate(v, rate, 0);
		if (*status == KEYD_RATE_LIMITED)
			v->retry_after = seconds(end - now);
		return get(&e->slot.word[STATE]) == state;
	}
	if (!take_call(&e->slot, &state))
		return false;
	give_rate(v, rate, (uint32_t)state - 1);
	return true;
}

/* The entry of the tag, if it is not where it is looked for first, and its
   state as it was before the tag was read. */
static struct entry *
look_on(const struct cache *c, const struct cache_tag *t, uint64_t *state)
{
	for (unsigned i = 1; i < PLACES_MAX; i++) {
		struct entry *e = &c->entry[place_of(c, t, i)];

		*state = get(&e->slot.word[STATE]);
		if (has_tag(&e->slot, t))
			return e;
	}
	return NULL;
}

static ALWAYS bool
look(const struct cache *c, const struct cache_tag *t, int64_t now,
    enum keyd_status *status, struct keyd_verdict *v)
{
	struct entry *e = &c->entry[place_of(c, t, 0)];
	uint64_t state = get(&e->slot.word[STATE]);

	if (!has_tag(&e->slot, t) && (e = look_on(c, t, &state)) == NULL)
		return false;
	return !is_locked(state) && give(c, e, state, now, status, v);
}

bool
cache_look(struct cache *c, const struct cache_tag *t, int64_t now,
    enum keyd_status *status, struct keyd_verdict *v)
{
	return look(c, t, now, status, v);
}

/* What is too long or too short for a permission has no verdicts: "" stands for
   none being asked for, which is said by NULL. */
static inline bool
permission_span(const char *text, struct span *s)
{
	*s = (struct span){ (const uint8_t *)"", 0 };
	if (text == NULL)
		return true;
	*s = (struct span){ (const uint8_t *)text,
		strnlen(text, PERMISSION_SIZE) };
	return s->len > 0 && s->len < PERMISSION_SIZE;
}

bool
cache_known(struct cache *c, struct span token, const char *permission,
    struct cache_tag *t, struct keyd_verdict *v)
{
	int64_t now = cache_now();
	struct cache_tag tag;
	struct span asked;

	if (!permission_span(permission, &asked)) {
		t->good = false;
		return false;
	}
	make_tag(c, token, asked, &tag);
	*t = tag;
	if (!tag.good || !look(c, &tag, now, &v->status, v))
		return false;
	v->http_status = keyd_http_status(v->status);
	return true;
}
