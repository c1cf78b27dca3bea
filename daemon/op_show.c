/* SPDX-License-Identifier: ISC */
#include "op.h"
#include "view.h"

/* Everything about one key but its hash. */
enum op_result
op_show(struct op_call *c)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_SHOW };
	struct record rec;
	enum op_result result = op_find_key(c, c->req->show.id, &rec);
	enum store_status rc;

	if (result != OP_DONE)
		return result;
	rc = view_fill(c, &rec, &rep.view);
	return rc == STORE_OK ? op_answer(c, &rep) : op_failed(c, rc);
}
