/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "draft.h"
#include "keys.h"
#include "names.h"
#include "orgs.h"
#include "staging.h"

enum op_result
draft_check(struct op_call *c)
{
	const struct request_create *q = &c->req->create;

	if (!name_is_text(q->name, NAME_SIZE))
		return op_refuse(c, ERROR_INVALID,
		    "a key's name is 1 to 127 bytes of UTF-8, with no control "
		    "characters and no space at its ends");
	if (q->project[0] != '\0' && !name_is_text(q->project, PROJECT_SIZE))
		return op_refuse(c, ERROR_INVALID,
		    "a project is at most 127 bytes of UTF-8, with no control "
		    "characters and no space at its ends");
	if (q->expires != 0 && q->expires <= c->now)
		return op_refuse(c, ERROR_INVALID,
		    "the key would have expired already");
	return OP_DONE;
}

/* The creator's role, or the lesser one that was asked for, with the
   permissions that it has at this moment. */
static enum op_result
choose_role(struct op_call *c, struct key_info *k)
{
	const struct request_create *q = &c->req->create;
	const struct role *own, *role;
	struct member_info m;
	enum store_status rc = members_get(c->txn, q->org, q->user, &m);

	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "the organization has no member %s", q->user);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	own = policy_role(c->policy, m.role);
	role = q->role[0] == '\0' ? own : policy_role(c->policy, q->role);
	if (own == NULL || role == NULL)
		return op_refuse(c, ERROR_NOT_FOUND, "there is no role %s",
		    own == NULL ? m.role : q->role);
	if (!own->may_create)
		return op_refuse(c, ERROR_DENIED,
		    "the role %s may not create keys", own->name);
	if (!permissions_within(role->permissions, own->permissions))
		return op_refuse(c, ERROR_DENIED,
		    "the role %s has permissions that %s, an %s, has not",
		    role->name, m.user, own->name);
	strlcpy(k->role, role->name, sizeof(k->role));
	strlcpy(k->permissions, role->permissions, sizeof(k->permissions));
	return OP_DONE;
}

static enum op_result
choose_context(struct op_call *c, struct key_info *k)
{
	const char *context = c->req->create.context;

	if (context[0] == '\0')
		context = policy_default_context(c->policy);
	if (policy_context(c->policy, context) == NULL)
		return op_refuse(c, ERROR_NOT_FOUND, "there is no context %s",
		    context);
	strlcpy(k->context, context, sizeof(k->context));
	return OP_DONE;
}

/* By a key that may be part of an import, and then cannot be seen. */
static enum op_result
refuse_name(struct op_call *c, const struct record *rec)
{
	enum store_status rc = staging_see(c->txn, rec);

	if (rc == STORE_OK)
		return op_refuse(c, ERROR_EXISTS,
		    "the name is taken by the live key %s", rec->key.id);
	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_EXISTS,
		    "the name is taken by a row before in an import that is "
		    "not done; if it was interrupted, the next 'keydctl "
		    "import' clears it");
	return op_failed(c, rc);
}

static enum op_result
check_name(struct op_call *c)
{
	const struct request_create *q = &c->req->create;
	struct record rec;
	enum store_status rc;

	rc = keys_find_name(c->txn, q->org, q->name, &rec);
	if (rc == STORE_OK && key_is_live(&rec.key, c->now))
		return refuse_name(c, &rec);
	return rc == STORE_OK || rc == STORE_NONE ? OP_DONE : op_failed(c, rc);
}

enum op_result
draft_key(struct op_call *c, struct key_info *k)
{
	const struct request_create *q = &c->req->create;
	struct org_info org;
	enum op_result result;
	enum store_status rc;

	rc = orgs_get(c->txn, q->org, &org);
	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "there is no organization %s", q->org);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	if ((result = choose_role(c, k)) != OP_DONE ||
	    (result = choose_context(c, k)) != OP_DONE ||
	    (result = check_name(c)) != OP_DONE)
		return result;
	strlcpy(k->org, q->org, sizeof(k->org));
	strlcpy(k->user, q->user, sizeof(k->user));
	strlcpy(k->name, q->name, sizeof(k->name));
	strlcpy(k->project, q->project, sizeof(k->project));
	k->creator_uid = c->peer->uid;
	k->created = c->now;
	k->expires = q->expires;
	return OP_DONE;
}
