/* SPDX-License-Identifier: ISC */
#include <string.h>

#include <sodium.h>

#include "bearer.h"
#include "guest.h"
#include "handle.h"
#include "permission.h"
#include "token.h"
#include "verdict.h"

/* One question, while it is answered. */
struct question {
	struct keyd *handle;
	struct span text;
	const char *permission;
	int64_t deadline;
	struct loan loan;
	struct keyd_verdict verdict;
};

static bool
fits(const struct question *q, const struct format *f)
{
	return f != NULL && format_fits(f->prefix, f->foreign, q->text);
}

static bool
fits_welcome(const struct question *q)
{
	const struct reply_welcome *w = client_welcome(q->loan.client);

	return format_fits(w->prefix, w->foreign, q->text);
}

static enum keyd_status
open_new(struct question *q)
{
	struct keyd *h = q->handle;
	enum keyd_status status;

	status = pool_open(&h->pool, h->runtime_dir, q->deadline, &q->loan);
	if (status == KEYD_OK)
		format_learn(&h->formats, client_welcome(q->loan.client));
	return status;
}

/*
 * Format, then a connection.  No connection is needed to refuse a text, once
 * keyd has said what its tokens look like; only, now and then, to see whether
 * it still says so.
 */
static enum keyd_status
reach(struct question *q)
{
	struct keyd *h = q->handle;
	const struct format *known = atomic_load(&h->formats.now);
	enum keyd_status status;

	if (known != NULL && !fits(q, known)) {
		if (!format_stale(&h->formats) || open_new(q) != KEYD_OK)
			return KEYD_MALFORMED;
		return fits_welcome(q) ? KEYD_OK : KEYD_MALFORMED;
	}
	status = pool_take(&h->pool, h->runtime_dir, q->deadline, &q->loan);
	if (status != KEYD_OK)
		return status;
	if (!q->loan.kept)
		format_learn(&h->formats, client_welcome(q->loan.client));
	return known != NULL || fits_welcome(q) ? KEYD_OK : KEYD_MALFORMED;
}

/*
 * A verify may spend from the key's limit, so one that keyd may have seen is
 * never sent again.  The only reason to ask twice is a kept connection that
 * keyd closed before this request came: then nothing was spent.
 */
static enum keyd_status
ask(struct question *q, const struct request *req, struct reply *rep)
{
	enum keyd_status status;
	bool sent;

	status = client_ask(q->loan.client, req, rep, q->deadline, &sent, NULL);
	if (sent || !q->loan.kept || client_usable(q->loan.client))
		return status;
	pool_return(&q->handle->pool, &q->loan);
	if ((status = open_new(q)) != KEYD_OK)
		return status;
	return client_ask(q->loan.client, req, rep, q->deadline, NULL, NULL);
}

static enum keyd_status
ask_digest(struct question *q)
{
	struct request req = { .type = FRAME_VERIFY };
	struct reply rep;
	enum keyd_status status;

	rep.type = 0;
	token_digest((const char *)q->text.ptr, q->text.len, req.verify.digest);
	if (q->permission != NULL)
		strcpy(req.verify.permission, q->permission);
	strcpy(req.verify.org, q->handle->org);
	status = ask(q, &req, &rep);
	sodium_memzero(req.verify.digest, sizeof(req.verify.digest));
	if (status == KEYD_OK)
		return verdict_fill(&q->verdict, &rep.verdict);
	if (rep.type == FRAME_ERROR)
		q->verdict.retry_after = rep.error.retry_after;
	return status;
}

/* A cache of verdicts would be asked between the format and the digest. */
static enum keyd_status
decide(struct question *q)
{
	enum keyd_status status;

	if (!format_possible(q->text))
		return KEYD_MALFORMED;
	if (q->permission != NULL && !permission_ok(q->permission))
		return KEYD_EPERMISSION;
	q->deadline = client_deadline(q->handle->deadline_ms);
	if ((status = reach(q)) == KEYD_OK)
		status = ask_digest(q);
	pool_return(&q->handle->pool, &q->loan);
	return status;
}

/* found: what came of looking for a token in what the caller has. */
static enum keyd_status
answer(struct keyd *handle, bool needs_default, enum keyd_status found,
    struct span text, const char *permission, struct keyd_verdict *verdict)
{
	struct question q = { .handle = handle,
		.text = text,
		.permission = permission,
		.loan = { .slot = POOL_SLOTS } };
	struct guest g = guest_enter();

	if (!verdict_room(verdict)) {
		verdict_deny(verdict);
		guest_leave(g);
		return KEYD_EINVAL;
	}
	if (found == KEYD_OK && needs_default)
		found = handle_default(&q.handle);
	else if (!needs_default && handle == NULL)
		found = KEYD_EINVAL;
	if (found == KEYD_OK)
		found = decide(&q);
	verdict_give(verdict, &q.verdict, found);
	guest_leave(g);
	return found;
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

	return answer(NULL, true, found, text, permission, verdict);
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

	return answer(NULL, true, found, text, permission, verdict);
}

enum keyd_status
keyd_verify_bearer_with(struct keyd *handle, const char *authorization,
    const char *permission, struct keyd_verdict *verdict)
{
	struct span text;
	enum keyd_status found = bearer_parse(authorization, &text);

	return answer(handle, false, found, text, permission, verdict);
}
