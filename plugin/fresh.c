/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stddef.h>
#include <string.h>

#include "fresh.h"
#include "token.h"

bool
fresh_begin(char *token, size_t token_size, const struct keyd_key *key)
{
	if (token == NULL || token_size == 0)
		return false;
	token[0] = '\0';
	return token_size >= KEYD_TOKEN_SIZE &&
	    (key == NULL || key->size >= offsetof(struct keyd_key, id));
}

static enum keyd_status
ask(struct errand *e, char *token, uint8_t *digest)
{
	if (!token_new(e->prefix, token)) {
		strcpy(e->why, "the kernel has no randomness to give");
		return KEYD_ENOMEM;
	}
	token_digest(token, strlen(token), digest);
	return errand_run(e);
}

enum keyd_status
fresh_run(struct errand *e, char *token, uint8_t *digest)
{
	enum keyd_status status;

	if (format_prefix(&e->handle->formats, e->prefix)) {
		status = ask(e, token, digest);
		if (status != KEYD_EINVAL || !errand_prefix_refused(e))
			return status;
	}
	status = errand_meet(e);
	return status == KEYD_OK ? ask(e, token, digest) : status;
}

static void
describe(struct keyd_key *key, const struct key_info *made)
{
	key->created = made->created;
	key->expires = made->expires;
	memcpy(key->id, made->id, sizeof(made->id));
	memcpy(key->role, made->role, sizeof(key->role));
	memcpy(key->permissions, made->permissions, sizeof(key->permissions));
}

void
fresh_end(enum keyd_status status, char *token, struct keyd_key *key,
    const struct key_info *made, const char *why)
{
	struct keyd_key full = { .size = 0 };

	if (status != KEYD_OK)
		sodium_memzero(token, KEYD_TOKEN_SIZE);
	if (key == NULL)
		return;
	if (status == KEYD_OK)
		describe(&full, made);
	else
		strncpy(full.message, why, sizeof(full.message) - 1);
	full.size = key->size;
	memcpy(key, &full, full.size < sizeof(full) ? full.size : sizeof(full));
}
