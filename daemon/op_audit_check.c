/* SPDX-License-Identifier: ISC */
#include "audit.h"
#include "op.h"

#define CHECK_AT 512 /* entries of one answer */

/* Is the audit log whole, behind an entry that was checked before? */
enum op_result
op_audit_check(struct op_call *c)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_AUDIT_CHECK };
	enum store_status rc = audit_check(c->txn, c->req->audit_range.after,
	    CHECK_AT, &rep.checked);

	return rc == STORE_OK ? op_answer(c, &rep) : op_failed(c, rc);
}
