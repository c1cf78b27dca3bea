/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "revoker.h"

#define REVOKERS 8 /* threads */
#define AHEAD 4    /* keys that a revoker keeps live */
#define LIE_EVERY 10
#define LIE_US 2000
#define NAP_US 1000

struct revoker {
	const struct revokers *all;
	struct keyd *handle;
	int first;
};

/* Whether to try again; what else can go wrong does not, in a storm. */
static bool
again(enum keyd_status status, const char *what, const char *why)
{
	if (status == KEYD_OK)
		return false;
	if (status != KEYD_EUNAVAILABLE && status != KEYD_ETIMEOUT &&
	    status != KEYD_EBUSY && status != KEYD_EOUTCOME)
		errx(1, "%s: %s: %s", what, keyd_strerror(status), why);
	usleep(NAP_US);
	return true;
}

/* The token of a create that may have been carried out is lost, so that the
   next one is for another key. */
static void
make(const struct revoker *r, int at)
{
	struct board *b = r->all->board;
	struct keyd_key_options o = KEYD_KEY_OPTIONS_INIT;
	struct keyd_key key = KEYD_KEY_INIT;
	struct key *k = &b->key[at];
	enum keyd_status status;
	char name[32];
	int try = 0;

	o.org = r->all->org;
	o.user = r->all->user;
	o.name = name;
	do {
		snprintf(name, sizeof(name), "storm %d.%d", at, try++);
		status = keyd_create(r->handle, &o, k->token, sizeof(k->token),
		    &key);
		if (status != KEYD_OK)
			atomic_fetch_add(&b->unknown, 1);
	} while (again(status, "create", key.message));
	if (r->all->tokens != NULL)
		fprintf(r->all->tokens, "%s\n", k->token);
	memcpy(k->id, key.id, sizeof(key.id));
	board_set(k, LIVE);
	if (atomic_load(&b->newest) < at)
		atomic_store(&b->newest, at);
}

static enum key_state
tell(const struct revoker *r, int at)
{
	if (at % LIE_EVERY != 0 || r->all->lie == NONE)
		return REVOKING;
	return r->all->lie == EARLY ? REVOKED
	    : r->all->lie == FIRST  ? REFUSED
				    : LIVE;
}

static void
take_back(const struct revoker *r, int at)
{
	struct key *k = &r->all->board->key[at];
	enum key_state told = tell(r, at);

	board_set(k, told);
	if (told != REVOKING && told != LIVE)
		usleep(LIE_US);
	while (again(keyd_revoke(r->handle, k->id, "storm"), "revoke", k->id))
		;
	if (told == LIVE)
		usleep(LIE_US);
	board_set(k, REVOKED);
	atomic_fetch_add(&r->all->board->revoked, 1);
}

/* So that keys are revoked all the while, and not all at the beginning. */
static void
wait_for_verifies(const struct revokers *r, int at)
{
	uint64_t due = r->verifies / (uint64_t)r->keys * (uint64_t)at;

	while (board_sum(r->board).remembered < due)
		usleep(NAP_US);
}

/* Makes the keys first, first + REVOKERS, ...; revokes each AHEAD later. */
static void *
revoke_all(void *arg)
{
	struct revoker *r = arg;
	int old, at;

	for (at = r->first; (old = at - AHEAD * REVOKERS) < r->all->keys;
	     at += REVOKERS) {
		if (old >= 0) {
			wait_for_verifies(r->all, old);
			take_back(r, old);
		}
		if (at < r->all->keys)
			make(r, at);
	}
	return NULL;
}

void
revokers_run(const struct revokers *all)
{
	struct revoker r[REVOKERS];
	pthread_t thread[REVOKERS];
	struct keyd *handle;

	if (keyd_open(all->options, &handle) != KEYD_OK)
		errx(1, "keyd_open");
	for (int i = 0; i < REVOKERS; i++) {
		r[i] = (struct revoker){ all, handle, i };
		if (pthread_create(&thread[i], NULL, revoke_all, &r[i]) != 0)
			errx(1, "pthread_create");
	}
	for (int i = 0; i < REVOKERS; i++)
		pthread_join(thread[i], NULL);
	keyd_close(handle);
}
