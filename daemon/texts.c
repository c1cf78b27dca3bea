/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "texts.h"

#define COUNT_MIN 64   /* texts, a power of two, as all later sizes are */
#define BYTES_MIN 4096 /* the same for their bytes */

struct texts {
	uint8_t key[crypto_shorthash_KEYBYTES];
	uint32_t max;
	uint32_t count;
	uint32_t cap;     /* of starts; there are twice as many slots */
	uint32_t *starts; /* where each text begins */
	uint32_t *slots;  /* numbers and 1; 0 for an empty one */
	char *bytes;      /* of all, each with its NUL */
	size_t used;
	size_t room;
};

struct texts *
texts_new(uint32_t max)
{
	struct texts *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	randombytes_buf(t->key, sizeof(t->key));
	t->max = max;
	return t;
}

void
texts_free(struct texts *t)
{
	if (t == NULL)
		return;
	free(t->starts);
	free(t->slots);
	free(t->bytes);
	free(t);
}

const char *
texts_at(const struct texts *t, uint32_t number)
{
	return t->bytes + t->starts[number];
}

/* Where the text is, or the empty slot where it would be. */
static uint32_t *
place_of(const struct texts *t, const char *text)
{
	uint32_t mask = 2 * t->cap - 1;
	uint64_t hash;
	uint32_t i;

	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)text,
	    strlen(text), t->key);
	i = (uint32_t)hash & mask;
	while (
	    t->slots[i] != 0 && strcmp(texts_at(t, t->slots[i] - 1), text) != 0)
		i = (i + 1) & mask;
	return &t->slots[i];
}

static bool
grow(struct texts *t)
{
	uint32_t cap = t->cap == 0 ? COUNT_MIN : 2 * t->cap;
	uint32_t *starts = realloc(t->starts, cap * sizeof(*starts));
	uint32_t *slots;

	if (starts == NULL)
		return false;
	t->starts = starts;
	slots = calloc(2 * (size_t)cap, sizeof(*slots));
	if (slots == NULL)
		return false;
	free(t->slots);
	t->slots = slots;
	t->cap = cap;
	for (uint32_t i = 0; i < t->count; i++)
		*place_of(t, texts_at(t, i)) = i + 1;
	return true;
}

static bool
make_room(struct texts *t, size_t len)
{
	size_t room = t->room == 0 ? BYTES_MIN : t->room;
	char *bytes;

	while (room < t->used + len)
		room *= 2;
	if (room == t->room)
		return true;
	if (room > UINT32_MAX || (bytes = realloc(t->bytes, room)) == NULL)
		return false;
	t->bytes = bytes;
	t->room = room;
	return true;
}

bool
texts_add(struct texts *t, const char *text, uint32_t *number)
{
	size_t len = strlen(text) + 1;
	uint32_t *place;

	if (t->count == t->cap && !grow(t))
		return false;
	place = place_of(t, text);
	if (*place != 0) {
		*number = *place - 1;
		return true;
	}
	if (t->count == t->max || !make_room(t, len))
		return false;
	memcpy(t->bytes + t->used, text, len);
	t->starts[t->count] = (uint32_t)t->used;
	t->used += len;
	*number = t->count++;
	*place = *number + 1;
	return true;
}

void
texts_clear(struct texts *t)
{
	if (t->slots != NULL)
		memset(t->slots, 0, 2 * (size_t)t->cap * sizeof(*t->slots));
	t->count = 0;
	t->used = 0;
}
