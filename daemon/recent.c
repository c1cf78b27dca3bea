/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "recent.h"

struct recent {
	uint8_t key[crypto_shorthash_siphashx24_KEYBYTES];
	struct recent_entry entries[RECENT_SIZE];
};

_Static_assert(sizeof(((struct recent_entry *)0)->tag) ==
	crypto_shorthash_siphashx24_BYTES,
    "a tag's size");

struct recent *
recent_new(void)
{
	struct recent *r = calloc(1, sizeof(*r));

	if (r != NULL)
		randombytes_buf(r->key, sizeof(r->key));
	return r;
}

void
recent_free(struct recent *r)
{
	if (r == NULL)
		return;
	sodium_memzero(r, sizeof(*r));
	free(r);
}

struct recent_entry *
recent_look(struct recent *r, const uint8_t digest[DIGEST_SIZE],
    uint64_t version, bool *found)
{
	uint8_t tag[sizeof(r->entries[0].tag)];
	struct recent_entry *e;
	uint32_t at;

	crypto_shorthash_siphashx24(tag, digest, DIGEST_SIZE, r->key);
	memcpy(&at, tag, sizeof(at));
	e = &r->entries[at % RECENT_SIZE];
	*found = e->version == version && crypto_verify_16(e->tag, tag) == 0;
	if (!*found) {
		e->version = 0;
		memcpy(e->tag, tag, sizeof(tag));
	}
	return e;
}

void
recent_keep(struct recent_entry *e, uint64_t version)
{
	e->version = version;
}

void
recent_clear(struct recent *r)
{
	for (size_t i = 0; i < RECENT_SIZE; i++)
		r->entries[i].version = 0;
}
