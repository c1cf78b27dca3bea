/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "request.h"

/* Optional fields, since version 1.1. */
#define HELLO_PAGE 1     /* nothing in it */
#define HELLO_PREFIX 2   /* a text */
#define VERIFY_LEASE 1   /* a lease_wish */
#define VERIFY_DETAILS 2 /* nothing in it */

#define TEXT_HEAD sizeof(uint16_t)
#define WISH_HEAD (sizeof(uint32_t) + sizeof(uint8_t))
#define REPORT_SIZE (sizeof(uint64_t) + sizeof(uint32_t))

static void
hello_put(struct wire_writer *w, const struct request_hello *q)
{
	wire_put_u8(w, q->lowest);
	wire_put_u8(w, q->highest);
	wire_put_text(w, q->software);
	if (q->page)
		wire_put_optional(w, HELLO_PAGE, 0);
	if (q->prefix[0] != '\0') {
		wire_put_optional(w, HELLO_PREFIX,
		    TEXT_HEAD + strlen(q->prefix));
		wire_put_text(w, q->prefix);
	}
}

static void
hello_get(struct wire_reader *r, struct request_hello *q)
{
	q->lowest = wire_get_u8(r);
	q->highest = wire_get_u8(r);
	wire_get_text(r, q->software, sizeof(q->software));
}

static void
verify_put(struct wire_writer *w, const struct request_verify *q)
{
	wire_put_bytes(w, q->digest, sizeof(q->digest));
	wire_put_text(w, q->permission);
	wire_put_text(w, q->org);
	if (q->lease.wanted) {
		wire_put_optional(w, VERIFY_LEASE,
		    WISH_HEAD + q->lease.count * REPORT_SIZE);
		lease_wish_put(w, &q->lease);
	}
	if (q->details)
		wire_put_optional(w, VERIFY_DETAILS, 0);
}

static void
verify_get(struct wire_reader *r, struct request_verify *q)
{
	wire_get_bytes(r, q->digest, sizeof(q->digest));
	wire_get_text(r, q->permission, sizeof(q->permission));
	wire_get_text(r, q->org, sizeof(q->org));
}

static void
org_request_put(struct wire_writer *w, const struct request_org *q)
{
	wire_put_text(w, q->slug);
	wire_put_text(w, q->plan);
	wire_put_u32(w, q->rate);
	wire_put_u32(w, q->burst);
}

static void
org_request_get(struct wire_reader *r, struct request_org *q)
{
	wire_get_text(r, q->slug, sizeof(q->slug));
	wire_get_text(r, q->plan, sizeof(q->plan));
	q->rate = wire_get_u32(r);
	q->burst = wire_get_u32(r);
}

static void
member_request_put(struct wire_writer *w, const struct request_member *q)
{
	wire_put_text(w, q->org);
	wire_put_text(w, q->user);
	wire_put_text(w, q->role);
	wire_put_u8(w, q->revoke_keys);
}

static void
member_request_get(struct wire_reader *r, struct request_member *q)
{
	wire_get_text(r, q->org, sizeof(q->org));
	wire_get_text(r, q->user, sizeof(q->user));
	wire_get_text(r, q->role, sizeof(q->role));
	q->revoke_keys = wire_get_flag(r);
}

static void
create_put(struct wire_writer *w, const struct request_create *q)
{
	wire_put_u8(w, q->dry_run);
	wire_put_bytes(w, q->digest, sizeof(q->digest));
	wire_put_text(w, q->org);
	wire_put_text(w, q->user);
	wire_put_text(w, q->name);
	wire_put_text(w, q->role);
	wire_put_text(w, q->context);
	wire_put_text(w, q->project);
	wire_put_time(w, q->expires);
}

static void
create_get(struct wire_reader *r, struct request_create *q)
{
	q->dry_run = wire_get_flag(r);
	wire_get_bytes(r, q->digest, sizeof(q->digest));
	wire_get_text(r, q->org, sizeof(q->org));
	wire_get_text(r, q->user, sizeof(q->user));
	wire_get_text(r, q->name, sizeof(q->name));
	wire_get_text(r, q->role, sizeof(q->role));
	wire_get_text(r, q->context, sizeof(q->context));
	wire_get_text(r, q->project, sizeof(q->project));
	q->expires = wire_get_time(r);
}

