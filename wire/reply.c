/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "reply.h"

/* An optional field, since version 1.1. */
#define VERDICT_LEASE 1
#define VERDICT_DETAILS 2
#define LEASE_SIZE 52 /* bytes */

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

static void
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

static void
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

static void
checked_put(struct wire_writer *w, const struct reply_checked *a)
{
	wire_put_u64(w, a->last);
	wire_put_u64(w, a->broken);
	wire_put_text(w, a->why);
}

static void
checked_get(struct wire_reader *r, struct reply_checked *a)
{
	a->last = wire_get_u64(r);
	a->broken = wire_get_u64(r);
	wire_get_text(r, a->why, sizeof(a->why));
}

static void
pruned_put(struct wire_writer *w, const struct reply_pruned *a)
{
	wire_put_u32(w, a->removed);
	wire_put_u64(w, a->first);
}

static void
pruned_get(struct wire_reader *r, struct reply_pruned *a)
{
	a->removed = wire_get_u32(r);
	a->first = wire_get_u64(r);
}

static void
import_put(struct wire_writer *w, const struct reply_import *a)
{
	wire_put_u64(w, a->id);
	wire_put_u32(w, a->done);
	wire_put_u32(w, a->left);
	wire_put_u16(w, a->fault);
	wire_put_u32(w, a->row);
	wire_put_text(w, a->why);
}

static void
import_get(struct wire_reader *r, struct reply_import *a)
{
	a->id = wire_get_u64(r);
	a->done = wire_get_u32(r);
	a->left = wire_get_u32(r);
	a->fault = wire_get_u16(r);
	a->row = wire_get_u32(r);
	wire_get_text(r, a->why, sizeof(a->why));
}

static void
backup_put(struct wire_writer *w, const struct reply_backup *a)
{
	wire_put_time(w, a->made);
	wire_put_u64(w, a->keys);
	wire_put_u64(w, a->size);
	wire_put_u8(w, a->last);
	wire_put_span(w, a->piece);
}

static void
backup_get(struct wire_reader *r, struct reply_backup *a)
{
	a->made = wire_get_time(r);
	a->keys = wire_get_u64(r);
	a->size = wire_get_u64(r);
	a->last = wire_get_flag(r);
	a->piece = wire_get_span(r, FRAME_MAX);
}

static void
restore_put(struct wire_writer *w, const struct reply_restore *a)
{
	wire_put_time(w, a->made);
	wire_put_u64(w, a->keys);
	wire_put_u64(w, a->at);
	wire_put_u8(w, a->whole);
	wire_put_u8(w, a->needs_force);
	wire_put_u64(w, a->present);
	wire_put_u64(w, a->known);
	wire_put_u64(w, a->changes);
	wire_put_u64(w, a->back);
	wire_put_span(w, a->ids);
}

static void
restore_get(struct wire_reader *r, struct reply_restore *a)
{
	a->made = wire_get_time(r);
	a->keys = wire_get_u64(r);
	a->at = wire_get_u64(r);
	a->whole = wire_get_flag(r);
	a->needs_force = wire_get_flag(r);
	a->present = wire_get_u64(r);
	a->known = wire_get_u64(r);
	a->changes = wire_get_u64(r);
	a->back = wire_get_u64(r);
	a->ids = wire_get_span(r, FRAME_MAX);
	if (a->ids.len % KEY_ID_LEN != 0)
		r->bad = true;
}

static void
page_get(struct wire_reader *r, struct reply_page *a)
{
	a->count = wire_get_u16(r);
	a->rows = wire_get_span(r, FRAME_MAX);
	a->cursor = wire_get_span(r, CURSOR_MAX);
}

