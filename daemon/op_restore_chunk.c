/* SPDX-License-Identifier: ISC */
#include "incoming.h"
#include "op.h"
#include "witness.h"

static enum op_result
answer(struct op_call *c)
{
	const struct archive_head *head = incoming_head(c->incoming);
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_RESTORE_CHUNK,
		.restore = { .made = head->made,
		    .keys = head->keys,
		    .at = incoming_size(c->incoming),
		    .whole = incoming_is_whole(c->incoming) } };

	witness_nothing(c);
	return op_answer(c, &rep);
}

/* Takes the next chunk of the backup, if it is what keyd once made. */
enum op_result
op_restore_chunk(struct op_call *c)
{
	const struct request_restore *q = &c->req->restore;
	char why[MESSAGE_SIZE];

	if (!incoming_is_of(c->incoming, c->client))
		return op_refuse(c, ERROR_NOT_FOUND,
		    "the restore is not under way");
	if (q->at != incoming_size(c->incoming))
		return op_refuse(c, ERROR_INVALID,
		    "a backup is taken from its beginning to its end");
	if (incoming_add(c->incoming, c->now, q->bytes, why))
		return answer(c);
	return op_refuse(c, ERROR_INVALID, "%s", why);
}
