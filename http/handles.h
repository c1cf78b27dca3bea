/* SPDX-License-Identifier: ISC */
/*
 * handles.h - handles of libkeyd, one for each org that a server insists on.
 *
 * The org is part of a handle's settings.  Servers name few; should a client
 * have found a way to name them, those over the bound get one for a call only.
 * Any thread.
 */
#ifndef KEYD_HTTP_HANDLES_H
#define KEYD_HTTP_HANDLES_H

#include <pthread.h>
#include <stdbool.h>

#include "keyd.h"

#define HANDLES_MAX 64 /* kept, each with its connections to keyd */

struct handles {
	const char *runtime_dir;
	pthread_mutex_t lock;
	unsigned count;
	char orgs[HANDLES_MAX][KEYD_ORG_SIZE];
	struct keyd *all[HANDLES_MAX];
};

/* The first is the one without an org. */
enum keyd_status handles_init(struct handles *hs, const char *runtime_dir);
void handles_free(struct handles *hs);

/* org: "" for any.  KEYD_EINVAL for one that cannot be.  Then give it back. */
enum keyd_status handles_take(struct handles *hs, const char *org,
    struct keyd **handle, bool *kept);
void handles_return(struct keyd *handle, bool kept);

#endif /* KEYD_HTTP_HANDLES_H */