/* Of the audit log, imports and backups. */
static bool
bulk_get(struct wire_reader *r, struct reply *rep)
{
	switch (rep->type) {
	case FRAME_ANSWER | FRAME_AUDIT_CHECK:
		checked_get(r, &rep->checked);
		break;
	case FRAME_ANSWER | FRAME_AUDIT_PRUNE:
		pruned_get(r, &rep->pruned);
		break;
	case FRAME_ANSWER | FRAME_IMPORT_BEGIN:
	case FRAME_ANSWER | FRAME_IMPORT_ROWS:
	case FRAME_ANSWER | FRAME_IMPORT_COMMIT:
	case FRAME_ANSWER | FRAME_IMPORT_ABORT:
		import_get(r, &rep->import);
		break;
	case FRAME_ANSWER | FRAME_BACKUP_BEGIN:
	case FRAME_ANSWER | FRAME_BACKUP_READ:
	case FRAME_ANSWER | FRAME_BACKUP_DONE:
		backup_get(r, &rep->backup);
		break;
	case FRAME_ANSWER | FRAME_RESTORE_BEGIN:
	case FRAME_ANSWER | FRAME_RESTORE_CHUNK:
	case FRAME_ANSWER | FRAME_RESTORE_CHECK:
	case FRAME_ANSWER | FRAME_RESTORE_COMMIT:
	case FRAME_ANSWER | FRAME_RESTORE_ABORT:
		restore_get(r, &rep->restore);
		break;
	default:
		return false;
	}
	return true;
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
		return bulk_get(r, rep);
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

	while (wire_next_optional(r, &tag, &value)) {
		if (rep->type != (FRAME_ANSWER | FRAME_VERIFY))
			continue;
		if (tag == VERDICT_LEASE)
			lease_get(&value, &rep->verdict.lease);
		else if (tag == VERDICT_DETAILS)
			get_details(&value, &rep->verdict);
		else
			continue;
		if (!wire_done(&value))
			r->bad = true;
	}
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

/* Of the audit log, imports and backups. */
static void
bulk_put(struct wire_writer *w, const struct reply *rep)
{
	switch (rep->type) {
	case FRAME_ANSWER | FRAME_AUDIT_CHECK:
		checked_put(w, &rep->checked);
		break;
	case FRAME_ANSWER | FRAME_AUDIT_PRUNE:
		pruned_put(w, &rep->pruned);
		break;
	case FRAME_ANSWER | FRAME_IMPORT_BEGIN:
	case FRAME_ANSWER | FRAME_IMPORT_ROWS:
	case FRAME_ANSWER | FRAME_IMPORT_COMMIT:
	case FRAME_ANSWER | FRAME_IMPORT_ABORT:
		import_put(w, &rep->import);
		break;
	case FRAME_ANSWER | FRAME_BACKUP_BEGIN:
	case FRAME_ANSWER | FRAME_BACKUP_READ:
	case FRAME_ANSWER | FRAME_BACKUP_DONE:
		backup_put(w, &rep->backup);
		break;
	case FRAME_ANSWER | FRAME_RESTORE_BEGIN:
	case FRAME_ANSWER | FRAME_RESTORE_CHUNK:
	case FRAME_ANSWER | FRAME_RESTORE_CHECK:
	case FRAME_ANSWER | FRAME_RESTORE_COMMIT:
	case FRAME_ANSWER | FRAME_RESTORE_ABORT:
		restore_put(w, &rep->restore);
		break;
	default:
		w->bad = true;
		break;
	}
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
		put_lease(w, &rep->verdict.lease);
		if (rep->verdict.created != 0)
			put_details(w, rep->verdict.created,
			    rep->verdict.permissions);
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
		bulk_put(w, rep);
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

/* What a page writes before its rows, and may write behind them. */
#define PAGE_HEAD (sizeof(uint16_t) + sizeof(uint16_t))
#define PAGE_TAIL (sizeof(uint16_t) + CURSOR_MAX)

void
page_begin(struct page_writer *p, struct wire_writer *w, uint8_t type,
    uint32_t id)
{
	*p = (struct page_writer){ .w = w, .start = wire_length(w) };
	p->limit = p->start + FRAME_MAX - PAGE_TAIL;
	frame_begin(w, PROTOCOL_MAJOR, type, id);
	wire_put_u16(w, 0);
	wire_put_u16(w, 0);
}

void
page_row_begin(struct page_writer *p)
{
	p->row = wire_length(p->w);
}

bool
page_row_end(struct page_writer *p)
{
	if (wire_fits(p->w) && wire_length(p->w) <= p->limit &&
	    p->count < UINT16_MAX) {
		p->count++;
		return true;
	}
	p->w->at = p->w->start + p->row;
	p->w->bad = false;
	return false;
}

void
page_end(struct page_writer *p, struct span cursor)
{
	size_t rows = p->start + FRAME_HEADER + PAGE_HEAD;
	struct wire_writer head =
	    wire_writer(p->w->start + p->start + FRAME_HEADER, PAGE_HEAD);

	wire_put_u16(&head, p->count);
	wire_put_u16(&head, (uint16_t)(wire_length(p->w) - rows));
	wire_put_span(p->w, cursor);
	frame_end(p->w, p->start);
}

void
revoked_put(struct wire_writer *w, const struct revoked_row *row)
{
	wire_put_bytes(w, row->id, KEY_ID_LEN);
	wire_put_u8(w, row->already);
	wire_put_time(w, row->revoked);
}

void
revoked_get(struct wire_reader *r, struct revoked_row *row)
{
	memset(row->id, 0, sizeof(row->id));
	wire_get_bytes(r, row->id, KEY_ID_LEN);
	row->already = wire_get_flag(r);
	row->revoked = wire_get_time(r);
}

void
step_put(struct wire_writer *w, const struct step_row *row)
{
	wire_put_text(w, row->name);
	wire_put_u8(w, row->result);
	wire_put_text(w, row->text);
}

void
step_get(struct wire_reader *r, struct step_row *row)
{
	memset(row, 0, sizeof(*row));
	wire_get_text(r, row->name, sizeof(row->name));
	row->result = wire_get_u8(r);
	wire_get_text(r, row->text, sizeof(row->text));
}

void
fact_put(struct wire_writer *w, const struct fact_row *row)
{
	wire_put_text(w, row->name);
	wire_put_u8(w, row->is_text);
	if (row->is_text)
		wire_put_text(w, row->text);
	else
		wire_put_u64(w, row->number);
}

void
fact_get(struct wire_reader *r, struct fact_row *row)
{
	memset(row, 0, sizeof(*row));
	wire_get_text(r, row->name, sizeof(row->name));
	row->is_text = wire_get_flag(r);
	if (row->is_text)
		wire_get_text(r, row->text, sizeof(row->text));
	else
		row->number = wire_get_u64(r);
}
