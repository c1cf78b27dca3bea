/* SPDX-License-Identifier: ISC */
#include "judge.h"
#include "keys.h"
#include "limiter.h"
#include "offer.h"
#include "op.h"
#include "uses.h"

/* What is known of the key that is asked about. */
struct found {
	const struct record *rec;
	const struct rate *rate; /* of a live one */
};

static enum store_status
read_record(const struct op_call *c, struct recent_entry *e, uint64_t version)
{
	uint8_t hash[STORED_HASH_SIZE];
	enum store_status rc;

	secret_hash(store_secret(c->txn), c->req->verify.digest, hash);
	rc = keys_find(c->txn, hash, &e->rec);
	if (rc != STORE_OK || !key_is_live(&e->rec.key, c->now))
		return rc;
	rc = rate_of(c->txn, c->policy, e->rec.key.org, &e->rate, NULL);
	if (rc == STORE_OK)
		recent_keep(e, version);
	return rc;
}

/* From the store, if not from a moment ago. */
static enum store_status
find(const struct op_call *c, struct found *f)
{
	uint64_t version = store_version(c->txn);
	bool found;
	struct recent_entry *e =
	    recent_look(c->recent, c->req->verify.digest, version, &found);

	*f = (struct found){ &e->rec, &e->rate };
	if (found && key_is_live(&e->rec.key, c->now)) {
		c->health->recalled++;
		return STORE_OK;
	}
	return read_record(c, e, version);
}

static void
count_use(const struct op_call *c, enum verdict_code code,
    const struct record *rec)
{
	if (code == VERDICT_OK)
		uses_allowed(c->uses, rec->serial, 1, c->now);
	else if (code == VERDICT_REVOKED || code == VERDICT_EXPIRED)
		uses_refused(c->uses, rec->serial, c->now);
}

static enum op_result
answer(struct op_call *c, enum verdict_code code, const struct key_info *k,
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
	struct found f;
	struct lease l;
	uint32_t wanted;
	enum store_status rc = find(c, &f);

	offer_settle(c, &q->lease);
	if (rc == STORE_NONE)
		return answer(c, VERDICT_UNKNOWN, NULL, NULL, NULL);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	code = judge(q, &f.rec->key, c->now);
	if (code == VERDICT_FORBIDDEN &&
	    !policy_has_permission(c->policy, q->permission))
		return op_refuse(c, ERROR_PERMISSION,
		    "no role has the permission %s", q->permission);
	wanted = offer_begin(c, f.rec, &l);
	if (code == VERDICT_OK &&
	    !limiter_take(c->limiter, f.rec->serial, f.rate, c->now_ns, wanted,
		&allowance))
		code = VERDICT_RATE_LIMITED;
	count_use(c, code, f.rec);
	offer_end(c, code, f.rec, &allowance, &l);
	return answer(c, code, &f.rec->key, &allowance, &l);
}
