/* SPDX-License-Identifier: ISC */
/* Verify and explain: the order of the steps, and what a verdict says of the
   rate limit. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "judge.h"
#include "limiter.h"
#include "suite.h"

#define S INT64_C(1000000000)
#define DAY 86400
#define STEPS 6

static struct scratch s;
static struct asker a;
static char id[KEY_ID_SIZE];

/* acme on the plan free, with eddy's key of the digest 1. */
static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ask_org(&a, "acme");
	ask_member(&a, "acme", "eddy", "editor");
	ask_key(&a, 1, "acme", "eddy", "ci", id);
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

static enum verdict_code
verify(void)
{
	return ask_verify(&a, 1, "tests:run", "acme");
}

static unsigned
hammer(unsigned tries)
{
	unsigned admitted = 0;

	while (tries-- > 0)
		admitted += verify() == VERDICT_OK;
	return admitted;
}

static void
ck_limit(uint32_t retry_after, uint32_t limit, uint32_t remaining,
    uint32_t reset)
{
	const struct reply_verdict *v = &a.rep.verdict;

	ck_assert_uint_eq(v->retry_after, retry_after);
	ck_assert_uint_eq(v->limit, limit);
	ck_assert_uint_eq(v->remaining, remaining);
	ck_assert_uint_eq(v->reset, reset);
}

static void
org_set(const char *plan, uint32_t rate, uint32_t burst)
{
	struct request req = { .type = FRAME_ORG_SET };

	strlcpy(req.org.slug, "acme", sizeof(req.org.slug));
	strlcpy(req.org.plan, plan, sizeof(req.org.plan));
	req.org.rate = rate;
	req.org.burst = burst;
	ask_done(ask(&a, &req));
}

/* --- the judge --- */

static enum verdict_code
judged(const struct request_verify *q, const struct key_info *k, int64_t now)
{
	const struct key_brief brief = key_brief(k);

	return judge(q, &brief, now);
}

START_TEST(the_first_step_that_fails_is_the_verdict)
{
	const struct request_verify q = { .permission = "x:y", .org = "bell" };
	struct key_info k = { .revoked = 5,
		.expires = 6,
		.org = "acme",
		.permissions = "a:b" };

	ck_assert_int_eq(judged(&q, &k, 6), VERDICT_REVOKED);
	k.revoked = 0;
	ck_assert_int_eq(judged(&q, &k, 6), VERDICT_EXPIRED);
	ck_assert_int_eq(judged(&q, &k, 5), VERDICT_WRONG_ORG);
	strlcpy(k.org, "bell", sizeof(k.org));
	ck_assert_int_eq(judged(&q, &k, 5), VERDICT_FORBIDDEN);
	strlcpy(k.permissions, "a:b x:y", sizeof(k.permissions));
	ck_assert_int_eq(judged(&q, &k, 5), VERDICT_OK);
}
END_TEST

/* --- verify --- */

START_TEST(a_verdict_says_what_is_left)
{
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_limit(0, 60, 9, 1);
	ck_assert_uint_eq(hammer(9), 9);
	ck_limit(0, 60, 0, 10);
	ck_assert_int_eq(verify(), VERDICT_RATE_LIMITED);
	ck_limit(1, 60, 0, 10);
	ck_assert_str_eq(a.rep.verdict.id, id);
	a.now_ns += 2 * S;
	ck_assert_uint_eq(hammer(10), 2);
	ck_assert_uint_eq(a.health.allowed, 12);
}
END_TEST

START_TEST(whatever_else_is_refused_takes_nothing)
{
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(ask_verify(&a, 1, "tests:run", "bell"),
		    VERDICT_WRONG_ORG);
		ck_limit(0, 0, 0, 0);
		ck_assert_int_eq(ask_verify(&a, 1, "members:manage", ""),
		    VERDICT_FORBIDDEN);
		ck_limit(0, 0, 0, 0);
	}
	ck_assert_uint_eq(hammer(20), 10);
}
END_TEST

