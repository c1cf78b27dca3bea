/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "op_org.h"
#include "orgs.h"

/* A plan whose limits are each org's own must get them. */
static enum op_result
check_limits(struct op_call *c, const struct org_info *org)
{
	const struct plan *plan = policy_plan(c->policy, org->plan);

	if (plan == NULL)
		return op_refuse(c, ERROR_NOT_FOUND, "there is no plan %s",
		    org->plan);
	if ((org->rate == 0) != (org->burst == 0))
		return op_refuse(c, ERROR_INVALID,
		    "a rate needs a burst, and a burst a rate");
	if (org->rate > RATE_MAX || org->burst > RATE_MAX)
		return op_refuse(c, ERROR_INVALID,
		    "a rate or burst is at most %d", RATE_MAX);
	if (plan->custom && org->rate == 0)
		return op_refuse(c, ERROR_INVALID,
		    "the plan %s needs a rate and a burst", org->plan);
	return OP_DONE;
}

enum op_result
op_org_store(struct op_call *c, struct org_info *org)
{
	const struct request_org *q = &c->req->org;
	struct reply rep = { .type = c->req->type | FRAME_ANSWER };
	enum op_result result;
	enum store_status rc;

	/* Another plan brings its own limits. */
	if (q->plan[0] != '\0') {
		strlcpy(org->plan, q->plan, sizeof(org->plan));
		org->rate = org->burst = 0;
	}
	if (q->rate != 0 || q->burst != 0) {
		org->rate = q->rate;
		org->burst = q->burst;
	}
	if ((result = check_limits(c, org)) != OP_DONE)
		return result;
	if ((rc = orgs_put(c->txn, org)) != STORE_OK)
		return op_failed(c, rc);
	rep.org = *org;
	return op_answer(c, &rep);
}
