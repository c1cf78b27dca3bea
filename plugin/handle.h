/* SPDX-License-Identifier: ISC */
/*
 * handle.h - the settings of a caller, and what it keeps between calls.
 *
 * Settings do not change after keyd_open; the rest is atomic, so threads share
 * a handle without a lock.
 */
#ifndef KEYD_HANDLE_H
#define KEYD_HANDLE_H

#include <sys/un.h>

#include "cache.h"
#include "format.h"
#include "keyd.h"
#include "model.h"
#include "pool.h"

struct keyd {
	char runtime_dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char org[ORG_SIZE];
	unsigned deadline_ms;
	unsigned change_deadline_ms;
	struct pool pool;
	struct cache *cache; /* NULL: none is wanted */
	struct formats formats;
};

/* The same, if there is one yet: else NULL. */
struct keyd *handle_made(void);

/* The one of the calls without a handle, made at the first of them. */
enum keyd_status handle_default(struct keyd **handle);

/* The bytes of an options struct that both caller and library know, the rest
   zero.  False when the caller's is too small to be one, under least. */
bool handle_options(void *dst, size_t size, const void *src, size_t least);

#endif /* KEYD_HANDLE_H */
