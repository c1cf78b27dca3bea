/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "token.h"

#define LENGTH (4 + TOKEN_RANDOM + TOKEN_CHECKSUM) /* of a token */
#define LINE 64

struct tag {
	uint64_t word[2];
};

struct slot {
	struct tag tag;
	uint8_t rest[LINE - sizeof(struct tag)];
	uint8_t texts[LINE];
};

struct probe {
	size_t mask;
	struct slot *slots;
};

static const uint8_t key[crypto_shorthash_siphashx24_KEYBYTES] = { 1 };

static struct tag
hash(const struct mint_token *token)
{
	struct tag t;

	crypto_shorthash_siphashx24((unsigned char *)t.word,
	    (const unsigned char *)token->text, LENGTH, key);
	return t;
}

_Static_assert(sizeof(struct tag) == crypto_shorthash_siphashx24_BYTES,
    "128 bits");

uint64_t
probe_hash(const struct mint_token *token)
{
	return hash(token).word[0];
}

static bool
same(const struct tag *a, const struct tag *b)
{
	return a->word[0] == b->word[0] && a->word[1] == b->word[1];
}

/* Its slot, or the empty one where it would be. */
static struct slot *
look(const struct probe *p, const struct tag *t)
{
	static const struct tag none;
	size_t at = t->word[0] & p->mask;

	while (!same(&p->slots[at].tag, t) && !same(&p->slots[at].tag, &none))
		at = (at + 1) & p->mask;
	return &p->slots[at];
}

/* At most half of the slots are taken. */
struct probe *
probe_new(const struct mint_token *tokens, size_t count)
{
	struct probe *p = malloc(sizeof(*p));
	size_t size = 1;

	while (size < 2 * count)
		size *= 2;
	if (p == NULL ||
	    (p->slots = aligned_alloc(LINE, size * sizeof(*p->slots))) == NULL)
		err(1, "malloc");
	memset(p->slots, 0, size * sizeof(*p->slots));
	p->mask = size - 1;
	for (size_t i = 0; i < count; i++) {
		struct tag t = hash(&tokens[i]);
		struct slot *s = look(p, &t);

		s->tag = t;
		s->texts[0] = 1;
	}
	return p;
}

void
probe_free(struct probe *p)
{
	free(p->slots);
	free(p);
}

bool
probe_find(const struct probe *p, const struct mint_token *token)
{
	struct tag t = hash(token);

	return look(p, &t)->texts[0] == 1;
}
