/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "request.h"

static void
audit_put(struct wire_writer *w, const struct request_audit *q)
{
	wire_put_u64(w, q->after);
	wire_put_time(w, q->since);
	wire_put_text(w, q->org);
	wire_put_text(w, q->id);
}

static void
audit_get(struct wire_reader *r, struct request_audit *q)
{
	q->after = wire_get_u64(r);
	q->since = wire_get_time(r);
	wire_get_text(r, q->org, sizeof(q->org));
	wire_get_text(r, q->id, sizeof(q->id));
}

static void
import_put(struct wire_writer *w, const struct request_import *q)
{
	wire_put_u64(w, q->id);
	wire_put_u16(w, q->count);
	wire_put_span(w, q->rows);
}

static void
import_get(struct wire_reader *r, struct request_import *q)
{
	q->id = wire_get_u64(r);
	q->count = wire_get_u16(r);
	q->rows = wire_get_span(r, FRAME_MAX);
}

static void
backup_put(struct wire_writer *w, const struct request_backup *q)
{
	wire_put_u64(w, q->at);
	wire_put_span(w, q->tail);
}

static void
backup_get(struct wire_reader *r, struct request_backup *q)
{
	q->at = wire_get_u64(r);
	q->tail = wire_get_span(r, BACKUP_TAIL_MAX);
}

static void
restore_put(struct wire_writer *w, const struct request_restore *q)
{
	wire_put_u64(w, q->at);
	wire_put_u8(w, q->force);
	wire_put_span(w, q->bytes);
}

static void
restore_get(struct wire_reader *r, struct request_restore *q)
{
	q->at = wire_get_u64(r);
	q->force = wire_get_flag(r);
	q->bytes = wire_get_span(r, FRAME_MAX);
}

bool
request_bulk_get(struct wire_reader *r, struct request *req)
{
	switch (req->type) {
	case FRAME_AUDIT:
		audit_get(r, &req->audit);
		break;
	case FRAME_AUDIT_CHECK:
		req->audit_range.after = wire_get_u64(r);
		break;
	case FRAME_AUDIT_PRUNE:
		req->audit_range.before = wire_get_time(r);
		break;
	case FRAME_IMPORT_BEGIN:
	case FRAME_IMPORT_ROWS:
	case FRAME_IMPORT_COMMIT:
	case FRAME_IMPORT_ABORT:
		import_get(r, &req->import);
		break;
	case FRAME_BACKUP_BEGIN:
	case FRAME_BACKUP_READ:
	case FRAME_BACKUP_DONE:
		backup_get(r, &req->backup);
		break;
	case FRAME_RESTORE_BEGIN:
	case FRAME_RESTORE_CHUNK:
	case FRAME_RESTORE_CHECK:
	case FRAME_RESTORE_COMMIT:
	case FRAME_RESTORE_ABORT:
		restore_get(r, &req->restore);
		break;
	default:
		return false;
	}
	return true;
}

void
request_bulk_put(struct wire_writer *w, const struct request *req)
{
	switch (req->type) {
	case FRAME_AUDIT:
		audit_put(w, &req->audit);
		break;
	case FRAME_AUDIT_CHECK:
		wire_put_u64(w, req->audit_range.after);
		break;
	case FRAME_AUDIT_PRUNE:
		wire_put_time(w, req->audit_range.before);
		break;
	case FRAME_IMPORT_BEGIN:
	case FRAME_IMPORT_ROWS:
	case FRAME_IMPORT_COMMIT:
	case FRAME_IMPORT_ABORT:
		import_put(w, &req->import);
		break;
	case FRAME_BACKUP_BEGIN:
	case FRAME_BACKUP_READ:
	case FRAME_BACKUP_DONE:
		backup_put(w, &req->backup);
		break;
	case FRAME_RESTORE_BEGIN:
	case FRAME_RESTORE_CHUNK:
	case FRAME_RESTORE_CHECK:
	case FRAME_RESTORE_COMMIT:
	case FRAME_RESTORE_ABORT:
		restore_put(w, &req->restore);
		break;
	default:
		w->bad = true;
		break;
	}
}

void
import_row_put(struct wire_writer *w, const struct import_row *row)
{
	wire_put_bytes(w, row->digest, sizeof(row->digest));
	wire_put_text(w, row->org);
	wire_put_text(w, row->user);
	wire_put_text(w, row->name);
	wire_put_text(w, row->role);
	wire_put_text(w, row->context);
	wire_put_text(w, row->project);
	wire_put_time(w, row->created);
	wire_put_time(w, row->expires);
}

void
import_row_get(struct wire_reader *r, struct import_row *row)
{
	memset(row, 0, sizeof(*row));
	wire_get_bytes(r, row->digest, sizeof(row->digest));
	wire_get_text(r, row->org, sizeof(row->org));
	wire_get_text(r, row->user, sizeof(row->user));
	wire_get_text(r, row->name, sizeof(row->name));
	wire_get_text(r, row->role, sizeof(row->role));
	wire_get_text(r, row->context, sizeof(row->context));
	wire_get_text(r, row->project, sizeof(row->project));
	row->created = wire_get_time(r);
	row->expires = wire_get_time(r);
}
