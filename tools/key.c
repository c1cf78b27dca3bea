/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "doc.h"
#include "key.h"
#include "moment.h"
#include "out.h"

#define WIDTH 14  /* of "rotated from: " */
#define DAY 86400 /* s */

const char *
key_state(const struct key_info *k)
{
	if (k->revoked != 0)
		return "revoked";
	if (k->expires != 0 && k->expires <= clock_unix())
		return "expired";
	return "live";
}

/* Whole days; below 0 it is due: -1 for less than a day. */
static int64_t
days_left(int64_t due)
{
	int64_t left = due - clock_unix();

	return left > 0 ? left / DAY : -1 - -left / DAY;
}

json_t *
key_doc(const struct key_info *k)
{
	bool revoked = k->revoked != 0;

	return json_pack("{so so so so so so so so so so so so so so so so so}",
	    "id", doc_text(k->id), "state", doc_text(key_state(k)), "org",
	    doc_text(k->org), "user", doc_text(k->user), "name",
	    doc_text(k->name), "role", doc_text(k->role), "permissions",
	    doc_words(k->permissions), "context", doc_text(k->context),
	    "project", doc_text(k->project), "created", doc_time(k->created),
	    "creator_uid", doc_number(k->creator_uid), "expires",
	    doc_time(k->expires), "revoked", doc_time(k->revoked),
	    "revoker_uid", revoked ? doc_number(k->revoker_uid) : json_null(),
	    "reason", revoked ? doc_text(k->reason) : json_null(),
	    "rotated_from", doc_optional(k->rotated_from), "rotated_to",
	    doc_optional(k->rotated_to));
}

json_t *
key_view_doc(const struct key_view *v)
{
	const struct usage *u = &v->usage;
	json_t *doc = key_doc(&v->key);
	json_t *more = json_pack("{so so so so so so so so}", "first_used",
	    doc_time(u->first), "last_used", doc_time(u->last), "uses",
	    doc_number(u->count), "refused", doc_number(u->refused),
	    "last_refused", doc_time(u->refused_last), "due", doc_time(v->due),
	    "due_days",
	    v->due != 0 ? json_integer(days_left(v->due)) : json_null(),
	    "drifted", json_boolean(v->drifted));

	if (json_object_update_new(doc, more) != 0)
		out_no_memory();
	return doc;
}

#define CELL_SIZE 64

static const char *
due_text(int64_t due, char *text)
{
	int64_t days = due != 0 ? days_left(due) : 0;

	if (due == 0)
		return "";
	snprintf(text, CELL_SIZE, "%" PRId64 "d %s",
	    days < 0 ? -1 - days : days, days < 0 ? "over" : "left");
	return text;
}

/* Who tries a key that is no longer accepted? */
static const char *
tried_text(const struct usage *u, char *text)
{
	char when[MOMENT_SIZE];

	if (u->refused == 0)
		return "";
	snprintf(text, CELL_SIZE, "%s, %" PRIu64 "x",
	    moment_text(u->refused_last, when), u->refused);
	return text;
}

enum last_but_one { NONE, DUE, TRIED };

/* The name comes last: it is the one that may be long. */
static void
print_row(struct pages *p, const struct key_view *v, enum last_but_one extra)
{
	char created[MOMENT_SIZE], expires[MOMENT_SIZE], used[MOMENT_SIZE];
	char text[CELL_SIZE];
	const struct key_info *k = &v->key;
	const char *cells[] = { k->id, key_state(k), k->org, k->user, k->role,
		moment_text(k->created, created),
		moment_text(k->expires, expires),
		moment_text(v->usage.last, used), k->name, NULL };
	size_t last = sizeof(cells) / sizeof(cells[0]) - 2;

	if (extra != NONE) {
		cells[last + 1] = k->name;
		cells[last] = extra == DUE ? due_text(v->due, text)
					   : tried_text(&v->usage, text);
	}
	table_row(p->table, cells);
}

