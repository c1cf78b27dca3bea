/* SPDX-License-Identifier: ISC */
#include "op_member.h"
#include "bulk.h"
#include "orgs.h"

enum op_result
op_member_load(struct op_call *c, struct member_info *m)
{
	const struct request_member *q = &c->req->member;
	enum store_status rc = members_get(c->txn, q->org, q->user, m);

	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "the organization has no member %s", q->user);
	return rc == STORE_OK ? OP_DONE : op_failed(c, rc);
}

enum op_result
op_member_check_role(struct op_call *c)
{
	const char *role = c->req->member.role;

	if (policy_role(c->policy, role) != NULL)
		return OP_DONE;
	return op_refuse(c, ERROR_NOT_FOUND, "there is no role %s", role);
}

enum op_result
op_member_finish(struct op_call *c, const struct member_info *m)
{
	struct reply rep = { .type = c->req->type | FRAME_ANSWER };
	struct selection theirs = { .org = m->org, .user = m->user };
	enum store_status rc = STORE_OK;

	rep.member.info = *m;
	if (c->req->member.revoke_keys)
		rc = bulk_revoke(c, &theirs,
		    c->req->type == FRAME_MEMBER_REMOVE ? "member removed"
							: "member changed",
		    &rep.member.revoked);
	if (rc == STORE_OK)
		rc = bulk_count(c, &theirs, &rep.member.live);
	return rc == STORE_OK ? op_answer(c, &rep) : op_failed(c, rc);
}