static void
revoke_put(struct wire_writer *w, const struct request_revoke *q)
{
	wire_put_u8(w, q->dry_run);
	wire_put_u8(w, q->by);
	if (q->by == REVOKE_BY_DIGEST) {
		wire_put_bytes(w, q->digest, sizeof(q->digest));
	} else {
		wire_put_u16(w, q->count);
		wire_put_bytes(w, q->ids.ptr, q->ids.len);
	}
	wire_put_text(w, q->reason);
}

static void
revoke_get(struct wire_reader *r, struct request_revoke *q)
{
	q->dry_run = wire_get_flag(r);
	q->by = wire_get_u8(r);
	if (q->by == REVOKE_BY_DIGEST) {
		wire_get_bytes(r, q->digest, sizeof(q->digest));
	} else if (q->by == REVOKE_BY_ID) {
		q->count = wire_get_u16(r);
		if (q->count == 0 || q->count > REVOKE_IDS_MAX)
			r->bad = true;
		q->ids = wire_get_raw(r, (size_t)q->count * KEY_ID_LEN);
	} else {
		r->bad = true;
	}
	wire_get_text(r, q->reason, sizeof(q->reason));
}

static void
list_put(struct wire_writer *w, const struct request_list *q)
{
	wire_put_text(w, q->org);
	wire_put_text(w, q->user);
	wire_put_u8(w, q->all);
	wire_put_time(w, q->unused_since);
	wire_put_u8(w, q->due);
	wire_put_u8(w, q->drifted);
	wire_put_span(w, q->cursor);
}

static void
list_get(struct wire_reader *r, struct request_list *q)
{
	wire_get_text(r, q->org, sizeof(q->org));
	wire_get_text(r, q->user, sizeof(q->user));
	q->all = wire_get_flag(r);
	q->unused_since = wire_get_time(r);
	q->due = wire_get_flag(r);
	q->drifted = wire_get_flag(r);
	q->cursor = wire_get_span(r, CURSOR_MAX);
}

static void
revoke_all_put(struct wire_writer *w, const struct request_revoke_all *q)
{
	wire_put_text(w, q->org);
	wire_put_text(w, q->user);
	wire_put_time(w, q->unused_since);
	wire_put_text(w, q->reason);
}

static void
revoke_all_get(struct wire_reader *r, struct request_revoke_all *q)
{
	wire_get_text(r, q->org, sizeof(q->org));
	wire_get_text(r, q->user, sizeof(q->user));
	q->unused_since = wire_get_time(r);
	wire_get_text(r, q->reason, sizeof(q->reason));
}

static void
rotate_put(struct wire_writer *w, const struct request_rotate *q)
{
	wire_put_bytes(w, q->digest, sizeof(q->digest));
	wire_put_text(w, q->id);
	wire_put_u8(w, q->has_grace);
	wire_put_u32(w, q->grace);
}

static void
rotate_get(struct wire_reader *r, struct request_rotate *q)
{
	wire_get_bytes(r, q->digest, sizeof(q->digest));
	wire_get_text(r, q->id, sizeof(q->id));
	q->has_grace = wire_get_flag(r);
	q->grace = wire_get_u32(r);
}

/* What is asked on the admin socket. */
static bool
admin_get(struct wire_reader *r, struct request *req)
{
	switch (req->type) {
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
		org_request_get(r, &req->org);
		break;
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
		member_request_get(r, &req->member);
		break;
	case FRAME_CREATE:
		create_get(r, &req->create);
		break;
	case FRAME_REVOKE:
		revoke_get(r, &req->revoke);
		break;
	case FRAME_ORG_LIST:
	case FRAME_MEMBER_LIST:
	case FRAME_LIST:
		list_get(r, &req->list);
		break;
	case FRAME_SHOW:
		wire_get_text(r, req->show.id, sizeof(req->show.id));
		break;
	case FRAME_REVOKE_ALL:
		revoke_all_get(r, &req->revoke_all);
		break;
	case FRAME_ROTATE:
		rotate_get(r, &req->rotate);
		break;
	default:
		return request_bulk_get(r, req);
	}
	return true;
}