START_TEST(the_limit_is_the_last_of_the_steps)
{
	ck_assert_uint_eq(hammer(20), 10);
	ck_assert_int_eq(ask_verify(&a, 1, "members:manage", ""),
	    VERDICT_FORBIDDEN);
	ck_assert_int_eq(ask_verify(&a, 1, "", "bell"), VERDICT_WRONG_ORG);
	ask_done(ask_revoke(&a, id));
	ck_assert_int_eq(verify(), VERDICT_REVOKED);
}
END_TEST

START_TEST(each_key_has_a_limit_of_its_own)
{
	ask_key(&a, 2, "acme", "eddy", "other", id);
	ck_assert_uint_eq(hammer(20), 10);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_OK);
	ck_limit(0, 60, 9, 1);
}
END_TEST

START_TEST(a_change_of_plan_holds_for_the_next_verify)
{
	ck_assert_uint_eq(hammer(20), 10);
	org_set("starter", 0, 0);
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_limit(0, 600, 49, 2);
	org_set("free", 0, 0);
	ck_assert_int_eq(verify(), VERDICT_RATE_LIMITED);
	ck_limit(1, 60, 0, 10);
}
END_TEST

START_TEST(an_orgs_own_rate_goes_before_its_plans)
{
	org_set("enterprise", 6, 3);
	ck_assert_uint_eq(hammer(20), 3);
	ck_limit(10, 6, 0, 30);
	org_set("", 60, 4);
	ck_assert_uint_eq(hammer(20), 1);
	org_set("pro", 0, 0);
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_limit(0, 3000, 295, 1);
}
END_TEST

static void
set_policy(const char *gone, uint32_t rate)
{
	struct policy_draft *d = malloc(sizeof(*d));

	policy_draft_default(d);
	for (size_t i = 0; i < d->plan_count; i++)
		if (strcmp(d->plans[i].name, gone) == 0)
			d->plans[i] = (struct plan){ "new", rate, rate, false };
	policy_unref(a.policy);
	a.policy = policy_new(d);
	ck_assert_ptr_nonnull(a.policy);
	free(d);
	generations_void_all(a.generations);
}

START_TEST(a_plan_that_is_no_more_counts_as_the_first)
{
	org_set("pro", 0, 0);
	ck_assert_uint_eq(hammer(20), 20);
	set_policy("pro", 100);
	ck_assert_int_eq(verify(), VERDICT_RATE_LIMITED);
	ck_limit(1, 60, 0, 10);
}
END_TEST

START_TEST(another_policy_holds_for_the_next_verify)
{
	ck_assert_uint_eq(hammer(5), 5);
	set_policy("free", 2);
	ck_assert_int_eq(verify(), VERDICT_RATE_LIMITED);
	ck_limit(30, 2, 0, 60);
}
END_TEST

START_TEST(a_plan_that_lost_its_rate_leaves_no_org_without_a_limit)
{
	struct policy_draft *d = malloc(sizeof(*d));

	org_set("pro", 0, 0);
	policy_draft_default(d);
	d->plans[2] = (struct plan){ "pro", 0, 0, true };
	policy_unref(a.policy);
	a.policy = policy_new(d);
	free(d);
	generations_void_all(a.generations);
	ck_assert_uint_eq(hammer(20), 10);
}
END_TEST

/* --- explain --- */

static struct step_row steps[STEPS];

static const struct reply_explained *
explain(uint8_t n, const char *permission, const char *org)
{
	static const char *const names[STEPS] = { "known", "revoked", "expired",
		"org", "permission", "rate limit" };
	struct request req = { .type = FRAME_EXPLAIN };
	struct wire_reader r;

	memset(req.explain.digest, n, sizeof(req.explain.digest));
	strlcpy(req.explain.permission, permission,
	    sizeof(req.explain.permission));
	strlcpy(req.explain.org, org, sizeof(req.explain.org));
	ask_done(ask(&a, &req));
	ck_assert(!a.was_change && !a.unknown);
	ck_assert_uint_eq(a.rep.explained.count, STEPS);
	r = wire_reader(a.rep.explained.steps.ptr, a.rep.explained.steps.len);
	for (int i = 0; i < STEPS; i++) {
		step_get(&r, &steps[i]);
		ck_assert_str_eq(steps[i].name, names[i]);
	}
	ck_assert(wire_done(&r));
	return &a.rep.explained;
}

