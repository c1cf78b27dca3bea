/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "suite.h"

#define DAY (INT64_C(24) * 60 * 60)

static struct policy_draft draft;
static struct policy *p;

static void
set_up(void)
{
	policy_draft_default(&draft);
	p = policy_new(&draft);
	ck_assert_ptr_nonnull(p);
}

static void
tear_down(void)
{
	policy_unref(p);
}

static const struct {
	const char *name;
	const char *permissions;
	bool may_create;
} roles[] = {
	{ "tester", "tests:run data:read", false },
	{ "editor",
	    "tests:run data:read tests:write probes:write registrars:write "
	    "files:write",
	    true },
	{ "admin",
	    "tests:run data:read tests:write probes:write registrars:write "
	    "files:write members:manage settings:manage",
	    true },
	{ "owner",
	    "tests:run data:read tests:write probes:write registrars:write "
	    "files:write members:manage settings:manage billing:manage",
	    true },
};

START_TEST(the_default_roles_are_those_of_the_contract)
{
	const struct role *r = policy_role(p, roles[_i].name);

	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(r->name, roles[_i].name);
	ck_assert_str_eq(r->permissions, roles[_i].permissions);
	ck_assert_int_eq(r->may_create, roles[_i].may_create);
}
END_TEST

static const struct plan plans[] = {
	{ "free", 60, 10, false },
	{ "starter", 600, 60, false },
	{ "pro", 3000, 300, false },
	{ "business", 12000, 1200, false },
	{ "enterprise", 0, 0, true },
};

START_TEST(the_default_plans_are_those_of_the_contract)
{
	const struct plan *is = policy_plan(p, plans[_i].name);

	ck_assert_ptr_nonnull(is);
	ck_assert_uint_eq(is->rate, plans[_i].rate);
	ck_assert_uint_eq(is->burst, plans[_i].burst);
	ck_assert_int_eq(is->custom, plans[_i].custom);
}
END_TEST

static const struct context contexts[] = {
	{ "production-ci", 90 * DAY },
	{ "development", 180 * DAY },
	{ "personal", 90 * DAY },
	{ "shared", 30 * DAY },
};

START_TEST(the_default_contexts_are_those_of_the_contract)
{
	const struct context *is = policy_context(p, contexts[_i].name);

	ck_assert_ptr_nonnull(is);
	ck_assert_int_eq(is->rotate_after, contexts[_i].rotate_after);
}
END_TEST

START_TEST(what_nobody_named_is_not_found)
{
	ck_assert_ptr_null(policy_role(p, "teste"));
	ck_assert_ptr_null(policy_role(p, "testers"));
	ck_assert_ptr_null(policy_role(p, ""));
	ck_assert_ptr_null(policy_plan(p, "tester"));
	ck_assert_ptr_null(policy_plan(p, ""));
	ck_assert_ptr_null(policy_context(p, "free"));
	ck_assert_ptr_null(policy_context(p, ""));
}
END_TEST

START_TEST(each_role_is_within_the_next)
{
	const char *lesser = policy_role(p, roles[_i].name)->permissions;
	const char *greater = policy_role(p, roles[_i + 1].name)->permissions;

	ck_assert(permissions_within(lesser, greater));
	ck_assert(!permissions_within(greater, lesser));
}
END_TEST

START_TEST(a_permission_of_any_role_is_known_to_the_policy)
{
	ck_assert(policy_has_permission(p, "tests:run"));
	ck_assert(policy_has_permission(p, "billing:manage"));
	ck_assert(!policy_has_permission(p, "tests"));
	ck_assert(!policy_has_permission(p, "tests:runs"));
	ck_assert(!policy_has_permission(p, "tests:run data:read"));
	ck_assert(!policy_has_permission(p, ""));
}
END_TEST

START_TEST(the_first_plan_and_development_are_the_defaults)
{
	ck_assert_str_eq(policy_default_plan(p), "free");
	ck_assert_str_eq(policy_default_context(p), "development");
	ck_assert_str_eq(policy_prefix(p), "cmk");
	ck_assert(!policy_foreign(p));
}
END_TEST

START_TEST(without_development_the_first_context_is_the_default)
{
	struct policy *other;

	strcpy(draft.contexts[1].name, "else");
	other = policy_new(&draft);
	ck_assert_ptr_nonnull(other);
	ck_assert_str_eq(policy_default_context(other), "production-ci");
	policy_unref(other);
}
END_TEST

START_TEST(a_policy_does_not_change_with_its_draft)
{
	memset(&draft, 'x', sizeof(draft));
	ck_assert_str_eq(policy_prefix(p), "cmk");
	ck_assert_ptr_nonnull(policy_role(p, "owner"));
	ck_assert_ptr_null(policy_role(p, "x"));
}
END_TEST

