/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "names.h"
#include "witness.h"

/* Whole characters: the rest of one that was cut goes too. */
static void
cut(char *text, size_t len)
{
	size_t end = len;

	while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)text[end - 1] >= 0xc0)
		end--;
	text[end] = '\0';
}

__attribute__((format(printf, 2, 0))) static void
set_detail(struct event *e, const char *fmt, va_list ap)
{
	int n = vsnprintf(e->detail, sizeof(e->detail), fmt, ap);

	if (n >= (int)sizeof(e->detail))
		cut(e->detail, sizeof(e->detail) - 1);
}

__attribute__((format(printf, 2, 3))) static void
detail(struct event *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_detail(e, fmt, ap);
	va_end(ap);
}

static void
name(struct event *e, const char *org, const char *user)
{
	strlcpy(e->org, org, sizeof(e->org));
	strlcpy(e->user, user, sizeof(e->user));
}

static void
see_org(struct event *e, const struct request_org *q)
{
	name(e, q->slug, "");
	if (q->rate != 0)
		detail(e, "%s%s%u per minute, %u at once", q->plan,
		    q->plan[0] != '\0' ? ", " : "", q->rate, q->burst);
	else
		detail(e, "%s", q->plan);
}

static void
see_member(struct event *e, const struct request_member *q)
{
	name(e, q->org, q->user);
	detail(e, "%s%s%s", q->role,
	    q->role[0] != '\0' && q->revoke_keys ? ", " : "",
	    q->revoke_keys ? "keys revoked" : "");
}

/* The reason may be cut, but not what was chosen. */
static void
see_revoke_all(struct event *e, const struct request_revoke_all *q)
{
	name(e, q->org, q->user);
	if (q->unused_since != 0)
		detail(e, "not used for %" PRId64 " s%s%s",
		    e->when - q->unused_since, q->reason[0] != '\0' ? ": " : "",
		    q->reason);
	else
		detail(e, "%s", q->reason);
}

/* One that is named, if there is such a key or not. */
static void
see_id(struct event *e, const char *id)
{
	strlcpy(e->id[0], id, sizeof(e->id[0]));
	e->ids = name_is_key_id(id);
}

static void
see_rotate(struct event *e, const struct request_rotate *q)
{
	see_id(e, q->id);
	if (q->has_grace)
		detail(e, "the old one ends after %u s", q->grace);
}

void
witness_begin(struct event *e, const struct request *req,
    const struct peer *peer, int64_t now)
{
	*e = (struct event){ .when = now,
		.what = req->type,
		.uid = peer->uid,
		.pid = (uint32_t)peer->pid };
	switch (req->type) {
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
		see_org(e, &req->org);
		break;
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
		see_member(e, &req->member);
		break;
	case FRAME_CREATE:
		name(e, req->create.org, req->create.user);
		detail(e, "%s", req->create.name);
		break;
	case FRAME_REVOKE:
		detail(e, "%s", req->revoke.reason);
		break;
	case FRAME_REVOKE_ALL:
		see_revoke_all(e, &req->revoke_all);
		break;
	case FRAME_ROTATE:
		see_rotate(e, &req->rotate);
		break;
	case FRAME_SHOW:
		see_id(e, req->show.id);
		break;
	case FRAME_LIST:
	case FRAME_MEMBER_LIST:
		name(e, req->list.org, req->list.user);
		break;
	default:
		break;
	}
}

/* Is the entry full, or about another organization's keys? */
static bool
is_closed(const struct event *e, const struct key_info *k)
{
	return e->ids == EVENT_IDS_MAX ||
	    (e->ids > 0 && strcmp(e->org, k->org) != 0);
}

enum store_status
witness_key(const struct op_call *c, const struct key_info *k, bool changed)
{
	struct event *e = c->event;
	enum store_status rc;

	if (e == NULL)
		return STORE_OK;
	if (is_closed(e, k)) {
		if ((rc = audit_append(c->txn, e)) != STORE_OK)
			return rc;
		e->ids = 0;
		e->count = 0;
	}
	if (e->ids == 0)
		name(e, k->org, k->user);
	else if (strcmp(e->user, k->user) != 0)
		e->user[0] = '\0';
	strlcpy(e->id[e->ids++], k->id, sizeof(e->id[0]));
	e->count += changed;
	return STORE_OK;
}

void
witness_about(const struct op_call *c, const struct key_info *k)
{
	struct event *e = c->event;

	if (e == NULL)
		return;
	name(e, k->org, k->user);
	strlcpy(e->id[0], k->id, sizeof(e->id[0]));
	e->ids = 1;
}

void
witness_denied(const struct op_call *c, const struct key_info *k)
{
	if (c->event == NULL)
		return;
	witness_about(c, k);
	witness_refusal(c->event, ERROR_DENIED,
	    "a key of an organization that this process may not manage");
}

void
witness_nothing(const struct op_call *c)
{
	if (c->event != NULL)
		c->event->what = 0;
}

void
witness_count(const struct op_call *c, uint32_t count)
{
	if (c->event != NULL)
		c->event->count = count;
}

void
witness_detail(const struct op_call *c, const char *fmt, ...)
{
	va_list ap;

	if (c->event == NULL)
		return;
	va_start(ap, fmt);
	set_detail(c->event, fmt, ap);
	va_end(ap);
}

void
witness_refusal(struct event *e, enum error_code code, const char *why)
{
	e->outcome = (uint8_t)code;
	detail(e, "%s", why);
}
