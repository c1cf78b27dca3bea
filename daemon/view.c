/* SPDX-License-Identifier: ISC */
#include "view.h"
#include "orgs.h"
#include "usage.h"

static int64_t
due_of(const struct policy *p, const struct key_info *k)
{
	const struct context *context = policy_context(p, k->context);

	if (context == NULL || context->rotate_after == 0)
		return 0;
	return k->created + context->rotate_after;
}

/* A role that is no more allows nothing, and so does no membership. */
static enum store_status
has_drifted(const struct op_call *c, const struct key_info *k, bool *drifted)
{
	const struct role *role = NULL;
	struct member_info m;
	enum store_status rc = members_get(c->txn, k->org, k->user, &m);

	if (rc == STORE_OK)
		role = policy_role(c->policy, m.role);
	*drifted = !permissions_within(k->permissions,
	    role != NULL ? role->permissions : "");
	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
view_fill(const struct op_call *c, const struct record *rec, struct key_view *v)
{
	enum store_status rc;

	v->key = rec->key;
	v->due = due_of(c->policy, &rec->key);
	rc = usage_load(c->txn, rec->serial, &v->usage);
	if (rc != STORE_OK)
		return rc;
	return has_drifted(c, &rec->key, &v->drifted);
}
