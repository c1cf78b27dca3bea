/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <munge.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bench.h"
#include "credentials.h"

#define CREDENTIALS 256

static char *credential[CREDENTIALS];
static munge_ctx_t context[CLIENTS_MAX]; /* one for each thread */
static atomic_uint next;

static munge_ctx_t
open_context(const char *socket)
{
	munge_ctx_t c = munge_ctx_create();

	if (c == NULL ||
	    munge_ctx_set(c, MUNGE_OPT_SOCKET, socket) != EMUNGE_SUCCESS ||
	    munge_ctx_set(c, MUNGE_OPT_TTL, MUNGE_TTL_MAXIMUM) !=
		EMUNGE_SUCCESS)
		errx(1, "no context of munge");
	return c;
}

void
credentials_open(const char *socket)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		context[i] = open_context(socket);
	for (int i = 0; i < CREDENTIALS; i++)
		if (munge_encode(&credential[i], context[0], NULL, 0) !=
		    EMUNGE_SUCCESS)
			errx(1, "munge: %s", munge_ctx_strerror(context[0]));
}

void
credentials_close(void)
{
	for (int i = 0; i < CLIENTS_MAX; i++)
		munge_ctx_destroy(context[i]);
	for (int i = 0; i < CREDENTIALS; i++)
		free(credential[i]);
}

/* munged finds out that it decodes one again when all else is done. */
bool
credentials_decode(void *state, unsigned client)
{
	unsigned at = atomic_fetch_add(&next, 1) % CREDENTIALS;
	munge_err_t e;
	uid_t uid;

	(void)state;
	e = munge_decode(credential[at], context[client], NULL, NULL, &uid,
	    NULL);
	if (e != EMUNGE_SUCCESS && e != EMUNGE_CRED_REPLAYED)
		errx(1, "munge: %s", munge_strerror(e));
	return true;
}
