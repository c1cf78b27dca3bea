/* SPDX-License-Identifier: ISC */
#include <string.h>

#include <sodium.h>

#include "permission.h"
#include "question.h"
#include "token.h"
#include "verdict.h"

/* What is too long or too short for a permission has no verdicts: "" stands for
   none being asked for, which is said by NULL. */
static bool
permission_span(const struct question *q, struct span *s)
{
	const char *text = q->permission;

	*s = (struct span){ (const uint8_t *)"", 0 };
	if (text == NULL)
		return true;
	*s = (struct span){ (const uint8_t *)text,
		strnlen(text, PERMISSION_SIZE) };
	return s->len > 0 && s->len < PERMISSION_SIZE;
}

bool
question_known(struct question *q, enum keyd_status *status,
    struct keyd_verdict *v)
{
	struct cache *c = q->handle->cache;
	struct span permission;

	q->tag.good = false;
	if (c == NULL || !permission_span(q, &permission))
		return false;
	cache_tag(c, q->text, permission, &q->tag);
	if (!q->tag.good || !cache_look(c, &q->tag, cache_now(), status, v))
		return false;
	v->status = *status;
	v->http_status = keyd_http_status(*status);
	return true;
}

enum keyd_status
question_check(const struct question *q)
{
	if (!format_possible(q->text))
		return KEYD_MALFORMED;
	if (q->permission != NULL && !permission_ok(q->permission))
		return KEYD_EPERMISSION;
	return KEYD_OK;
}

void
question_digest(struct question *q)
{
	token_digest((const char *)q->text.ptr, q->text.len, q->digest);
}

void
question_wipe(struct question *q)
{
	sodium_memzero(q->digest, sizeof(q->digest));
}

void
question_put(struct question *q, const struct bulletin *page,
    struct request *req)
{
	*req = (struct request){ .type = FRAME_VERIFY };
	memcpy(req->verify.digest, q->digest, sizeof(q->digest));
	if (q->permission != NULL)
		strcpy(req->verify.permission, q->permission);
	strcpy(req->verify.org, q->handle->org);
	req->verify.details = q->details;
	if (page == NULL || !q->tag.good)
		return;
	q->asked = cache_now();
	cache_wish(q->handle->cache, &q->tag, q->asked, &req->verify.lease);
}

enum keyd_status
question_take(const struct question *q, const struct bulletin *page,
    enum keyd_status status, const struct reply *rep, struct keyd_verdict *v)
{
	if (status == KEYD_OK) {
		if (q->tag.good && page != NULL)
			cache_keep(q->handle->cache, &q->tag, q->asked, page,
			    &rep->verdict);
		return verdict_fill(v, &rep->verdict);
	}
	if (rep->type == FRAME_ERROR)
		v->retry_after = rep->error.retry_after;
	return status;
}
