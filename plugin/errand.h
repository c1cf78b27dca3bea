/* SPDX-License-Identifier: ISC */
/*
 * errand.h - a change, or a look, asked of keyd until its outcome is known.
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
	const char *socket_name; /* CLIENT_ADMIN by errand_begin */
	unsigned deadline_ms;
	bool reads;       /* it changes nothing, so no outcome can be unknown */
	int64_t deadline; /* 0: it begins to count with the next step */
	struct client *client;
	struct request req;
	struct reply rep; /* of errand_run; its spans live until errand_end */
	char why[MESSAGE_SIZE];
};

/* Then set req. */
void errand_begin(struct errand *e, const struct keyd *h);
/* To the socket, unless it is connected.  errand_run does it too. */
enum keyd_status errand_connect(struct errand *e);
enum keyd_status errand_run(struct errand *e);
void errand_end(struct errand *e);

#endif /* KEYD_ERRAND_H */
