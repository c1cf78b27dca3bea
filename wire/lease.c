/* SPDX-License-Identifier: ISC */
#include "lease.h"

static uint16_t
get_index(struct wire_reader *r)
{
	uint16_t at = wire_get_u16(r);

	if (at < BULLETIN_COUNTERS)
		return at;
	r->bad = true;
	return 0;
}

void
lease_put(struct wire_writer *w, const struct lease *l)
{
	wire_put_u64(w, l->id);
	wire_put_u32(w, l->uses);
	wire_put_u32(w, l->us);
	wire_put_u64(w, l->stamp.page);
	wire_put_u16(w, l->stamp.key_at);
	wire_put_u16(w, l->stamp.org_at);
	wire_put_u64(w, l->stamp.key);
	wire_put_u64(w, l->stamp.org);
	wire_put_u64(w, l->stamp.policy);
}

void
lease_get(struct wire_reader *r, struct lease *l)
{
	l->id = wire_get_u64(r);
	l->uses = wire_get_u32(r);
	l->us = wire_get_u32(r);
	l->stamp.page = wire_get_u64(r);
	l->stamp.key_at = get_index(r);
	l->stamp.org_at = get_index(r);
	l->stamp.key = wire_get_u64(r);
	l->stamp.org = wire_get_u64(r);
	l->stamp.policy = wire_get_u64(r);
}

void
lease_wish_put(struct wire_writer *w, const struct lease_wish *wish)
{
	wire_put_u32(w, wish->uses);
	wire_put_u8(w, wish->count);
	for (unsigned i = 0; i < wish->count; i++) {
		wire_put_u64(w, wish->reports[i].id);
		wire_put_u32(w, wish->reports[i].used);
	}
}

void
lease_wish_get(struct wire_reader *r, struct lease_wish *wish)
{
	wish->wanted = true;
	wish->uses = wire_get_u32(r);
	wish->count = wire_get_u8(r);
	if (wish->count > LEASE_REPORTS_MAX) {
		r->bad = true;
		wish->count = 0;
	}
	for (unsigned i = 0; i < wish->count; i++) {
		wish->reports[i].id = wire_get_u64(r);
		wish->reports[i].used = wire_get_u32(r);
	}
}