static bool
body_get(struct wire_reader *r, struct request *req)
{
	switch (req->type) {
	case FRAME_HELLO:
		hello_get(r, &req->hello);
		break;
	case FRAME_VERIFY:
	case FRAME_EXPLAIN: /* they are the same */
		verify_get(r, &req->verify);
		break;
	case FRAME_STATUS:
	case FRAME_COUNTS:
		break;
	case FRAME_REPORT:
		lease_wish_get(r, &req->report);
		break;
	default:
		return admin_get(r, req);
	}
	return true;
}

/* What this version knows of what follows; the rest is passed over. */
static void
optional_get(struct wire_reader *r, struct request *req)
{
	struct wire_reader value;
	uint8_t tag;

	while (wire_next_optional(r, &tag, &value)) {
		if (req->type == FRAME_HELLO && tag == HELLO_PAGE)
			req->hello.page = true;
		else if (req->type == FRAME_HELLO && tag == HELLO_PREFIX)
			wire_get_text(&value, req->hello.prefix,
			    sizeof(req->hello.prefix));
		else if (req->type == FRAME_VERIFY && tag == VERIFY_LEASE)
			lease_wish_get(&value, &req->verify.lease);
		else if (req->type == FRAME_VERIFY && tag == VERIFY_DETAILS)
			req->verify.details = true;
		else
			continue;
		if (!wire_done(&value))
			r->bad = true;
	}
}

bool
request_decode(struct request *req, const struct frame *f)
{
	struct wire_reader r = wire_reader(f->body.ptr, f->body.len);

	memset(req, 0, sizeof(*req));
	req->type = f->type;
	if (!body_get(&r, req))
		return false;
	optional_get(&r, req);
	return wire_done(&r);
}

struct span
request_peek_digest(const struct frame *f)
{
	struct wire_reader r = wire_reader(f->body.ptr, f->body.len);

	if (f->type != FRAME_VERIFY)
		return (struct span){ NULL, 0 };
	return wire_get_raw(&r, DIGEST_SIZE);
}

static void
admin_put(struct wire_writer *w, const struct request *req)
{
	switch (req->type) {
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
		org_request_put(w, &req->org);
		break;
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
		member_request_put(w, &req->member);
		break;
	case FRAME_CREATE:
		create_put(w, &req->create);
		break;
	case FRAME_REVOKE:
		revoke_put(w, &req->revoke);
		break;
	case FRAME_ORG_LIST:
	case FRAME_MEMBER_LIST:
	case FRAME_LIST:
		list_put(w, &req->list);
		break;
	case FRAME_SHOW:
		wire_put_text(w, req->show.id);
		break;
	case FRAME_REVOKE_ALL:
		revoke_all_put(w, &req->revoke_all);
		break;
	case FRAME_ROTATE:
		rotate_put(w, &req->rotate);
		break;
	default:
		request_bulk_put(w, req);
		break;
	}
}

static void
body_put(struct wire_writer *w, const struct request *req)
{
	switch (req->type) {
	case FRAME_HELLO:
		hello_put(w, &req->hello);
		break;
	case FRAME_VERIFY:
	case FRAME_EXPLAIN: /* they are the same */
		verify_put(w, &req->verify);
		break;
	case FRAME_STATUS:
	case FRAME_COUNTS:
		break;
	case FRAME_REPORT:
		lease_wish_put(w, &req->report);
		break;
	default:
		admin_put(w, req);
		break;
	}
}

void
request_encode(struct wire_writer *w, const struct request *req, uint32_t id)
{
	size_t start = wire_length(w);

	frame_begin(w, PROTOCOL_MAJOR, req->type, id);
	body_put(w, req);
	frame_end(w, start);
}
