/* SPDX-License-Identifier: ISC */
#include "judge.h"
#include "keys.h"
#include "limiter.h"
#include "offer.h"
#include "op.h"
#include "uses.h"

/* The long way: all that is not known, or not live, takes it whole. */
static enum store_status
read_record(const struct op_call *c, struct record *rec, struct known *k)
{
	const uint8_t *digest = c->req->verify.digest;
	uint8_t hash[STORED_HASH_SIZE];
	enum store_status rc;

	secret_hash(store_secret(c->txn), digest, hash);
	rc = keys_find(c->txn, hash, rec);
	if (rc != STORE_OK)
		return rc;
	k->serial = rec->serial;
	k->key = key_brief(&rec->key);
	if (!key_is_live(&rec->key, c->now))
		return STORE_OK;
	rc = rate_of(c->txn, c->policy, rec->key.org, &k->rate, NULL);
	if (rc == STORE_OK)
		desk_keep(c->desk, c->txn, digest, rec, &k->rate);
	return rc;
}

static bool
has_ended(const struct op_call *c, const struct key_brief *k)
{
	return k->expires != 0 && k->expires <= c->now;
}

/* From the desk if it is all there, else from the store, into rec. */
static enum store_status
find(const struct op_call *c, struct record *rec, struct known *k)
{
	const struct request_verify *q = &c->req->verify;

	if (!q->details && desk_find(c->desk, c->txn, q->digest, k) &&
	    !has_ended(c, &k->key)) {
		c->health->recalled++;
		return STORE_OK;
	}
	return read_record(c, rec, k);
}

static void
count_use(const struct op_call *c, enum verdict_code code, uint64_t serial)
{
	if (code == VERDICT_OK)
		uses_allowed(c->uses, serial, 1, c->now);
	else if (code == VERDICT_REVOKED || code == VERDICT_EXPIRED)
		uses_refused(c->uses, serial, c->now);
}

static enum op_result
answer(struct op_call *c, enum verdict_code code, const struct key_brief *k,
    const struct allowance *a, const struct lease *l)
{
	c->unknown = code == VERDICT_UNKNOWN;
	c->health->verified++;
	c->health->allowed += code == VERDICT_OK;
	c->health->verdicts[code]++;
	reply_encode_verdict(c->out, code, k, a, l,
	    code == VERDICT_OK && c->req->verify.details, c->id);
	return OP_DONE;
}

/* May the key with this digest do that?  What is refused takes nothing. */
enum op_result
op_verify(struct op_call *c)
{
	const struct request_verify *q = &c->req->verify;
	struct allowance allowance = { 0 };
	enum verdict_code code;
	struct record rec;
	struct known k;
	struct lease l;
	uint32_t wanted;
	enum store_status rc = find(c, &rec, &k);

	offer_settle(c, &q->lease);
	if (rc == STORE_NONE)
		return answer(c, VERDICT_UNKNOWN, NULL, NULL, NULL);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	code = judge(q, &k.key, c->now);
	if (code == VERDICT_FORBIDDEN &&
	    !policy_has_permission(c->policy, q->permission))
		return op_refuse(c, ERROR_PERMISSION,
		    "no role has the permission %s", q->permission);
	wanted = offer_begin(c, &k, &l);
	if (code == VERDICT_OK &&
	    !limiter_take(c->limiter, k.serial, &k.rate, c->now_ns, wanted,
		&allowance))
		code = VERDICT_RATE_LIMITED;
	count_use(c, code, k.serial);
	offer_end(c, code, &k, &allowance, &l);
	return answer(c, code, &k.key, &allowance, &l);
}
