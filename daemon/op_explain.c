/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "judge.h"
#include "keys.h"
#include "limiter.h"
#include "op.h"

#define MOMENT_SIZE 32
#define STEPS_SIZE 2048 /* bytes of all steps: six, each below 300 */

/* The steps so far, and what they are about. */
struct account {
	uint8_t bytes[STEPS_SIZE];
	struct wire_writer w;
	uint16_t count;
	bool failed; /* one of them: what follows is not reached */
	struct record rec;
	struct rate rate;
	char plan[PLAN_SIZE];
	struct reply_verdict verdict;
};

/* One step; not reached, and without a text, after one that failed.  A text
   that is too long ends in dots. */
__attribute__((format(printf, 4, 5))) static void
put_step(struct account *a, const char *name, bool passed, const char *fmt, ...)
{
	struct step_row row = { .result = STEP_NOT_REACHED };
	va_list ap;
	int n;

	strlcpy(row.name, name, sizeof(row.name));
	if (!a->failed) {
		row.result = passed ? STEP_PASSED : STEP_FAILED;
		va_start(ap, fmt);
		n = vsnprintf(row.text, sizeof(row.text), fmt, ap);
		va_end(ap);
		if (n >= (int)sizeof(row.text))
			memcpy(row.text + sizeof(row.text) - 4, "...", 4);
	}
	a->failed = a->failed || !passed;
	a->count++;
	step_put(&a->w, &row);
}

static const char *
moment(int64_t when, char text[MOMENT_SIZE])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strlcpy(text, "a time without a name", MOMENT_SIZE);
	return text;
}

static void
put_revoked(struct account *a, bool passed)
{
	const struct key_info *k = &a->rec.key;
	char when[MOMENT_SIZE];

	if (passed)
		put_step(a, "revoked", passed, "it is not revoked");
	else
		put_step(a, "revoked", passed, "uid %u had it revoked at %s",
		    k->revoker_uid, moment(k->revoked, when));
}

static void
put_expired(struct account *a, bool passed)
{
	const struct key_info *k = &a->rec.key;
	char when[MOMENT_SIZE];

	if (k->expires == 0)
		put_step(a, "expired", passed, "it has no end");
	else
		put_step(a, "expired", passed, "it %s at %s",
		    passed ? "ends" : "ended", moment(k->expires, when));
}

static void
put_org(struct account *a, bool passed, const struct request_verify *q)
{
	const char *org = a->rec.key.org;

	if (q->org[0] == '\0')
		put_step(a, "org", passed, "any will do, and it is of %s", org);
	else if (passed)
		put_step(a, "org", passed, "it is of %s, as asked for", org);
	else
		put_step(a, "org", passed, "it is of %s, and not of %s", org,
		    q->org);
}

static void
put_permission(struct account *a, bool passed, const struct request_verify *q)
{
	const char *has = a->rec.key.permissions;

	if (q->permission[0] == '\0')
		put_step(a, "permission", passed, "none is asked for");
	else if (passed)
		put_step(a, "permission", passed, "it may %s", q->permission);
	else
		put_step(a, "permission", passed, "it may not %s, but only %s",
		    q->permission, has[0] != '\0' ? has : "nothing");
}

static void
put_judged(struct account *a, const struct request_verify *q, int64_t now)
{
	const struct key_brief k = key_brief(&a->rec.key);

	put_revoked(a, judge_passes(JUDGE_REVOKED, q, &k, now));
	put_expired(a, judge_passes(JUDGE_EXPIRED, q, &k, now));
	put_org(a, judge_passes(JUDGE_ORG, q, &k, now), q);
	put_permission(a, judge_passes(JUDGE_PERMISSION, q, &k, now), q);
}

