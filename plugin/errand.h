/* SPDX-License-Identifier: ISC */
/*
 * errand.h - a change asked of keyd until its outcome is known.
 *
 * keyd's changes may be asked for twice, so after a lost answer the same
 * request is sent again on a new connection, as long as the deadline lasts.
 * Then only "done" settles it: a refusal could come from what the first one
 * did.
 */
#ifndef KEYD_ERRAND_H
#define KEYD_ERRAND_H

#include "client.h"
#include "handle.h"

struct errand {
	const char *runtime_dir;
	int64_t deadline;
	struct client *client;
	struct request req;
	struct reply rep; /* of errand_run; its spans live until errand_end */
	char why[MESSAGE_SIZE];
};

/* Connects to the admin socket; then set req. */
enum keyd_status errand_begin(struct errand *e, const struct keyd *h);
enum keyd_status errand_run(struct errand *e);
void errand_end(struct errand *e); /* also after a failed begin */

#endif /* KEYD_ERRAND_H */
