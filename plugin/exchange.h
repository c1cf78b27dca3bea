/* SPDX-License-Identifier: ISC */
/*
 * exchange.h - one request and its answer, on a connection that serves one at
 * a time, but for the hello that goes before the first.
 *
 * An answer is looked at only when its type, version and id are those awaited;
 * whatever else comes ends the connection.
 */
#ifndef KEYD_EXCHANGE_H
#define KEYD_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "keyd.h"
#include "reply.h"
#include "request.h"
#include "stream.h"

#define HELLO_ROOM 128 /* bytes, more than a hello of ours has */

struct line {
	struct stream stream;
	bool broken;      /* nothing more can be asked */
	bool last;        /* nothing is to be asked after the next request */
	uint32_t last_id; /* 0 is of no request: such an error ends the line */
	bool expects;     /* that a descriptor comes with the answer */
	int passed;       /* that came; -1: none */
	size_t put;       /* bytes of out */
	size_t have;      /* bytes of in */
	size_t answer;    /* of these, that were looked at last */
	uint8_t out[HELLO_ROOM + FRAME_MAX]; /* wiped once it is sent */
	uint8_t in[FRAME_MAX]; /* apart: requests may point into answers */
};

/* As client_ask; why has room for MESSAGE_SIZE bytes and errno is not kept. */
enum keyd_status exchange(struct line *l, const struct request *req,
    struct reply *rep, int64_t deadline, bool *sent, char *why);

/* A first request, and where its answer goes. */
struct greeting {
	const struct request *hello;
	struct reply *welcome;
};

/* The same, for the first request after hello, sent together with it: one wait
   instead of two.  If hello is refused, *rep is that refusal. */
enum keyd_status exchange_greeting(struct line *l, const struct greeting *g,
    const struct request *req, struct reply *rep, int64_t deadline, bool *sent,
    char *why);

/* As client_tell. */
bool exchange_tell(struct line *l, const struct request *req);

/* What an errno of the stream means, as a status and in words. */
enum keyd_status exchange_status(int e);
const char *exchange_sentence(int e);

#endif /* KEYD_EXCHANGE_H */