static void
row(struct wire_reader *r, struct pages *p, enum last_but_one extra)
{
	struct key_view view;

	view_get(r, &view);
	if (r->bad)
		return;
	if (p->json)
		doc_row(key_view_doc(&view));
	else
		print_row(p, &view, extra);
}

static void
key_row(struct wire_reader *r, struct pages *p)
{
	row(r, p, NONE);
}

static void
due_row(struct wire_reader *r, struct pages *p)
{
	row(r, p, DUE);
}

static void
all_row(struct wire_reader *r, struct pages *p)
{
	row(r, p, TRIED);
}

#define HEADS                                                                  \
	"ID", "STATE", "ORG", "USER", "ROLE", "CREATED", "EXPIRES", "LAST USED"

static const char *const heads[] = { HEADS, "NAME", NULL };
static const char *const due_heads[] = { HEADS, "DUE", "NAME", NULL };
static const char *const all_heads[] = { HEADS, "REFUSED SINCE", "NAME", NULL };

const struct page_kind key_kind = { "keys", heads, key_row };
const struct page_kind key_due_kind = { "keys", due_heads, due_row };
const struct page_kind key_all_kind = { "keys", all_heads, all_row };

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

static void
usage_fields(FILE *f, const struct key_view *v)
{
	const struct usage *u = &v->usage;
	char text[2 * CELL_SIZE];
	char when[MOMENT_SIZE];

	time_field(f, "first used", u->first);
	time_field(f, "last used", u->last);
	snprintf(text, sizeof(text), "%" PRIu64, u->count);
	out_field(f, WIDTH, "uses", text);
	if (u->refused == 0)
		return;
	snprintf(text, sizeof(text),
	    "by someone: %" PRIu64 " %s since its end, last at %s", u->refused,
	    u->refused == 1 ? "time" : "times",
	    moment_text(u->refused_last, when));
	out_field(f, WIDTH, "still used", text);
}

/* Is it safe to revoke the old one? */
static void
old_field(FILE *f, const struct key_view *old)
{
	char text[2 * CELL_SIZE];
	char when[MOMENT_SIZE];

	snprintf(text, sizeof(text), "%s, %s%s", key_state(&old->key),
	    old->usage.last != 0 ? "last used " : "never used",
	    old->usage.last != 0 ? moment_text(old->usage.last, when) : "");
	out_field(f, WIDTH, "old key", text);
}

static void
rotation_fields(FILE *f, const struct key_view *v, const struct key_view *old)
{
	const struct key_info *k = &v->key;
	char when[MOMENT_SIZE], days[CELL_SIZE];
	char text[2 * CELL_SIZE];

	if (k->rotated_from[0] != '\0')
		out_field(f, WIDTH, "rotated from", k->rotated_from);
	if (old != NULL)
		old_field(f, old);
	if (k->rotated_to[0] != '\0')
		out_field(f, WIDTH, "rotated to", k->rotated_to);
	if (v->due == 0 || strcmp(key_state(k), "live") != 0)
		return;
	snprintf(text, sizeof(text), "%s, %s", moment_text(v->due, when),
	    due_text(v->due, days));
	out_field(f, WIDTH, "rotation due", text);
}

static void
revocation_fields(FILE *f, const struct key_info *k)
{
	if (k->revoked == 0)
		return;
	time_field(f, "revoked", k->revoked);
	uid_field(f, "revoked by", k->revoker_uid);
	if (k->reason[0] != '\0')
		out_field(f, WIDTH, "reason", k->reason);
}

void
key_fields(FILE *f, const struct key_view *v, const struct key_view *old)
{
	const struct key_info *k = &v->key;

	out_field(f, WIDTH, "id", k->id);
	out_field(f, WIDTH, "state", key_state(k));
	key_preview(f, k);
	if (v->drifted && strcmp(key_state(k), "live") == 0)
		out_field(f, WIDTH, "drifted",
		    "it may more than its owner's role does now; rotate keeps "
		    "that, so create another and revoke it");
	time_field(f, "created", k->created);
	uid_field(f, "created by", k->creator_uid);
	revocation_fields(f, k);
	usage_fields(f, v);
	rotation_fields(f, v, old);
}
