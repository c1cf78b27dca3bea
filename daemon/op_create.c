/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "names.h"
#include "op.h"
#include "orgs.h"
#include "witness.h"

static enum op_result
check_fields(struct op_call *c)
{
	const struct request_create *q = &c->req->create;

	if (!name_is_text(q->name, NAME_SIZE))
		return op_refuse(c, ERROR_INVALID,
		    "a key's name is 1 to 127 bytes of UTF-8 without control "
		    "characters");
	if (q->project[0] != '\0' && !name_is_text(q->project, PROJECT_SIZE))
		return op_refuse(c, ERROR_INVALID,
		    "a project is at most 127 bytes of UTF-8 without control "
		    "characters");
	if (q->expires != 0 && q->expires <= c->now)
		return op_refuse(c, ERROR_INVALID,
		    "the key would have expired already");
	return OP_DONE;
}

static bool
is_same(const struct request_create *q, const struct key_info *k)
{
	return strcmp(q->org, k->org) == 0 && strcmp(q->user, k->user) == 0 &&
	    strcmp(q->name, k->name) == 0 &&
	    (q->role[0] == '\0' || strcmp(q->role, k->role) == 0) &&
	    (q->context[0] == '\0' || strcmp(q->context, k->context) == 0) &&
	    strcmp(q->project, k->project) == 0 && q->expires == k->expires &&
	    k->revoked == 0;
}

/* A lost answer is asked for again with the digest that it was about. */
static enum op_result
answer_existing(struct op_call *c, const struct key_info *k)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_CREATE };

	if (!op_may(c, k->org))
		return op_refuse(c, ERROR_EXISTS,
		    "this token belongs to another key");
	if (!is_same(&c->req->create, k))
		return op_refuse(c, ERROR_EXISTS,
		    "this token belongs to another key, %s", k->id);
	(void)witness_key(c, k->id, false); /* there is room for one */
	rep.created.existed = true;
	rep.created.key = *k;
	return op_answer(c, &rep);
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

static enum op_result
check_name(struct op_call *c)
{
	const struct request_create *q = &c->req->create;
	struct record rec;
	enum store_status rc;

	rc = keys_find_name(c->txn, q->org, q->name, &rec);
	if (rc == STORE_OK && key_is_live(&rec.key, c->now))
		return op_refuse(c, ERROR_EXISTS,
		    "the name is taken by the live key %s", rec.key.id);
	return rc == STORE_OK || rc == STORE_NONE ? OP_DONE : op_failed(c, rc);
}

/* Fills in the key that is to be. */
static enum op_result
draft(struct op_call *c, struct key_info *k)
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

static enum op_result
answer(struct op_call *c, const struct key_info *k)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_CREATE };

	rep.created.key = *k;
	return op_answer(c, &rep);
}

/* Makes a key of a digest and an owner. */
enum op_result
op_create(struct op_call *c)
{
	const struct request_create *q = &c->req->create;
	struct record old, rec = { .serial = 0 };
	enum op_result result = op_check_org(c, q->org, "issue keys");
	enum store_status rc;

	if (result != OP_DONE || (result = check_fields(c)) != OP_DONE)
		return result;
	secret_hash(store_secret(c->txn), q->digest, rec.hash);
	rc = q->dry_run ? STORE_NONE : keys_find(c->txn, rec.hash, &old);
	if (rc == STORE_OK)
		return answer_existing(c, &old.key);
	if (rc != STORE_NONE)
		return op_failed(c, rc);
	if ((result = draft(c, &rec.key)) != OP_DONE)
		return result;
	if (q->dry_run)
		return answer(c, &rec.key);
	strlcpy(rec.key.id, c->new_id, sizeof(rec.key.id));
	rc = keys_insert(c->txn, &rec);
	if (rc == STORE_OK)
		rc = witness_key(c, rec.key.id, true);
	return rc == STORE_OK ? answer(c, &rec.key) : op_failed(c, rc);
}
