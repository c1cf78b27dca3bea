/* SPDX-License-Identifier: ISC */

#include "model.h"

void
org_put(struct wire_writer *w, const struct org_info *o)
{
	wire_put_text(w, o->slug);
	wire_put_text(w, o->plan);
	wire_put_u32(w, o->rate);
	wire_put_u32(w, o->burst);
	wire_put_time(w, o->created);
}

void
org_get(struct wire_reader *r, struct org_info *o)
{
	wire_get_text(r, o->slug, sizeof(o->slug));
	wire_get_text(r, o->plan, sizeof(o->plan));
	o->rate = wire_get_u32(r);
	o->burst = wire_get_u32(r);
	o->created = wire_get_time(r);
}

void
member_put(struct wire_writer *w, const struct member_info *m)
{
	wire_put_text(w, m->org);
	wire_put_text(w, m->user);
	wire_put_text(w, m->role);
	wire_put_time(w, m->created);
}

void
member_get(struct wire_reader *r, struct member_info *m)
{
	wire_get_text(r, m->org, sizeof(m->org));
	wire_get_text(r, m->user, sizeof(m->user));
	wire_get_text(r, m->role, sizeof(m->role));
	m->created = wire_get_time(r);
}

void
key_put(struct wire_writer *w, const struct key_info *k)
{
	wire_put_text(w, k->id);
	wire_put_text(w, k->org);
	wire_put_text(w, k->user);
	wire_put_text(w, k->name);
	wire_put_text(w, k->role);
	wire_put_text(w, k->context);
	wire_put_text(w, k->project);
	wire_put_text(w, k->permissions);
	wire_put_text(w, k->reason);
	wire_put_u32(w, k->creator_uid);
	wire_put_u32(w, k->revoker_uid);
	wire_put_time(w, k->created);
	wire_put_time(w, k->expires);
	wire_put_time(w, k->revoked);
	wire_put_text(w, k->rotated_from);
	wire_put_text(w, k->rotated_to);
}

void
key_get_unlinked(struct wire_reader *r, struct key_info *k)
{
	wire_get_text(r, k->id, sizeof(k->id));
	wire_get_text(r, k->org, sizeof(k->org));
	wire_get_text(r, k->user, sizeof(k->user));
	wire_get_text(r, k->name, sizeof(k->name));
	wire_get_text(r, k->role, sizeof(k->role));
	wire_get_text(r, k->context, sizeof(k->context));
	wire_get_text(r, k->project, sizeof(k->project));
	wire_get_text(r, k->permissions, sizeof(k->permissions));
	wire_get_text(r, k->reason, sizeof(k->reason));
	k->creator_uid = wire_get_u32(r);
	k->revoker_uid = wire_get_u32(r);
	k->created = wire_get_time(r);
	k->expires = wire_get_time(r);
	k->revoked = wire_get_time(r);
}

void
key_get(struct wire_reader *r, struct key_info *k)
{
	key_get_unlinked(r, k);
	wire_get_text(r, k->rotated_from, sizeof(k->rotated_from));
	wire_get_text(r, k->rotated_to, sizeof(k->rotated_to));
}

struct key_brief
key_brief(const struct key_info *k)
{
	return (struct key_brief){ .id = text_span(k->id),
		.user = text_span(k->user),
		.name = text_span(k->name),
		.project = text_span(k->project),
		.org = k->org,
		.permissions = k->permissions,
		.created = k->created,
		.expires = k->expires,
		.revoked = k->revoked };
}

void
usage_put(struct wire_writer *w, const struct usage *u)
{
	wire_put_time(w, u->first);
	wire_put_time(w, u->last);
	wire_put_u64(w, u->count);
	wire_put_u64(w, u->refused);
	wire_put_time(w, u->refused_last);
}

void
usage_get(struct wire_reader *r, struct usage *u)
{
	u->first = wire_get_time(r);
	u->last = wire_get_time(r);
	u->count = wire_get_u64(r);
	u->refused = wire_get_u64(r);
	u->refused_last = wire_get_time(r);
}

void
view_put(struct wire_writer *w, const struct key_view *v)
{
	key_put(w, &v->key);
	usage_put(w, &v->usage);
	wire_put_time(w, v->due);
	wire_put_u8(w, v->drifted);
}

void
view_get(struct wire_reader *r, struct key_view *v)
{
	key_get(r, &v->key);
	usage_get(r, &v->usage);
	v->due = wire_get_time(r);
	v->drifted = wire_get_flag(r);
}
