/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "audit.h"
#include "witness.h"

#define PRUNE_AT 4096 /* entries of one request */

/* Removes the oldest entries of the audit log. */
enum op_result
op_audit_prune(struct op_call *c)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_AUDIT_PRUNE };
	int64_t before = c->req->audit_range.before;
	struct reply_checked found;
	enum store_status rc;

	if (before <= 0 || before > c->now)
		return op_refuse(c, ERROR_INVALID,
		    "entries are removed up to a time that is past");
	rc = audit_prune(c->txn, before, PRUNE_AT, &rep.pruned, &found);
	if (rc == STORE_DAMAGED)
		return op_refuse(c, ERROR_STORE,
		    "entry %" PRIu64 " of the audit log is broken, and nothing "
		    "was removed; see what 'keydctl audit check' says",
		    found.broken);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (rep.pruned.removed == 0)
		witness_nothing(c);
	witness_count(c, rep.pruned.removed);
	witness_detail(c, "the log begins with entry %" PRIu64,
	    rep.pruned.first);
	return op_answer(c, &rep);
}
