/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "handle.h"
#include "leased.h"

#define PATIENCE 5000 /* ms */
#define USES 1000000  /* of each lease, at least: more than in a second */

struct leased {
	struct keyd *handle;
	const struct bulletin *page;
	struct span permission;
	struct reply_verdict verdict;
};

static void
ask(struct leased *l, struct client *c, const char *permission)
{
	struct request req = { .type = FRAME_VERIFY };
	struct mint_digest digest;
	struct reply rep;

	mint_digest(0, &digest);
	memcpy(req.verify.digest, digest.bytes, sizeof(digest.bytes));
	snprintf(req.verify.permission, sizeof(req.verify.permission), "%s",
	    permission);
	req.verify.lease = (struct lease_wish){ .wanted = true, .uses = 1 };
	if (client_ask(c, &req, &rep, client_deadline(PATIENCE), NULL, NULL) !=
		KEYD_OK ||
	    rep.verdict.code != VERDICT_OK || rep.verdict.lease.us == 0)
		errx(1, "keyd gives no lease");
	l->verdict = rep.verdict;
	l->verdict.lease.id = 0; /* nothing is reported of it */
	l->verdict.lease.us = LEASE_US_MAX;
	l->verdict.lease.uses = USES;
}

struct leased *
leased_new(struct keyd *handle, const char *permission)
{
	struct leased *l = calloc(1, sizeof(*l));
	struct loan loan;

	if (l == NULL)
		err(1, "calloc");
	l->handle = handle;
	l->permission =
	    (struct span){ (const uint8_t *)permission, strlen(permission) };
	if (pool_take(&handle->pool, handle->runtime_dir,
		client_deadline(PATIENCE), &loan) != KEYD_OK)
		errx(1, "no connection to keyd");
	if ((l->page = client_page(loan.client)) == NULL)
		errx(1, "keyd shares no page");
	ask(l, loan.client, permission);
	pool_return(&handle->pool, &loan);
	return l;
}

void
leased_free(struct leased *l)
{
	free(l);
}

/* A lease that is larger takes the place of the one before. */
void
leased_fill(struct leased *l, const struct mint_token *tokens, size_t count)
{
	int64_t now = cache_now();
	struct cache_tag tag;

	l->verdict.lease.uses++;
	for (size_t i = 0; i < count; i++) {
		const char *text = tokens[i].text;

		cache_tag(l->handle->cache,
		    (struct span){ (const uint8_t *)text, strlen(text) },
		    l->permission, &tag);
		cache_keep(l->handle->cache, &tag, now, l->page, &l->verdict);
	}
}
