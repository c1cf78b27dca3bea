/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "op.h"
#include "staging.h"
#include "witness.h"

static enum op_result
answer(struct op_call *c, const struct staging *s)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_IMPORT_COMMIT,
		.import = { .id = s->id, .done = s->count } };

	return op_answer(c, &rep);
}

/* From here on all keys of the import are there.  Asked again, after a lost
   answer, it says so again. */
enum op_result
op_import_commit(struct op_call *c)
{
	struct staging s;
	enum store_status rc = staging_get(c->txn, &s);

	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (s.id != c->req->import.id || s.id == 0 ||
	    (!s.pending && s.count == 0))
		return op_refuse(c, ERROR_NOT_FOUND,
		    "that import is not under way");
	if (!s.pending) {
		witness_nothing(c);
		return answer(c, &s);
	}
	s.pending = false;
	if ((rc = staging_put(c->txn, &s)) != STORE_OK)
		return op_failed(c, rc);
	witness_count(c, s.count);
	witness_detail(c, "import %" PRIu64, s.id);
	return answer(c, &s);
}