START_TEST(a_draft_without_plan_or_context_or_with_too_much_is_refused)
{
	static const size_t offsets[] = {
		offsetof(struct policy_draft, plan_count),
		offsetof(struct policy_draft, context_count),
		offsetof(struct policy_draft, role_count),
		offsetof(struct policy_draft, plan_count),
		offsetof(struct policy_draft, context_count),
	};
	static const size_t counts[] = { 0, 0, ROLES_MAX + 1, PLANS_MAX + 1,
		CONTEXTS_MAX + 1 };

	memcpy((char *)&draft + offsets[_i], &counts[_i], sizeof(size_t));
	errno = 0;
	ck_assert_ptr_null(policy_new(&draft));
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(a_reference_keeps_a_policy_alive)
{
	ck_assert_ptr_eq(policy_ref(p), p);
	policy_unref(p);
	ck_assert_str_eq(policy_prefix(p), "cmk");
	policy_unref(NULL);
}
END_TEST

static void *
hold_and_let_go(void *policy)
{
	for (int i = 0; i < 10000; i++) {
		struct policy *held = policy_ref(policy);

		if (policy_role(held, "owner") == NULL)
			return policy;
		policy_unref(held);
	}
	policy_unref(policy);
	return NULL;
}

START_TEST(threads_share_a_policy_and_the_last_one_frees_it)
{
	struct policy *shared = policy_new(&draft);
	pthread_t threads[4];
	void *failed;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
				     hold_and_let_go, policy_ref(shared)),
		    0);
	policy_unref(shared);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

/* With copies that end where the texts do. */
static bool
exactly(bool (*ask)(const char *, const char *), const char *a, const char *b)
{
	char *x = strdup(a);
	char *y = strdup(b);
	bool answer;

	ck_assert(x != NULL && y != NULL);
	answer = ask(x, y);
	free(x);
	free(y);
	return answer;
}

START_TEST(a_list_has_whole_words_only)
{
	ck_assert(exactly(permissions_have, "a:b", "a:b"));
	ck_assert(exactly(permissions_have, "a:b c d", "a:b"));
	ck_assert(exactly(permissions_have, "a:b c d", "c"));
	ck_assert(exactly(permissions_have, "a:b c d", "d"));
	ck_assert(exactly(permissions_have, "ab a", "a"));
	ck_assert(!exactly(permissions_have, "a:b c d", "a"));
	ck_assert(!exactly(permissions_have, "a:b c d", "b"));
	ck_assert(!exactly(permissions_have, "a:b c d", "a:b c"));
	ck_assert(!exactly(permissions_have, "a:b c d", " "));
	ck_assert(!exactly(permissions_have, "a:b", "a:bc"));
	ck_assert(!exactly(permissions_have, "", "a"));
}
END_TEST

START_TEST(no_list_has_an_empty_permission)
{
	ck_assert(!exactly(permissions_have, "", ""));
	ck_assert(!exactly(permissions_have, "a", ""));
	ck_assert(!exactly(permissions_have, " a  b ", ""));
}
END_TEST

START_TEST(a_list_is_within_another_in_any_order)
{
	ck_assert(exactly(permissions_within, "", ""));
	ck_assert(exactly(permissions_within, "", "a"));
	ck_assert(exactly(permissions_within, "a", "a"));
	ck_assert(exactly(permissions_within, "b a", "a c b"));
	ck_assert(exactly(permissions_within, " b  a ", "a b"));
	ck_assert(!exactly(permissions_within, "a", ""));
	ck_assert(!exactly(permissions_within, "a b", "a"));
	ck_assert(!exactly(permissions_within, "a b", "b"));
	ck_assert(!exactly(permissions_within, "a", "ab"));
	ck_assert(!exactly(permissions_within, "ab", "a"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("policy");
	TCase *tc = tcase_create("policy");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, the_default_roles_are_those_of_the_contract, 0,
	    4);
	tcase_add_loop_test(tc, the_default_plans_are_those_of_the_contract, 0,
	    5);
	tcase_add_loop_test(tc, the_default_contexts_are_those_of_the_contract,
	    0, 4);
	tcase_add_test(tc, what_nobody_named_is_not_found);
	tcase_add_loop_test(tc, each_role_is_within_the_next, 0, 3);
	tcase_add_test(tc, a_permission_of_any_role_is_known_to_the_policy);
	tcase_add_test(tc, the_first_plan_and_development_are_the_defaults);
	tcase_add_test(tc,
	    without_development_the_first_context_is_the_default);
	tcase_add_test(tc, a_policy_does_not_change_with_its_draft);
	tcase_add_loop_test(tc,
	    a_draft_without_plan_or_context_or_with_too_much_is_refused, 0, 5);
	tcase_add_test(tc, a_reference_keeps_a_policy_alive);
	tcase_add_test(tc, threads_share_a_policy_and_the_last_one_frees_it);
	tcase_add_test(tc, a_list_has_whole_words_only);
	tcase_add_test(tc, no_list_has_an_empty_permission);
	tcase_add_test(tc, a_list_is_within_another_in_any_order);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
