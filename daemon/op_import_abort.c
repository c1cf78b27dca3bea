/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "op.h"
#include "staging.h"
#include "witness.h"

#define REMOVE_AT 2000 /* records of one request */

/* Takes the keys of an import away again, some at a time. */
enum op_result
op_import_abort(struct op_call *c)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_IMPORT_ABORT };
	struct staging s;
	bool left = false;
	enum store_status rc = staging_get(c->txn, &s);

	if (rc == STORE_OK && (!s.pending || s.id != c->req->import.id))
		return op_refuse(c, ERROR_NOT_FOUND,
		    "that import is not under way");
	if (rc == STORE_OK)
		rc = staging_remove(c->txn, &s, REMOVE_AT, &left);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	s.pending = left;
	s.active = c->now;
	if ((rc = staging_put(c->txn, &s)) != STORE_OK)
		return op_failed(c, rc);
	if (left)
		witness_nothing(c);
	witness_detail(c, "import %" PRIu64, s.id);
	rep.import.id = s.id;
	rep.import.left = left ? s.count + 1 : 0;
	return op_answer(c, &rep);
}
