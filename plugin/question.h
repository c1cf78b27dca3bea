/* SPDX-License-Identifier: ISC */
/*
 * question.h - may this token do that?  What is sent to keyd, and what its
 * answer means, whoever waits for it: a call or an event loop.
 *
 * The text is borrowed until its digest is taken, the permission for as long
 * as there is a question.
 */
#ifndef KEYD_QUESTION_H
#define KEYD_QUESTION_H

#include <stdbool.h>

#include "cache.h"
#include "handle.h"
#include "reply.h"
#include "request.h"

struct question {
	struct keyd *handle;
	struct span text;
	const char *permission; /* NULL: any valid key */
	struct cache_tag tag;   /* good only if there is a cache */
	bool details;           /* are asked for, too */
	int64_t asked;          /* of cache_now, when the request was put */
	uint8_t digest[DIGEST_SIZE]; /* of the text; to be wiped */
};

/* What is not set here is set before it is looked at. */
static inline void
question_begin(struct question *q, struct keyd *handle, struct span text,
    const char *permission)
{
	q->handle = handle;
	q->text = text;
	q->permission = permission;
	q->tag.good = false;
	q->details = false;
}

/* A verdict from memory, and no system call.  v: all but its size is set. */
static inline bool
question_known(struct question *q, enum keyd_status *status,
    struct keyd_verdict *v)
{
	struct cache *c = q->handle->cache;

	if (c == NULL || !cache_known(c, q->text, q->permission, &q->tag, v))
		return false;
	*status = v->status;
	return true;
}

/* What needs no keyd to be refused; KEYD_OK: it is for keyd to say. */
enum keyd_status question_check(const struct question *q);

void question_digest(struct question *q);
void question_wipe(struct question *q);

/* The request, to be wiped as well.  page: of the connection. */
void question_put(struct question *q, const struct bulletin *page,
    struct request *req);

/* The verdict of an answer, which is kept for the next time, or what becomes
   of an error.  status: of the exchange. */
enum keyd_status question_take(const struct question *q,
    const struct bulletin *page, enum keyd_status status,
    const struct reply *rep, struct keyd_verdict *v);

#endif /* KEYD_QUESTION_H */