static void
put_limit(struct account *a, bool passed, const struct allowance *left)
{
	const char *by =
	    a->plan[0] != '\0' ? "by the plan " : "set for its org";

	if (a->rate.per_minute == 0)
		put_step(a, "rate limit", passed, "the plan %s has none",
		    a->plan);
	else if (passed)
		put_step(a, "rate limit", passed,
		    "%u of %u uses at once are left after this one, %u a "
		    "minute %s%s",
		    left->remaining, a->rate.burst, a->rate.per_minute, by,
		    a->plan);
	else
		put_step(a, "rate limit", passed,
		    "all %u uses at once are spent, and the next one is free "
		    "in %u s; %u a minute %s%s",
		    a->rate.burst, left->retry_after, a->rate.per_minute, by,
		    a->plan);
}

static void
set_verdict(struct account *a, enum verdict_code code,
    const struct allowance *left)
{
	struct reply_verdict *v = &a->verdict;
	const struct key_info *k = &a->rec.key;

	*v = (struct reply_verdict){ .code = (uint8_t)code,
		.retry_after = left->retry_after,
		.limit = left->limit,
		.remaining = left->remaining,
		.reset = left->reset,
		.expires = k->expires };
	strlcpy(v->id, k->id, sizeof(v->id));
	strlcpy(v->org, k->org, sizeof(v->org));
	strlcpy(v->user, k->user, sizeof(v->user));
	strlcpy(v->name, k->name, sizeof(v->name));
	strlcpy(v->project, k->project, sizeof(v->project));
}

/* The same steps as a verify's, but that nothing is taken. */
static void
account_for(struct op_call *c, struct account *a, enum verdict_code code)
{
	struct allowance left = { 0 };
	bool room =
	    limiter_peek(c->limiter, a->rec.serial, &a->rate, c->now_ns, &left);

	put_step(a, "known", true, "it is %s of %s, made for %s", a->rec.key.id,
	    a->rec.key.org, a->rec.key.user);
	put_judged(a, &c->req->explain, c->now);
	put_limit(a, room, &left);
	if (code != VERDICT_OK)
		left = (struct allowance){ 0 };
	else if (!room)
		code = VERDICT_RATE_LIMITED;
	set_verdict(a, code, &left);
}

static enum op_result
answer(struct op_call *c, const struct account *a)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_EXPLAIN,
		.explained = { .verdict = a->verdict,
		    .count = a->count,
		    .steps = { a->bytes, wire_length(&a->w) } } };

	return op_answer(c, &rep);
}

static enum op_result
answer_unknown(struct op_call *c, struct account *a)
{
	a->rec = (struct record){ 0 };
	put_step(a, "known", false, "no key has this token");
	put_judged(a, &c->req->explain, c->now);
	put_step(a, "rate limit", false, "%s", "");
	a->verdict = (struct reply_verdict){ .code = VERDICT_UNKNOWN };
	return answer(c, a);
}

/* What would a verify say, and why?  It takes nothing, and is no use. */
enum op_result
op_explain(struct op_call *c)
{
	const struct request_verify *q = &c->req->explain;
	struct account a = { .count = 0 };
	uint8_t hash[STORED_HASH_SIZE];
	struct key_brief brief;
	enum verdict_code code;
	enum store_status rc;

	a.w = wire_writer(a.bytes, sizeof(a.bytes));
	secret_hash(store_secret(c->txn), q->digest, hash);
	rc = keys_find(c->txn, hash, &a.rec);
	if (rc == STORE_NONE)
		return answer_unknown(c, &a);
	if (rc == STORE_OK)
		rc = rate_of(c->txn, c->policy, a.rec.key.org, &a.rate, a.plan);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	brief = key_brief(&a.rec.key);
	code = judge(q, &brief, c->now);
	if (code == VERDICT_FORBIDDEN &&
	    !policy_has_permission(c->policy, q->permission))
		return op_refuse(c, ERROR_PERMISSION,
		    "no role has the permission %s", q->permission);
	account_for(c, &a, code);
	return answer(c, &a);
}
