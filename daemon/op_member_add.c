/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "names.h"
#include "op_member.h"
#include "orgs.h"

/* Is there no such member in the org yet? */
static enum op_result
check_free(struct op_call *c)
{
	const struct request_member *q = &c->req->member;
	struct member_info old;
	struct org_info org;
	enum store_status rc;

	if (!name_is_user(q->user))
		return op_refuse(c, ERROR_INVALID,
		    "a user's name is letters, digits and ._@+-, at most 127");
	rc = orgs_get(c->txn, q->org, &org);
	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "there is no organization %s", q->org);
	if (rc == STORE_OK)
		rc = members_get(c->txn, q->org, q->user, &old);
	if (rc == STORE_OK)
		return op_refuse(c, ERROR_EXISTS,
		    "%s is a member already, with the role %s; use member set",
		    q->user, old.role);
	return rc == STORE_NONE ? OP_DONE : op_failed(c, rc);
}

/* Makes a user a member of an organization, with a role. */
enum op_result
op_member_add(struct op_call *c)
{
	const struct request_member *q = &c->req->member;
	struct member_info m = { .created = c->now };
	enum op_result result;
	enum store_status rc;

	if (q->revoke_keys)
		return op_refuse(c, ERROR_INVALID,
		    "to add a member revokes no keys");
	if ((result = check_free(c)) != OP_DONE ||
	    (result = op_member_check_role(c)) != OP_DONE)
		return result;
	strlcpy(m.org, q->org, sizeof(m.org));
	strlcpy(m.user, q->user, sizeof(m.user));
	strlcpy(m.role, q->role, sizeof(m.role));
	if ((rc = members_put(c->txn, &m)) != STORE_OK)
		return op_failed(c, rc);
	return op_member_finish(c, &m);
}
