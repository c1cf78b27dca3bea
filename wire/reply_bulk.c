/* SPDX-License-Identifier: ISC */
#include "reply.h"

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

bool
reply_bulk_get(struct wire_reader *r, struct reply *rep)
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

void
reply_bulk_put(struct wire_writer *w, const struct reply *rep)
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
