/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "asked.h"

static char id[KEY_ID_SIZE];

/* Each key has all faults from its own on; the first is the verdict. */
START_TEST(the_first_step_that_fails_is_the_verdict)
{
	struct request req = ask_create(1, "acme", "eddy", "revoked");

	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	ask_done(ask_revoke(&a, a.rep.created.key.id));
	req = ask_create(2, "acme", "eddy", "expired");
	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	ask_key(&a, 3, "acme", "eddy", "live", id);
	a.now = ASK_NOW + DAY;
	ck_assert_int_eq(ask_verify(&a, 9, "no:such", "bell"), VERDICT_UNKNOWN);
	ck_assert(a.unknown);
	ck_assert_int_eq(ask_verify(&a, 1, "no:such", "bell"), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 2, "no:such", "bell"), VERDICT_EXPIRED);
	ck_assert_int_eq(ask_verify(&a, 3, "no:such", "bell"),
	    VERDICT_WRONG_ORG);
	ck_assert(!a.unknown);
	ck_assert_int_eq(ask_verify(&a, 3, "billing:manage", "acme"),
	    VERDICT_FORBIDDEN);
	ck_assert_int_eq(ask_verify(&a, 3, "tests:write", "acme"), VERDICT_OK);
	ck_assert_int_eq(ask_verify(&a, 3, "", ""), VERDICT_OK);
	ck_assert_uint_eq(a.health.verified, 7);
	ck_assert_uint_eq(a.health.allowed, 2);
}
END_TEST

START_TEST(a_permission_that_no_role_has_is_the_servers_mistake)
{
	static const char *const none[] = { "no:such", "tests", "tests:run ",
		"tests:run data:read", "TESTS:RUN", " " };
	struct request req = { .type = FRAME_VERIFY };

	ask_key(&a, 3, "acme", "olga", "live", id);
	memset(req.verify.digest, 3, sizeof(req.verify.digest));
	a.socket = SOCKET_VERIFY;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		strlcpy(req.verify.permission, none[i], PERMISSION_SIZE);
		ask_refused(ask(&a, &req), ERROR_PERMISSION);
		ck_assert(!a.unknown);
	}
}
END_TEST

START_TEST(a_verdict_tells_whose_key_it_is_and_nothing_of_an_unknown_one)
{
	const struct reply_verdict *v = &a.rep.verdict;
	struct request req = ask_create(1, "acme", "eddy", "ci");

	strlcpy(req.create.project, "web", sizeof(req.create.project));
	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	strlcpy(id, a.rep.created.key.id, sizeof(id));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	ck_assert_str_eq(v->id, id);
	ck_assert_str_eq(v->org, "acme");
	ck_assert_str_eq(v->user, "eddy");
	ck_assert_str_eq(v->name, "ci");
	ck_assert_str_eq(v->project, "web");
	ck_assert_int_eq(v->expires, ASK_NOW + DAY);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_UNKNOWN);
	ck_assert_str_eq(v->id, "");
	ck_assert_str_eq(v->org, "");
	ck_assert_str_eq(v->user, "");
	ck_assert_str_eq(v->name, "");
	ck_assert_str_eq(v->project, "");
	ck_assert_int_eq(v->expires, 0);
}
END_TEST

START_TEST(a_key_works_until_the_second_in_which_it_ends)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	a.now = ASK_NOW + DAY - 1;
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	a.now++;
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_EXPIRED);
}
END_TEST

/* Its roles may have changed, or gone. */
START_TEST(a_key_keeps_its_permissions_whatever_the_policy)
{
	struct policy_draft *d = malloc(sizeof(*d));

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	policy_unref(a.policy);
	policy_draft_default(d);
	d->role_count = 0;
	ck_assert_ptr_nonnull(a.policy = policy_new(d));
	free(d);
	ck_assert_int_eq(ask_verify(&a, 1, "files:write", ""), VERDICT_OK);
}
END_TEST

START_TEST(a_damaged_record_gives_no_verdict)
{
	static const uint8_t serial[8] = { [7] = 1 };
	struct request req = { .type = FRAME_VERIFY };
	struct span value;

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	ck_assert_int_eq(store_get(scratch_view(&s), TABLE_KEYS,
			     (struct span){ serial, 8 }, &value),
	    STORE_OK);
	scratch_flip(&s, value.ptr, 77);
	memset(req.verify.digest, 1, sizeof(req.verify.digest));
	a.socket = SOCKET_VERIFY;
	ask_refused(ask(&a, &req), ERROR_STORE);
	ck_assert_uint_eq(a.health.verified, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_verify");
	TCase *tc = tcase_create("op_verify");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_first_step_that_fails_is_the_verdict);
	tcase_add_test(tc,
	    a_permission_that_no_role_has_is_the_servers_mistake);
	tcase_add_test(tc,
	    a_verdict_tells_whose_key_it_is_and_nothing_of_an_unknown_one);
	tcase_add_test(tc, a_key_works_until_the_second_in_which_it_ends);
	tcase_add_test(tc, a_key_keeps_its_permissions_whatever_the_policy);
	tcase_add_test(tc, a_damaged_record_gives_no_verdict);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
