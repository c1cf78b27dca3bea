/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "op_member.h"
#include "orgs.h"

/* Gives a member another role; keys that exist keep their permissions. */
enum op_result
op_member_set(struct op_call *c)
{
	struct member_info m;
	enum op_result result;
	enum store_status rc;

	if ((result = op_member_load(c, &m)) != OP_DONE ||
	    (result = op_member_check_role(c)) != OP_DONE)
		return result;
	strlcpy(m.role, c->req->member.role, sizeof(m.role));
	if ((rc = members_put(c->txn, &m)) != STORE_OK)
		return op_failed(c, rc);
	return op_member_finish(c, &m);
}
