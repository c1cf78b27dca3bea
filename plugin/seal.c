/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "seal.h"
#include "token.h"

struct seal {
	uint8_t key[crypto_secretbox_KEYBYTES];
	uint8_t open[TOKEN_FOREIGN_MAX + 1];
};

struct sealed {
	size_t len; /* of the token */
	uint8_t nonce[crypto_secretbox_NONCEBYTES];
	uint8_t box[];
};

struct seal *
seal_new(void)
{
	struct seal *s;

	if (sodium_init() < 0 || (s = sodium_malloc(sizeof(*s))) == NULL)
		return NULL;
	crypto_secretbox_keygen(s->key);
	seal_shut(s);
	return s;
}

void
seal_free(struct seal *s)
{
	sodium_free(s);
}

struct sealed *
seal_token(const struct seal *s, const char *token)
{
	size_t len = strnlen(token, TOKEN_FOREIGN_MAX + 1);
	struct sealed *box;

	if (len > TOKEN_FOREIGN_MAX)
		return NULL;
	box = malloc(sizeof(*box) + crypto_secretbox_MACBYTES + len);
	if (box == NULL)
		return NULL;
	box->len = len;
	randombytes_buf(box->nonce, sizeof(box->nonce));
	crypto_secretbox_easy(box->box, (const uint8_t *)token, len, box->nonce,
	    s->key);
	return box;
}

void
sealed_free(struct sealed *box)
{
	if (box != NULL)
		sodium_memzero(box,
		    sizeof(*box) + crypto_secretbox_MACBYTES + box->len);
	free(box);
}

const char *
seal_open(struct seal *s, const struct sealed *box)
{
	if (crypto_secretbox_open_easy(s->open, box->box,
		crypto_secretbox_MACBYTES + box->len, box->nonce,
		s->key) != 0) {
		seal_shut(s);
		return NULL;
	}
	s->open[box->len] = '\0';
	return (const char *)s->open;
}

void
seal_shut(struct seal *s)
{
	sodium_memzero(s->open, sizeof(s->open));
}
