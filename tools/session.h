/* SPDX-License-Identifier: ISC */
/*
 * session.h - a command's talk with keyd.
 *
 * Connects when first needed.  A request that may be repeated is asked again
 * on a new connection until the deadline when its answer was lost; one that
 * may not is never sent twice.
 */
#ifndef KEYDCTL_SESSION_H
#define KEYDCTL_SESSION_H

#include "client.h"
#include "cmd.h"

struct session {
	const struct call *call;
	const char *socket_name;
	struct client *client;
	bool met;               /* there was a connection */
	char why[MESSAGE_SIZE]; /* of the last failure */
};

struct session session_new(const struct call *call, const char *socket_name);
/* Between requests, such as before a person is asked: the next one connects
   anew.  Also at the end. */
void session_close(struct session *s);

/* Connects, unless it is connected. */
enum keyd_status session_open(struct session *s);

/* The answer is of the request's type, and lives until the next call.  A
   change that keyd may or may not have made is KEYD_EOUTCOME. */
enum keyd_status session_ask(struct session *s, const struct request *req,
    struct reply *rep);

/* Says what failed and what to do; returns what to exit with. */
int session_fail(const struct session *s, enum keyd_status status);

/* session_ask and, when it failed, session_fail. */
int session_get(struct session *s, const struct request *req,
    struct reply *rep);

#endif /* KEYDCTL_SESSION_H */
