/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "verdict.h"

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), #a " is " #b)

/* The interface and the protocol are kept apart, and must agree. */
SAME(KEYD_ID_SIZE, KEY_ID_SIZE);
SAME(KEYD_ORG_SIZE, ORG_SIZE);
SAME(KEYD_USER_SIZE, USER_SIZE);
SAME(KEYD_NAME_SIZE, NAME_SIZE);
SAME(KEYD_PROJECT_SIZE, PROJECT_SIZE);
SAME(KEYD_ROLE_SIZE, ROLE_SIZE);
SAME(KEYD_CONTEXT_SIZE, CONTEXT_SIZE);
SAME(KEYD_PERMISSION_SIZE, PERMISSION_SIZE);
SAME(KEYD_PERMISSIONS_SIZE, PERMISSIONS_SIZE);
SAME(KEYD_MESSAGE_SIZE, MESSAGE_SIZE);
SAME(KEYD_OK, VERDICT_OK);
SAME(KEYD_UNKNOWN, VERDICT_UNKNOWN);
SAME(KEYD_REVOKED, VERDICT_REVOKED);
SAME(KEYD_EXPIRED, VERDICT_EXPIRED);
SAME(KEYD_WRONG_ORG, VERDICT_WRONG_ORG);
SAME(KEYD_FORBIDDEN, VERDICT_FORBIDDEN);
SAME(KEYD_RATE_LIMITED, VERDICT_RATE_LIMITED);

bool
verdict_room(const struct keyd_verdict *v)
{
	return v == NULL || v->size >= offsetof(struct keyd_verdict, key_id);
}

void
verdict_deny(struct keyd_verdict *v)
{
	v->status = KEYD_EINVAL;
	v->http_status = keyd_http_status(KEYD_EINVAL);
}

static enum keyd_status
status_of(uint8_t code)
{
	switch (code) {
	case VERDICT_OK:
	case VERDICT_UNKNOWN:
	case VERDICT_REVOKED:
	case VERDICT_EXPIRED:
	case VERDICT_WRONG_ORG:
	case VERDICT_FORBIDDEN:
	case VERDICT_RATE_LIMITED:
		return (enum keyd_status)code;
	default:
		return KEYD_EPROTOCOL;
	}
}

enum keyd_status
verdict_fill(struct keyd_verdict *v, const struct reply_verdict *a)
{
	enum keyd_status status = status_of(a->code);

	if (status == KEYD_EPROTOCOL)
		return status;
	v->retry_after = a->retry_after;
	v->rate_limit = a->limit;
	v->rate_remaining = a->remaining;
	v->rate_reset = a->reset;
	v->expires = a->expires;
	memcpy(v->key_id, a->id, sizeof(v->key_id));
	memcpy(v->org, a->org, sizeof(v->org));
	memcpy(v->user, a->user, sizeof(v->user));
	memcpy(v->name, a->name, sizeof(v->name));
	memcpy(v->project, a->project, sizeof(v->project));
	return status;
}

void
verdict_settle(struct keyd_verdict *v, enum keyd_status status)
{
	v->status = status;
	v->http_status = keyd_http_status(status);
	if (v->http_status != 429 && v->http_status != 503)
		v->retry_after = 0;
	else if (v->retry_after == 0)
		v->retry_after = 1;
}

void
verdict_give(struct keyd_verdict *out, struct keyd_verdict *v,
    enum keyd_status status)
{
	if (out == NULL)
		return;
	v->size = out->size;
	verdict_settle(v, status);
	memcpy(out, v, out->size < sizeof(*v) ? out->size : sizeof(*v));
}
