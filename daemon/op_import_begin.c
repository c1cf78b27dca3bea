/* SPDX-License-Identifier: ISC */
#include "op.h"
#include "schema.h"
#include "staging.h"
#include "witness.h"

#define ABANDONED 30   /* s without a request */
#define REMOVE_AT 2000 /* records of one request */

static enum op_result
answer(struct op_call *c, const struct staging *s, bool left)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_IMPORT_BEGIN,
		.import = { .id = left ? 0 : s->id, .left = left } };

	witness_nothing(c);
	return op_answer(c, &rep);
}

static enum store_status
begin(struct op_call *c, struct staging *s)
{
	uint64_t serial;
	enum store_status rc = counter_get(c->txn, COUNTER_SERIAL, &serial);

	if (rc != STORE_OK)
		return rc;
	*s = (struct staging){ .id = s->id + 1,
		.pending = true,
		.first = serial + 1,
		.active = c->now };
	return staging_put(c->txn, s);
}

/* Begins an import, once what an abandoned one has left is gone. */
enum op_result
op_import_begin(struct op_call *c)
{
	struct staging s;
	bool left = false;
	enum store_status rc = staging_get(c->txn, &s);

	if (rc == STORE_OK && s.pending && c->now >= s.active &&
	    c->now - s.active < ABANDONED)
		return op_refuse(c, ERROR_BUSY,
		    "another import is under way; if it is not, %d s after its "
		    "last request a new one can begin",
		    ABANDONED);
	if (rc == STORE_OK && s.pending)
		rc = staging_remove(c->txn, &s, REMOVE_AT, &left);
	if (rc == STORE_OK)
		rc = left ? staging_put(c->txn, &s) : begin(c, &s);
	return rc == STORE_OK ? answer(c, &s, left) : op_failed(c, rc);
}
