/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include <sodium.h>

#include "bearer.h"
#include "guest.h"
#include "question.h"
#include "token.h"
#include "verdict.h"

/* One question, while it is answered. */
struct call {
	struct question q;
	int64_t deadline;
	struct loan loan;
	struct keyd_verdict verdict;
	struct keyd_details details;
};

static bool
fits(const struct call *c, const struct format *f)
{
	return f != NULL && format_fits(f->prefix, f->foreign, c->q.text);
}

static bool
fits_welcome(const struct call *c)
{
	const struct reply_welcome *w = client_welcome(c->loan.client);

	return format_fits(w->prefix, w->foreign, c->q.text);
}

static enum keyd_status
open_new(struct call *c)
{
	struct keyd *h = c->q.handle;
	enum keyd_status status;

	status = pool_open(&h->pool, h->runtime_dir, c->deadline, &c->loan);
	if (status == KEYD_OK)
		format_learn(&h->formats, client_welcome(c->loan.client));
	return status;
}

/*
 * Format, then a connection.  No connection is needed to refuse a text, once
 * keyd has said what its tokens look like; only, now and then, to see whether
 * it still says so.
 */
static enum keyd_status
reach(struct call *c)
{
	struct keyd *h = c->q.handle;
	const struct format *known = atomic_load(&h->formats.now);
	enum keyd_status status;

	if (known != NULL && !fits(c, known)) {
		if (!format_stale(&h->formats) || open_new(c) != KEYD_OK)
			return KEYD_MALFORMED;
		return fits_welcome(c) ? KEYD_OK : KEYD_MALFORMED;
	}
	status = pool_take(&h->pool, h->runtime_dir, c->deadline, &c->loan);
	if (status != KEYD_OK)
		return status;
	if (!c->loan.kept)
		format_learn(&h->formats, client_welcome(c->loan.client));
	return known != NULL || fits_welcome(c) ? KEYD_OK : KEYD_MALFORMED;
}

static enum keyd_status
exchange_once(struct call *c, struct reply *rep, bool *sent)
{
	struct request req;
	enum keyd_status status;

	question_put(&c->q, client_page(c->loan.client), &req);
	status = client_ask(c->loan.client, &req, rep, c->deadline, sent, NULL);
	sodium_memzero(req.verify.digest, sizeof(req.verify.digest));
	return status;
}

/*
 * A verify may spend from the key's limit, so one that keyd may have seen is
 * never sent again.  The only reason to ask twice is a connection that keyd
 * closed before this request came: then nothing was spent.  It may have been
 * kept since before keyd was restarted, or have come to one that was ending.
 */
static enum keyd_status
ask(struct call *c, struct reply *rep)
{
	enum keyd_status status;
	bool sent;

	for (unsigned tries = 1;; tries++) {
		status = exchange_once(c, rep, &sent);
		if (sent || client_usable(c->loan.client) ||
		    !client_try_again(tries, c->deadline))
			return status;
		pool_return(&c->q.handle->pool, &c->loan);
		if ((status = open_new(c)) != KEYD_OK)
			return status;
	}
}

static void
take_details(struct call *c, enum keyd_status status, const struct reply *rep)
{
	if (!c->q.details || status != KEYD_OK)
		return;
	c->details.created = rep->verdict.created;
	memcpy(c->details.permissions, rep->verdict.permissions,
	    sizeof(c->details.permissions));
}

static enum keyd_status
decide(struct call *c)
{
	struct reply rep;
	enum keyd_status status = question_check(&c->q);

	if (status != KEYD_OK)
		return status;
	rep.type = 0;
	c->deadline = client_deadline(c->q.handle->deadline_ms);
	if ((status = reach(c)) == KEYD_OK) {
		question_digest(&c->q);
		status = ask(c, &rep);
		question_wipe(&c->q);
		take_details(c, status, &rep);
		status = question_take(&c->q,
		    c->loan.client != NULL ? client_page(c->loan.client) : NULL,
		    status, &rep, &c->verdict);
	}
	pool_return(&c->q.handle->pool, &c->loan);
	return status;
}

