/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "frame.h"
#include "reply_verdict.h"

/* An optional field, since version 1.1. */
#define VERDICT_LEASE 1
#define VERDICT_DETAILS 2
#define LEASE_SIZE 52 /* bytes */

static void
put_lease(struct wire_writer *w, const struct lease *l)
{
	if (l->us == 0)
		return;
	wire_put_optional(w, VERDICT_LEASE, LEASE_SIZE);
	lease_put(w, l);
}

static void
put_details(struct wire_writer *w, int64_t created, const char *permissions)
{
	wire_put_optional(w, VERDICT_DETAILS,
	    sizeof(uint64_t) + sizeof(uint16_t) + strlen(permissions));
	wire_put_time(w, created);
	wire_put_text(w, permissions);
}

static void
get_details(struct wire_reader *r, struct reply_verdict *a)
{
	a->created = wire_get_time(r);
	wire_get_text(r, a->permissions, sizeof(a->permissions));
}

void
verdict_put(struct wire_writer *w, const struct reply_verdict *a)
{
	wire_put_u8(w, a->code);
	wire_put_u32(w, a->retry_after);
	wire_put_u32(w, a->limit);
	wire_put_u32(w, a->remaining);
	wire_put_u32(w, a->reset);
	wire_put_time(w, a->expires);
	wire_put_text(w, a->id);
	wire_put_text(w, a->org);
	wire_put_text(w, a->user);
	wire_put_text(w, a->name);
	wire_put_text(w, a->project);
}

void
verdict_get(struct wire_reader *r, struct reply_verdict *a)
{
	a->code = wire_get_u8(r);
	a->retry_after = wire_get_u32(r);
	a->limit = wire_get_u32(r);
	a->remaining = wire_get_u32(r);
	a->reset = wire_get_u32(r);
	a->expires = wire_get_time(r);
	wire_get_text(r, a->id, sizeof(a->id));
	wire_get_text(r, a->org, sizeof(a->org));
	wire_get_text(r, a->user, sizeof(a->user));
	wire_get_text(r, a->name, sizeof(a->name));
	wire_get_text(r, a->project, sizeof(a->project));
}

void
verdict_put_optional(struct wire_writer *w, const struct reply_verdict *a)
{
	put_lease(w, &a->lease);
	if (a->created != 0)
		put_details(w, a->created, a->permissions);
}

bool
verdict_get_optional(struct wire_reader *value, uint8_t tag,
    struct reply_verdict *a)
{
	if (tag == VERDICT_LEASE)
		lease_get(value, &a->lease);
	else if (tag == VERDICT_DETAILS)
		get_details(value, a);
	else
		return true;
	return wire_done(value);
}

void
reply_encode_verdict(struct wire_writer *w, enum verdict_code code,
    const struct key_brief *key, const struct allowance *allowance,
    const struct lease *lease, bool details, uint32_t id)
{
	static const struct key_brief unknown = { .org = "",
		.permissions = "" };
	static const struct allowance none;
	const struct allowance *a = allowance != NULL ? allowance : &none;
	const struct key_brief *k = key != NULL ? key : &unknown;
	size_t start = wire_length(w);

	frame_begin(w, PROTOCOL_MAJOR, FRAME_ANSWER | FRAME_VERIFY, id);
	wire_put_u8(w, (uint8_t)code);
	wire_put_u32(w, a->retry_after);
	wire_put_u32(w, a->limit);
	wire_put_u32(w, a->remaining);
	wire_put_u32(w, a->reset);
	wire_put_time(w, k->expires);
	wire_put_span(w, k->id);
	wire_put_text(w, k->org);
	wire_put_span(w, k->user);
	wire_put_span(w, k->name);
	wire_put_span(w, k->project);
	if (lease != NULL)
		put_lease(w, lease);
	if (details)
		put_details(w, k->created, k->permissions);
	frame_end(w, start);
}
