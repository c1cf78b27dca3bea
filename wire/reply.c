/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "reply.h"

static void
welcome_put(struct wire_writer *w, const struct reply_welcome *a)
{
	wire_put_u8(w, a->major);
	wire_put_u16(w, a->minor);
	wire_put_u8(w, a->foreign);
	wire_put_text(w, a->prefix);
	wire_put_text(w, a->software);
}

static void
welcome_get(struct wire_reader *r, struct reply_welcome *a)
{
	a->major = wire_get_u8(r);
	a->minor = wire_get_u16(r);
	a->foreign = wire_get_flag(r);
	wire_get_text(r, a->prefix, sizeof(a->prefix));
	wire_get_text(r, a->software, sizeof(a->software));
}

static void
error_put(struct wire_writer *w, const struct reply_error *a)
{
	wire_put_u8(w, a->code);
	wire_put_u8(w, a->lowest);
	wire_put_u8(w, a->highest);
	wire_put_u16(w, a->retry_after);
	wire_put_text(w, a->message);
}

static void
error_get(struct wire_reader *r, struct reply_error *a)
{
	a->code = wire_get_u8(r);
	a->lowest = wire_get_u8(r);
	a->highest = wire_get_u8(r);
	a->retry_after = wire_get_u16(r);
	wire_get_text(r, a->message, sizeof(a->message));
}

static void
reply_member_put(struct wire_writer *w, const struct reply_member *a)
{
	member_put(w, &a->info);
	wire_put_u32(w, a->live);
	wire_put_u32(w, a->revoked);
}

static void
reply_member_get(struct wire_reader *r, struct reply_member *a)
{
	member_get(r, &a->info);
	a->live = wire_get_u32(r);
	a->revoked = wire_get_u32(r);
}

static void
created_put(struct wire_writer *w, const struct reply_created *a)
{
	wire_put_u8(w, a->existed);
	key_put(w, &a->key);
}

static void
created_get(struct wire_reader *r, struct reply_created *a)
{
	a->existed = wire_get_flag(r);
	key_get(r, &a->key);
}

static void
rotated_put(struct wire_writer *w, const struct reply_rotated *a)
{
	wire_put_u8(w, a->existed);
	key_put(w, &a->key);
	wire_put_time(w, a->old_expires);
}

static void
rotated_get(struct wire_reader *r, struct reply_rotated *a)
{
	a->existed = wire_get_flag(r);
	key_get(r, &a->key);
	a->old_expires = wire_get_time(r);
}

static void
explained_put(struct wire_writer *w, const struct reply_explained *a)
{
	verdict_put(w, &a->verdict);
	wire_put_u16(w, a->count);
	wire_put_span(w, a->steps);
}

static void
explained_get(struct wire_reader *r, struct reply_explained *a)
{
	verdict_get(r, &a->verdict);
	a->count = wire_get_u16(r);
	a->steps = wire_get_span(r, FRAME_MAX);
}

/* What is answered on the admin socket, and pages on any. */
static bool
admin_get(struct wire_reader *r, struct reply *rep)
{
	switch (rep->type) {
	case FRAME_ANSWER | FRAME_ORG_ADD:
	case FRAME_ANSWER | FRAME_ORG_SET:
		org_get(r, &rep->org);
		break;
	case FRAME_ANSWER | FRAME_MEMBER_ADD:
	case FRAME_ANSWER | FRAME_MEMBER_SET:
	case FRAME_ANSWER | FRAME_MEMBER_REMOVE:
		reply_member_get(r, &rep->member);
		break;
	case FRAME_ANSWER | FRAME_CREATE:
		created_get(r, &rep->created);
		break;
	case FRAME_ANSWER | FRAME_SHOW:
		view_get(r, &rep->view);
		break;
	case FRAME_ANSWER | FRAME_ROTATE:
		rotated_get(r, &rep->rotated);
		break;
	case FRAME_ANSWER | FRAME_REVOKE_ALL:
		rep->revoked_all.revoked = wire_get_u32(r);
		break;
	case FRAME_ANSWER | FRAME_EXPLAIN:
		explained_get(r, &rep->explained);
		break;
	case FRAME_ANSWER | FRAME_STATUS:
	case FRAME_ANSWER | FRAME_COUNTS:
	case FRAME_ANSWER | FRAME_ORG_LIST:
	case FRAME_ANSWER | FRAME_MEMBER_LIST:
	case FRAME_ANSWER | FRAME_REVOKE:
	case FRAME_ANSWER | FRAME_LIST:
	case FRAME_ANSWER | FRAME_AUDIT:
		page_get(r, &rep->page);
		break;
	default:
		return reply_bulk_get(r, rep);
	}
	return true;
}

