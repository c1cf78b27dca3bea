/* SPDX-License-Identifier: ISC */
#include "op.h"
#include "snapshot.h"

static enum op_result
answer(struct op_call *c, const struct backup *b, struct span piece)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_BACKUP_READ,
		.backup = { .made = b->made,
		    .keys = b->keys,
		    .size = b->size,
		    .last = b->ended,
		    .piece = piece } };

	return op_answer(c, &rep);
}

/* Nothing of what is damaged is kept as if it were whole. */
static enum op_result
fail(struct op_call *c, enum store_status rc)
{
	snapshot_leave(c->snapshot, c->session);
	if (rc == STORE_DAMAGED)
		return op_refuse(c, ERROR_STORE,
		    "the database is damaged, as keyd's log says, and cannot "
		    "be backed up; keep the last backup that you have");
	return op_failed(c, rc);
}

/* The next piece of the file, from the snapshot that was taken for it. */
enum op_result
op_backup_read(struct op_call *c)
{
	uint8_t bytes[ARCHIVE_CHUNK_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	enum op_result result;
	struct store_txn *t;
	struct backup *b;
	enum store_status rc;

	t = snapshot_use(c->snapshot, c->session, c->now_ms, &b);
	if (t == NULL)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "the backup is not under way: %s",
		    snapshot_fate(c->snapshot, c->session));
	if (c->req->backup.at != b->size)
		return op_refuse(c, ERROR_INVALID,
		    "a backup is read from its beginning to its end");
	if ((rc = backup_next(b, t, &w)) != STORE_OK)
		return fail(c, rc);
	result = answer(c, b, (struct span){ bytes, wire_length(&w) });
	if (b->ended)
		snapshot_leave(c->snapshot, c->session);
	return result;
}
