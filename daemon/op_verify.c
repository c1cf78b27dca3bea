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

/* From the store, if not from a moment ago. */
static enum store_status
find(const struct op_call *c, const struct record **rec)
{
	const uint8_t *digest = c->req->verify.digest;
	uint64_t version = store_version(c->txn);
	uint8_t hash[STORED_HASH_SIZE];
	bool found;
	struct recent_entry *e =
	    recent_look(c->recent, digest, version, &found);
	enum store_status rc = STORE_OK;

	*rec = &e->rec;
	if (found && key_is_live(&e->rec.key, c->now))
		return STORE_OK;
	secret_hash(store_secret(c->txn), digest, hash);
	rc = keys_find(c->txn, hash, &e->rec);
	if (rc == STORE_OK && key_is_live(&e->rec.key, c->now))
		recent_keep(e, version);
	return rc;
}

static enum op_result
answer(struct op_call *c, enum verdict_code code, const struct key_info *k)
{
	c->unknown = code == VERDICT_UNKNOWN;
	c->health->verified++;
	c->health->allowed += code == VERDICT_OK;
	reply_encode_verdict(c->out, code, k, NULL, c->id);
	return OP_DONE;
}

/* May the key with this digest do that? */
enum op_result
op_verify(struct op_call *c)
{
	const struct request_verify *q = &c->req->verify;
	enum verdict_code code;
	const struct record *rec;
	enum store_status rc = find(c, &rec);

	if (rc == STORE_NONE)
		return answer(c, VERDICT_UNKNOWN, NULL);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	code = judge(q, &rec->key, c->now);
	if (code == VERDICT_FORBIDDEN &&
	    !policy_has_permission(c->policy, q->permission))
		return op_refuse(c, ERROR_PERMISSION,
		    "no role has the permission %s", q->permission);
	return answer(c, code, &rec->key);
}
