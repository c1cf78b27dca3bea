/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "names.h"
#include "op.h"
#include "op_org.h"
#include "orgs.h"

/* Makes an organization. */
enum op_result
op_org_add(struct op_call *c)
{
	const struct request_org *q = &c->req->org;
	struct org_info org = { .created = c->now };
	enum store_status rc;

	if (!name_is_org(q->slug))
		return op_refuse(c, ERROR_INVALID,
		    "an organization's name is a-z, 0-9 and -, at most 63, "
		    "such as acme");
	rc = orgs_get(c->txn, q->slug, &org);
	if (rc == STORE_OK)
		return op_refuse(c, ERROR_EXISTS,
		    "there is an organization %s already", q->slug);
	if (rc != STORE_NONE)
		return op_failed(c, rc);
	org = (struct org_info){ .created = c->now };
	strlcpy(org.slug, q->slug, sizeof(org.slug));
	strlcpy(org.plan, policy_default_plan(c->policy), sizeof(org.plan));
	return op_org_store(c, &org);
}
