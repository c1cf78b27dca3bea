/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "op.h"

/* The policy, in its fixed order.  The first that fails is the verdict. */
static enum verdict_code
judge(const struct request_verify *q, const struct key_info *k, int64_t now)
{
	if (k->revoked != 0)
		return VERDICT_REVOKED;
	if (k->expires != 0 && now >= k->expires)
		return VERDICT_EXPIRED;
	if (q->org[0] != '\0' && strcmp(q->org, k->org) != 0)
		return VERDICT_WRONG_ORG;
	if (q->permission[0] != '\0' &&
	    !permissions_have(k->permissions, q->permission))
		return VERDICT_FORBIDDEN;
	return VERDICT_OK;
}

static void
tell(struct reply_verdict *v, const struct key_info *k)
{
	v->expires = k->expires;
	strlcpy(v->id, k->id, sizeof(v->id));
	strlcpy(v->org, k->org, sizeof(v->org));
	strlcpy(v->user, k->user, sizeof(v->user));
	strlcpy(v->name, k->name, sizeof(v->name));
	strlcpy(v->project, k->project, sizeof(v->project));
}

static enum store_status
find(const struct op_call *c, struct record *rec)
{
	uint8_t hash[STORED_HASH_SIZE];

	secret_hash(store_secret(c->txn), c->req->verify.digest, hash);
	return keys_find(c->txn, hash, rec);
}

/* May the key with this digest do that? */
enum op_result
op_verify(struct op_call *c)
{
	const struct request_verify *q = &c->req->verify;
	struct reply rep = { .type = FRAME_ANSWER | FRAME_VERIFY };
	enum verdict_code code = VERDICT_UNKNOWN;
	struct record rec;
	enum store_status rc = find(c, &rec);

	if (rc != STORE_OK && rc != STORE_NONE)
		return op_failed(c, rc);
	if (rc == STORE_OK) {
		code = judge(q, &rec.key, c->now);
		tell(&rep.verdict, &rec.key);
	}
	if (code == VERDICT_FORBIDDEN &&
	    !policy_has_permission(c->policy, q->permission))
		return op_refuse(c, ERROR_PERMISSION,
		    "no role has the permission %s", q->permission);
	c->unknown = code == VERDICT_UNKNOWN;
	c->health->verified++;
	c->health->allowed += code == VERDICT_OK;
	rep.verdict.code = (uint8_t)code;
	return op_answer(c, &rep);
}
