/* SPDX-License-Identifier: ISC */
#include "view.h"
#include "orgs.h"
#include "usage.h"
#include "uses.h"

enum store_status
view_usage(const struct op_call *c, const struct record *rec, struct usage *u)
{
	if (c->uses != NULL)
		return uses_get(c->uses, c->txn, rec->serial, u);
	return usage_load(c->txn, rec->serial, u);
}

int64_t
view_due(const struct policy *p, const struct key_info *k)
{
	const struct context *context = policy_context(p, k->context);

	if (context == NULL || context->rotate_after == 0)
		return 0;
	return k->created + context->rotate_after;
}

enum store_status
view_drifted(const struct op_call *c, const struct key_info *k, bool *drifted)
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
	enum store_status rc = view_usage(c, rec, &v->usage);

	v->key = rec->key;
	v->due = view_due(c->policy, &rec->key);
	return rc == STORE_OK ? view_drifted(c, &rec->key, &v->drifted) : rc;
}
