/* SPDX-License-Identifier: ISC */
#include "notes.h"
#include "op.h"
#include "snapshot.h"
#include "witness.h"

#define PIECE_MAX (ARCHIVE_MAGIC_LEN + ARCHIVE_CHUNK_MAX)

static enum op_result
answer(struct op_call *c, const struct backup *b, struct span piece)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_BACKUP_BEGIN,
		.backup = { .made = b->made,
		    .keys = b->keys,
		    .size = b->size,
		    .piece = piece } };

	return op_answer(c, &rep);
}

/* Takes the snapshot, and gives the head.  The log has it from here on, since
   whoever reads a backup need not say that he has done so. */
enum op_result
op_backup_begin(struct op_call *c)
{
	uint8_t bytes[PIECE_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct store_txn *t;
	struct backup *b;
	enum store_status rc;

	if (snapshot_lives(c->snapshot))
		return op_refuse(c, ERROR_BUSY,
		    "another backup is under way; it ends 30 s after its last "
		    "request at the latest");
	rc = snapshot_take(c->snapshot, c->session, c->now_ms);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	t = snapshot_use(c->snapshot, c->session, c->now_ms, &b);
	rc = backup_begin(b, t, c->now, &w);
	if (rc != STORE_OK) {
		snapshot_leave(c->snapshot, c->session);
		return op_failed(c, rc);
	}
	witness_count(c, b->keys < UINT32_MAX ? (uint32_t)b->keys : UINT32_MAX);
	notes_event(c->notes, c->event);
	return answer(c, b, (struct span){ bytes, wire_length(&w) });
}