static bool
body_get(struct wire_reader *r, struct reply *rep)
{
	switch (rep->type) {
	case FRAME_ANSWER | FRAME_HELLO:
		welcome_get(r, &rep->welcome);
		break;
	case FRAME_ANSWER | FRAME_REPORT:
		break;
	case FRAME_ANSWER | FRAME_VERIFY:
		verdict_get(r, &rep->verdict);
		break;
	case FRAME_ERROR:
		error_get(r, &rep->error);
		break;
	default:
		return admin_get(r, rep);
	}
	return true;
}

/* What this version knows of what follows; the rest is passed over. */
static void
optional_get(struct wire_reader *r, struct reply *rep)
{
	struct wire_reader value;
	uint8_t tag;

	while (wire_next_optional(r, &tag, &value))
		if (rep->type == (FRAME_ANSWER | FRAME_VERIFY) &&
		    !verdict_get_optional(&value, tag, &rep->verdict))
			r->bad = true;
}

bool
reply_decode(struct reply *rep, const struct frame *f)
{
	struct wire_reader r = wire_reader(f->body.ptr, f->body.len);

	memset(rep, 0, sizeof(*rep));
	rep->type = f->type;
	if (!body_get(&r, rep))
		return false;
	optional_get(&r, rep);
	return wire_done(&r);
}

static void
body_put(struct wire_writer *w, const struct reply *rep)
{
	switch (rep->type) {
	case FRAME_ANSWER | FRAME_HELLO:
		welcome_put(w, &rep->welcome);
		break;
	case FRAME_ANSWER | FRAME_REPORT:
		break;
	case FRAME_ANSWER | FRAME_VERIFY:
		verdict_put(w, &rep->verdict);
		verdict_put_optional(w, &rep->verdict);
		break;
	case FRAME_ANSWER | FRAME_ORG_ADD:
	case FRAME_ANSWER | FRAME_ORG_SET:
		org_put(w, &rep->org);
		break;
	case FRAME_ANSWER | FRAME_MEMBER_ADD:
	case FRAME_ANSWER | FRAME_MEMBER_SET:
	case FRAME_ANSWER | FRAME_MEMBER_REMOVE:
		reply_member_put(w, &rep->member);
		break;
	case FRAME_ANSWER | FRAME_CREATE:
		created_put(w, &rep->created);
		break;
	case FRAME_ANSWER | FRAME_SHOW:
		view_put(w, &rep->view);
		break;
	case FRAME_ANSWER | FRAME_ROTATE:
		rotated_put(w, &rep->rotated);
		break;
	case FRAME_ANSWER | FRAME_REVOKE_ALL:
		wire_put_u32(w, rep->revoked_all.revoked);
		break;
	case FRAME_ANSWER | FRAME_EXPLAIN:
		explained_put(w, &rep->explained);
		break;
	case FRAME_ERROR:
		error_put(w, &rep->error);
		break;
	default:
		reply_bulk_put(w, rep);
		break;
	}
}

void
reply_encode(struct wire_writer *w, const struct reply *rep, uint32_t id)
{
	size_t start = wire_length(w);

	frame_begin(w, PROTOCOL_MAJOR, rep->type, id);
	body_put(w, rep);
	frame_end(w, start);
}
