/* SPDX-License-Identifier: ISC */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "handle.h"
#include "last_report.h"

#define DEADLINE 250         /* ms */
#define CHANGE_DEADLINE 5000 /* ms */

static _Atomic(struct keyd *) shared;

bool
handle_options(void *dst, size_t size, const void *src, size_t least)
{
	size_t given;

	memcpy(&given, src, sizeof(given));
	if (given < least)
		return false;
	memset(dst, 0, size);
	memcpy(dst, src, given < size ? given : size);
	return true;
}

/* A slug: [a-z0-9][a-z0-9-]*. */
static bool
is_slug(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len = strnlen(text, ORG_SIZE);

	return len > 0 && len < ORG_SIZE && text[0] != '-' &&
	    strspn(text, allowed) == len;
}

static enum keyd_status
set_up(struct keyd *h, const struct keyd_options *o)
{
	const char *dir;
	enum keyd_status status;

	if ((status = client_runtime_dir(o->runtime_dir, &dir)) != KEYD_OK)
		return status;
	strcpy(h->runtime_dir, dir);
	if (o->org != NULL) {
		if (!is_slug(o->org))
			return KEYD_EINVAL;
		strcpy(h->org, o->org);
	}
	h->deadline_ms = o->deadline_ms != 0 ? o->deadline_ms : DEADLINE;
	h->change_deadline_ms = o->change_deadline_ms != 0
	    ? o->change_deadline_ms
	    : CHANGE_DEADLINE;
	return pool_init(&h->pool) ? KEYD_OK : KEYD_ENOMEM;
}

static enum keyd_status
set_up_cache(struct keyd *h, unsigned entries)
{
	if (entries == KEYD_CACHE_NONE)
		return KEYD_OK;
	h->cache = cache_new(entries != 0 ? entries : CACHE_ENTRIES);
	return h->cache != NULL ? KEYD_OK : KEYD_ENOMEM;
}

static void
tear_down(struct keyd *h)
{
	last_report(h);
	pool_free(&h->pool);
	cache_free(h->cache);
	format_free(&h->formats);
	free(h);
}

static enum keyd_status
open_handle(const struct keyd_options *options, struct keyd **handle)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	enum keyd_status status;

	if (options != NULL &&
	    !handle_options(&o, sizeof(o), options, sizeof(o.size)))
		return KEYD_EINVAL;
	if ((*handle = calloc(1, sizeof(**handle))) == NULL)
		return KEYD_ENOMEM;
	if ((status = set_up(*handle, &o)) != KEYD_OK) {
		free(*handle);
		*handle = NULL;
		return status;
	}
	if ((status = set_up_cache(*handle, o.cache_size)) != KEYD_OK) {
		tear_down(*handle);
		*handle = NULL;
	}
	return status;
}

enum keyd_status
keyd_open(const struct keyd_options *options, struct keyd **handle)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;

	if (handle != NULL) {
		*handle = NULL;
		status = open_handle(options, handle);
	}
	guest_leave(g);
	return status;
}

void
keyd_close(struct keyd *handle)
{
	struct guest g = guest_enter();

	if (handle != NULL)
		tear_down(handle);
	guest_leave(g);
}

struct keyd *
handle_made(void)
{
	return atomic_load_explicit(&shared, memory_order_acquire);
}

/*
 * Threads that come first at once each make one, and all but one are thrown
 * away: nobody waits, so nobody waits for ever in a child of a fork.
 */
enum keyd_status
handle_default(struct keyd **handle)
{
	struct keyd *none = NULL;
	enum keyd_status status;

	if ((*handle = atomic_load(&shared)) != NULL)
		return KEYD_OK;
	if ((status = keyd_open(NULL, handle)) != KEYD_OK)
		return status;
	if (!atomic_compare_exchange_strong(&shared, &none, *handle)) {
		keyd_close(*handle);
		*handle = none;
	}
	return KEYD_OK;
}
