/* SPDX-License-Identifier: ISC */
#include "op.h"
#include "op_org.h"
#include "orgs.h"

/* Changes the plan or the limits of an organization. */
enum op_result
op_org_set(struct op_call *c)
{
	struct org_info org;
	enum store_status rc = orgs_get(c->txn, c->req->org.slug, &org);

	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "there is no organization %s", c->req->org.slug);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	return op_org_store(c, &org);
}
