/* SPDX-License-Identifier: ISC */
#include "incoming.h"
#include "op.h"
#include "witness.h"

/* The client has no more use for what it sent. */
enum op_result
op_restore_abort(struct op_call *c)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_RESTORE_ABORT };

	if (incoming_is_of(c->incoming, c->client))
		incoming_drop(c->incoming);
	witness_nothing(c);
	return op_answer(c, &rep);
}
