/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <string.h>

#include "archive.h"
#include "last_backup.h"
#include "op.h"
#include "witness.h"

static enum op_result
answer(struct op_call *c, const struct last_backup *b)
{
	const struct reply rep = {
		.type = FRAME_ANSWER | FRAME_BACKUP_DONE,
		.backup = { .made = b->made, .keys = b->keys, .size = b->size }
	};

	return op_answer(c, &rep);
}

static void
witness(const struct op_call *c, const struct last_backup *b)
{
	witness_count(c, b->keys < UINT32_MAX ? (uint32_t)b->keys : UINT32_MAX);
	witness_detail(c, "%" PRIu64 " bytes", b->size);
}

/*
 * The client has the file on its disk.  Its end proves that keyd made it, so
 * there is nothing to be kept until then, and it may be asked again.
 */
enum op_result
op_backup_done(struct op_call *c)
{
	const struct request_backup *q = &c->req->backup;
	struct last_backup last, now;
	struct archive_end end;
	enum store_status rc = last_backup_get(c->txn, &last);

	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (!archive_tail_open(store_secret(c->txn), q->tail, &end, now.hash) ||
	    end.size != q->at)
		return op_refuse(c, ERROR_INVALID,
		    "that is not the end of a backup of this keyd");
	now.made = end.made;
	now.keys = end.keys;
	now.size = end.size;
	if (memcmp(now.hash, last.hash, sizeof(now.hash)) == 0) {
		witness_nothing(c);
		return answer(c, &now);
	}
	if ((rc = last_backup_put(c->txn, &now)) != STORE_OK)
		return op_failed(c, rc);
	witness(c, &now);
	return answer(c, &now);
}
