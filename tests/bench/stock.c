/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "library.h"
#include "stock.h"

#define FILL_MAX INT64_C(120000000000) /* ns */

void
stock_open(struct stock *s, const char *runtime_dir, const char *org,
    const char *user, size_t room)
{
	*s = (struct stock){ .org = org, .user = user, .limit = room };
	s->handle = bench_handle(runtime_dir, false);
	if (getrandom(&s->run, sizeof(s->run), 0) != sizeof(s->run))
		err(1, "getrandom");
	s->token = calloc(room, sizeof(*s->token));
	s->id = calloc(room, sizeof(*s->id));
	if (s->token == NULL || s->id == NULL)
		err(1, "calloc");
}

void
stock_close(struct stock *s)
{
	keyd_close(s->handle);
	free(s->token);
	free(s->id);
}

size_t
stock_made(struct stock *s)
{
	size_t begun = atomic_load(&s->begun);

	return begun < s->limit ? begun : s->limit;
}

void
stock_fill(struct stock *s, size_t count)
{
	const struct load make = { .once = stock_make, .state = s };
	size_t room = s->limit;

	s->limit = count;
	bench_run(&make, count < CLIENTS_MAX ? 1 : CLIENTS_MAX, FILL_MAX);
	if (stock_made(s) < count)
		errx(1, "%zu keys took too long to make", count);
	atomic_store(&s->begun, count);
	s->limit = room;
}

bool
stock_make(void *stock, unsigned client)
{
	struct stock *s = stock;
	struct keyd_key_options o = KEYD_KEY_OPTIONS_INIT;
	struct keyd_key made = KEYD_KEY_INIT;
	size_t at = atomic_fetch_add(&s->begun, 1);
	char name[32];

	(void)client;
	if (at >= s->limit)
		return false;
	snprintf(name, sizeof(name), "%08x-%08zu", s->run, at);
	o.org = s->org;
	o.user = s->user;
	o.name = name;
	if (keyd_create(s->handle, &o, s->token[at], sizeof(s->token[at]),
		&made) != KEYD_OK)
		errx(1, "create: %s", made.message);
	snprintf(s->id[at], sizeof(s->id[at]), "%s", made.id);
	return true;
}

bool
stock_revoke(void *stock, unsigned client)
{
	struct stock *s = stock;
	size_t at = atomic_fetch_add(&s->revoking, 1);
	enum keyd_status status;

	(void)client;
	if (at >= stock_made(s))
		return false;
	if ((status = keyd_revoke(s->handle, s->id[at], NULL)) != KEYD_OK)
		errx(1, "revoke: %s", keyd_strerror(status));
	return true;
}