/* The steps up to at passed, and this one failed; STEPS: none did. */
static void
ck_failed(int at, const char *text)
{
	for (int i = 0; i < STEPS; i++) {
		ck_assert_int_eq(steps[i].result,
		    i < at        ? STEP_PASSED
			: i == at ? STEP_FAILED
				  : STEP_NOT_REACHED);
		ck_assert_int_eq(steps[i].text[0] != '\0', i <= at);
	}
	if (at < STEPS)
		ck_assert_str_eq(steps[at].text, text);
}

START_TEST(every_step_of_a_good_key_is_told)
{
	const struct reply_explained *e = explain(1, "tests:run", "acme");
	char text[MESSAGE_SIZE];

	ck_failed(STEPS, "");
	snprintf(text, sizeof(text), "it is %s of acme, made for eddy", id);
	ck_assert_str_eq(steps[0].text, text);
	ck_assert_str_eq(steps[1].text, "it is not revoked");
	ck_assert_str_eq(steps[2].text, "it has no end");
	ck_assert_str_eq(steps[3].text, "it is of acme, as asked for");
	ck_assert_str_eq(steps[4].text, "it may tests:run");
	ck_assert_str_eq(steps[5].text,
	    "9 of 10 uses at once are left after this one, 60 a minute by "
	    "the plan free");
	ck_assert_uint_eq(e->verdict.code, VERDICT_OK);
	ck_assert_str_eq(e->verdict.id, id);
	ck_assert_str_eq(e->verdict.user, "eddy");
	explain(1, "", "");
	ck_failed(STEPS, "");
	ck_assert_str_eq(steps[3].text, "any will do, and it is of acme");
	ck_assert_str_eq(steps[4].text, "none is asked for");
}
END_TEST

START_TEST(an_explanation_takes_nothing_and_says_what_a_verify_will)
{
	for (int i = 0; i < 12; i++) {
		struct reply_verdict v =
		    explain(1, "tests:run", "acme")->verdict;
		struct reply_verdict again =
		    explain(1, "tests:run", "acme")->verdict;

		ck_assert_uint_eq(v.remaining, again.remaining);
		ck_assert_int_eq(verify(), v.code);
		ck_limit(v.retry_after, v.limit, v.remaining, v.reset);
		ck_assert_str_eq(a.rep.verdict.id, v.id);
		ck_assert_str_eq(a.rep.verdict.name, v.name);
		ck_assert_int_eq(a.rep.verdict.expires, v.expires);
	}
	ck_assert_uint_eq(a.health.verified, 12);
	ck_failed(5,
	    "all 10 uses at once are spent, and the next one is free in 1 s; "
	    "60 a minute by the plan free");
	org_set("enterprise", 7, 20);
	explain(1, "", "");
	ck_assert_str_eq(steps[5].text,
	    "9 of 20 uses at once are left after this one, 7 a minute set for "
	    "its org");
}
END_TEST

START_TEST(an_unknown_token_reaches_nothing)
{
	ck_assert_uint_eq(explain(9, "tests:run", "")->verdict.code,
	    VERDICT_UNKNOWN);
	ck_failed(0, "no key has this token");
	ck_assert_str_eq(a.rep.explained.verdict.id, "");
}
END_TEST

