/* SPDX-License-Identifier: ISC */
#include "op_member.h"
#include "orgs.h"

/* Ends a membership; the keys live on unless the request revokes them. */
enum op_result
op_member_remove(struct op_call *c)
{
	struct member_info m;
	enum op_result result;
	enum store_status rc;

	if ((result = op_member_load(c, &m)) != OP_DONE)
		return result;
	if ((rc = members_delete(c->txn, m.org, m.user)) != STORE_OK)
		return op_failed(c, rc);
	return op_member_finish(c, &m);
}
