/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <time.h>

#include "doc.h"
#include "key.h"
#include "moment.h"
#include "out.h"

#define WIDTH 13 /* of "permissions: " */

const char *
key_state(const struct key_info *k)
{
	if (k->revoked != 0)
		return "revoked";
	if (k->expires != 0 && k->expires <= (int64_t)time(NULL))
		return "expired";
	return "live";
}

json_t *
key_doc(const struct key_info *k)
{
	bool revoked = k->revoked != 0;

	return json_pack("{so so so so so so so so so so so so so so so}", "id",
	    doc_text(k->id), "state", doc_text(key_state(k)), "org",
	    doc_text(k->org), "user", doc_text(k->user), "name",
	    doc_text(k->name), "role", doc_text(k->role), "permissions",
	    doc_words(k->permissions), "context", doc_text(k->context),
	    "project", doc_text(k->project), "created", doc_time(k->created),
	    "creator_uid", doc_number(k->creator_uid), "expires",
	    doc_time(k->expires), "revoked", doc_time(k->revoked),
	    "revoker_uid", revoked ? doc_number(k->revoker_uid) : json_null(),
	    "reason", revoked ? doc_text(k->reason) : json_null());
}

static void
key_row(struct wire_reader *r, struct pages *p)
{
	char created[MOMENT_SIZE];
	char expires[MOMENT_SIZE];
	struct key_view view;
	const struct key_info *k = &view.key;
	const char *cells[8];

	view_get(r, &view);
	if (r->bad)
		return;
	if (p->json) {
		doc_row(key_doc(k));
		return;
	}
	cells[0] = k->id;
	cells[1] = key_state(k);
	cells[2] = k->org;
	cells[3] = k->user;
	cells[4] = k->role;
	cells[5] = moment_text(k->created, created);
	cells[6] = moment_text(k->expires, expires);
	cells[7] = k->name;
	table_row(p->table, cells);
}

/* The name comes last: it is the one that may be long. */
static const char *const heads[] = { "ID", "STATE", "ORG", "USER", "ROLE",
	"CREATED", "EXPIRES", "NAME", NULL };

const struct page_kind key_kind = { "keys", heads, key_row };

static void
time_field(FILE *f, const char *name, int64_t when)
{
	char text[MOMENT_SIZE];

	out_field(f, WIDTH, name, moment_text(when, text));
}

static void
uid_field(FILE *f, const char *name, uint32_t uid)
{
	char text[16];

	snprintf(text, sizeof(text), "uid %u", uid);
	out_field(f, WIDTH, name, text);
}

void
key_preview(FILE *f, const struct key_info *k)
{
	out_field(f, WIDTH, "org", k->org);
	out_field(f, WIDTH, "user", k->user);
	out_field(f, WIDTH, "name", k->name);
	out_field(f, WIDTH, "role", k->role);
	out_field(f, WIDTH, "permissions", k->permissions);
	out_field(f, WIDTH, "context", k->context);
	if (k->project[0] != '\0')
		out_field(f, WIDTH, "project", k->project);
	time_field(f, "expires", k->expires);
}

void
key_fields(FILE *f, const struct key_info *k)
{
	out_field(f, WIDTH, "id", k->id);
	out_field(f, WIDTH, "state", key_state(k));
	key_preview(f, k);
	time_field(f, "created", k->created);
	uid_field(f, "created by", k->creator_uid);
	if (k->revoked == 0)
		return;
	time_field(f, "revoked", k->revoked);
	uid_field(f, "revoked by", k->revoker_uid);
	if (k->reason[0] != '\0')
		out_field(f, WIDTH, "reason", k->reason);
}