START_TEST(the_step_that_fails_says_why)
{
	struct request req = ask_create(2, "acme", "eddy", "short");

	ck_assert_uint_eq(explain(1, "members:manage", "")->verdict.code,
	    VERDICT_FORBIDDEN);
	ck_failed(4,
	    "it may not members:manage, but only tests:run data:read "
	    "tests:write probes:write registrars:write files:write");
	ck_assert_uint_eq(explain(1, "members:manage", "bell")->verdict.code,
	    VERDICT_WRONG_ORG);
	ck_failed(3, "it is of acme, and not of bell");
	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	explain(2, "", "");
	ck_assert_str_eq(steps[2].text, "it ends at 2023-11-15T22:13:20Z");
	a.now += DAY;
	ck_assert_uint_eq(explain(2, "members:manage", "bell")->verdict.code,
	    VERDICT_EXPIRED);
	ck_failed(2, "it ended at 2023-11-15T22:13:20Z");
	ask_done(ask_revoke(&a, id));
	ck_assert_uint_eq(explain(1, "members:manage", "bell")->verdict.code,
	    VERDICT_REVOKED);
	ck_failed(1, "uid 0 had it revoked at 2023-11-15T22:13:20Z");
}
END_TEST

START_TEST(a_permission_of_no_role_is_a_mistake_here_too)
{
	struct request req = { .type = FRAME_EXPLAIN };

	memset(req.explain.digest, 1, sizeof(req.explain.digest));
	strlcpy(req.explain.permission, "tests:rum",
	    sizeof(req.explain.permission));
	ask_refused(ask(&a, &req), ERROR_PERMISSION);
}
END_TEST

START_TEST(only_administrators_may_ask_for_an_explanation)
{
	struct request req = { .type = FRAME_EXPLAIN };

	a.peer.uid = ASK_STRANGER;
	ask_refused(ask(&a, &req), ERROR_DENIED);
	a.socket = SOCKET_VERIFY;
	ask_refused(ask(&a, &req), ERROR_TYPE);
}
END_TEST

START_TEST(a_text_that_is_too_long_ends_in_dots)
{
	struct policy_draft *d = malloc(sizeof(*d));

	policy_draft_default(d);
	for (unsigned i = 0; i < 60; i++)
		snprintf(d->roles[1].permissions + 16 * i, 17,
		    "permission:%04u ", i % 10000);
	policy_unref(a.policy);
	a.policy = policy_new(d);
	free(d);
	ask_key(&a, 3, "acme", "eddy", "many", id);
	explain(3, "members:manage", "");
	ck_assert_uint_eq(strlen(steps[4].text), MESSAGE_SIZE - 1);
	ck_assert_str_eq(steps[4].text + MESSAGE_SIZE - 4, "...");
}
END_TEST

static void
add_verify(TCase *tc)
{
	tcase_add_test(tc, the_first_step_that_fails_is_the_verdict);
	tcase_add_test(tc, a_verdict_says_what_is_left);
	tcase_add_test(tc, whatever_else_is_refused_takes_nothing);
	tcase_add_test(tc, the_limit_is_the_last_of_the_steps);
	tcase_add_test(tc, each_key_has_a_limit_of_its_own);
	tcase_add_test(tc, a_change_of_plan_holds_for_the_next_verify);
	tcase_add_test(tc, an_orgs_own_rate_goes_before_its_plans);
	tcase_add_test(tc, a_plan_that_is_no_more_counts_as_the_first);
	tcase_add_test(tc, another_policy_holds_for_the_next_verify);
	tcase_add_test(tc,
	    a_plan_that_lost_its_rate_leaves_no_org_without_a_limit);
}

static void
add_explain(TCase *tc)
{
	tcase_add_test(tc, every_step_of_a_good_key_is_told);
	tcase_add_test(tc,
	    an_explanation_takes_nothing_and_says_what_a_verify_will);
	tcase_add_test(tc, an_unknown_token_reaches_nothing);
	tcase_add_test(tc, the_step_that_fails_says_why);
	tcase_add_test(tc, a_permission_of_no_role_is_a_mistake_here_too);
	tcase_add_test(tc, only_administrators_may_ask_for_an_explanation);
	tcase_add_test(tc, a_text_that_is_too_long_ends_in_dots);
}

int
main(void)
{
	Suite *suite = suite_create("judge");
	TCase *tc = tcase_create("judge");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	add_verify(tc);
	add_explain(tc);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
