/* SPDX-License-Identifier: ISC */
#include "incoming.h"
#include "op.h"
#include "witness.h"

static enum op_result
answer(struct op_call *c)
{
	const struct archive_head *head = incoming_head(c->incoming);
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_RESTORE_BEGIN,
		.restore = { .made = head->made,
		    .keys = head->keys,
		    .at = incoming_size(c->incoming) } };

	witness_nothing(c);
	return op_answer(c, &rep);
}

/* Takes the beginning of a backup.  Nothing is changed until all of it is there
   and is committed. */
enum op_result
op_restore_begin(struct op_call *c)
{
	char why[MESSAGE_SIZE];

	if (incoming_is_busy(c->incoming, c->client, c->now))
		return op_refuse(c, ERROR_BUSY,
		    "another restore is under way; if it is not, a new one "
		    "can begin %d s after its last request",
		    INCOMING_SILENCE);
	if (incoming_begin(c->incoming, store_secret(c->txn), c->client, c->now,
		c->req->restore.bytes, why))
		return answer(c);
	return op_refuse(c, ERROR_INVALID, "%s", why);
}
