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
	struct keyd *handle;
	const char *socket_name; /* CLIENT_ADMIN by errand_begin */
	unsigned deadline_ms;
	bool reads;       /* it changes nothing, so no outcome can be unknown */
	bool more;        /* another run follows on the same connection */
	int64_t deadline; /* 0: it begins to count with the next step */
	struct client *client;
	char prefix[PREFIX_SIZE]; /* of tokens in req; "": there are none */
	struct request req;
	struct reply rep; /* of errand_run; its spans live until errand_end */
	char why[MESSAGE_SIZE];
};

/* Then set req. */
void errand_begin(struct errand *e, struct keyd *h);
/* Asks keyd for the prefix of its tokens first; errand_run needs no more. */
enum keyd_status errand_meet(struct errand *e);
enum keyd_status errand_run(struct errand *e);
/* Is KEYD_EINVAL of errand_run about the prefix alone?  Then keyd has got
   another one and has not looked at req: it may be met, and asked again. */
bool errand_prefix_refused(const struct errand *e);
void errand_end(struct errand *e);

#endif /* KEYD_ERRAND_H */