/* found: what came of looking for a token in what the caller has. */
static enum keyd_status
ask_keyd(const struct question *q, bool needs_default, enum keyd_status found,
    struct keyd_verdict *verdict, struct keyd_details *details)
{
	struct call c = { .q = *q, .loan = { .slot = POOL_SLOTS } };
	struct guest g = guest_enter();

	if (!verdict_room(verdict)) {
		verdict_deny(verdict);
		guest_leave(g);
		return KEYD_EINVAL;
	}
	if (found == KEYD_OK && needs_default)
		found = handle_default(&c.q.handle);
	else if (!needs_default && q->handle == NULL)
		found = KEYD_EINVAL;
	if (found == KEYD_OK)
		found = decide(&c);
	verdict_give(verdict, &c.verdict, found);
	if (details != NULL) {
		c.details.size = details->size;
		memcpy(details, &c.details,
		    details->size < sizeof(c.details) ? details->size
						      : sizeof(c.details));
	}
	guest_leave(g);
	return found;
}

/* For a caller who wants no verdict, or less of it. */
static bool
known_in_part(struct question *q, enum keyd_status *status,
    struct keyd_verdict *verdict)
{
	struct keyd_verdict whole;

	if (!verdict_room(verdict) || !question_known(q, status, &whole))
		return false;
	verdict_give(verdict, &whole, *status);
	return true;
}

static inline bool
known(struct question *q, enum keyd_status *status,
    struct keyd_verdict *verdict)
{
	if (verdict != NULL && verdict->size >= sizeof(*verdict))
		return question_known(q, status, verdict);
	return known_in_part(q, status, verdict);
}

/* What is known is given without another step: the way of most calls. */
static inline __attribute__((always_inline)) enum keyd_status
answer(struct keyd *handle, bool needs_default, enum keyd_status found,
    struct span text, const char *permission, struct keyd_verdict *verdict)
{
	enum keyd_status status;
	struct question q;

	question_begin(&q, handle, text, permission);
	if (found == KEYD_OK && handle != NULL && known(&q, &status, verdict))
		return status;
	return ask_keyd(&q, needs_default, found, verdict, NULL);
}

/* No more of a text is looked at than a token can have, and a byte. */
static enum keyd_status
plain(const char *token, struct span *text)
{
	*text = (struct span){ NULL, 0 };
	if (token == NULL)
		return KEYD_MISSING;
	*text = (struct span){ (const uint8_t *)token,
		strnlen(token, TOKEN_FOREIGN_MAX + 1) };
	return KEYD_OK;
}

enum keyd_status
keyd_verify(const char *token, const char *permission,
    struct keyd_verdict *verdict)
{
	struct span text;
	enum keyd_status found = plain(token, &text);

	return answer(handle_made(), true, found, text, permission, verdict);
}

enum keyd_status
keyd_verify_with(struct keyd *handle, const char *token, const char *permission,
    struct keyd_verdict *verdict)
{
	struct span text;
	enum keyd_status found = plain(token, &text);

	return answer(handle, false, found, text, permission, verdict);
}

enum keyd_status
keyd_verify_bearer(const char *authorization, const char *permission,
    struct keyd_verdict *verdict)
{
	struct span text;
	enum keyd_status found = bearer_parse(authorization, &text);

	return answer(handle_made(), true, found, text, permission, verdict);
}

enum keyd_status
keyd_verify_bearer_with(struct keyd *handle, const char *authorization,
    const char *permission, struct keyd_verdict *verdict)
{
	struct span text;
	enum keyd_status found = bearer_parse(authorization, &text);

	return answer(handle, false, found, text, permission, verdict);
}

/* Of the two, only a verdict is kept in memory. */
enum keyd_status
keyd_verify_details(struct keyd *handle, const char *token,
    const char *permission, struct keyd_verdict *verdict,
    struct keyd_details *details)
{
	struct question q = { .handle = handle,
		.permission = permission,
		.details = true };
	enum keyd_status found = plain(token, &q.text);

	if (details == NULL ||
	    details->size < offsetof(struct keyd_details, permissions))
		return KEYD_EINVAL;
	return ask_keyd(&q, false, found, verdict, details);
}
