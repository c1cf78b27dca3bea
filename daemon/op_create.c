/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "draft.h"
#include "keys.h"
#include "op.h"
#include "witness.h"

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
	(void)witness_key(c, k, false); /* there is room for one */
	rep.created.existed = true;
	rep.created.key = *k;
	return op_answer(c, &rep);
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

	if (result != OP_DONE || (result = draft_check(c)) != OP_DONE)
		return result;
	secret_hash(store_secret(c->txn), q->digest, rec.hash);
	rc = q->dry_run ? STORE_NONE : keys_find(c->txn, rec.hash, &old);
	if (rc == STORE_OK)
		return answer_existing(c, &old.key);
	if (rc != STORE_NONE)
		return op_failed(c, rc);
	if ((result = draft_key(c, &rec.key)) != OP_DONE)
		return result;
	if (q->dry_run)
		return answer(c, &rec.key);
	rc = keys_insert(c->txn, &rec);
	if (rc == STORE_OK)
		rc = witness_key(c, &rec.key, true);
	return rc == STORE_OK ? answer(c, &rec.key) : op_failed(c, rc);
}
