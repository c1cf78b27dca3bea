/* SPDX-License-Identifier: ISC */
#include <string.h>

#include <sodium.h>

#include "permission.h"
#include "question.h"
#include "token.h"
#include "verdict.h"

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
