/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "asked.h"

static char id[KEY_ID_SIZE];

static uint64_t
fact(const char *name)
{
	struct wire_reader r = ask_rows(&a.rep, a.rep.page.count);
	struct fact_row row;

	for (unsigned i = 0; i < a.rep.page.count; i++) {
		fact_get(&r, &row);
		if (strcmp(row.name, name) == 0 && !row.is_text)
			return row.number;
	}
	ck_abort_msg("there is no %s", name);
	return 0;
}

static const char *
fact_text(const char *name)
{
	struct wire_reader r = ask_rows(&a.rep, a.rep.page.count);
	static struct fact_row row;

	for (unsigned i = 0; i < a.rep.page.count; i++) {
		fact_get(&r, &row);
		if (strcmp(row.name, name) == 0 && row.is_text)
			return row.text;
	}
	ck_abort_msg("there is no %s", name);
	return NULL;
}

START_TEST(the_status_says_whether_verdicts_may_be_kept)
{
	struct request req = { .type = FRAME_STATUS };

	ask_done(ask(&a, &req));
	ck_assert_str_eq(fact_text("shared_page"), "no");
	a.health.shared = true;
	ask_done(ask(&a, &req));
	ck_assert_str_eq(fact_text("shared_page"), "yes");
}
END_TEST

START_TEST(the_status_counts_what_there_is)
{
	struct request req = { .type = FRAME_STATUS };

	ask_key(&a, 1, "acme", "eddy", "one", id);
	ask_key(&a, 2, "acme", "eddy", "two", id);
	ask_done(ask_revoke(&a, id));
	(void)ask_verify(&a, 1, "", "");
	(void)ask_verify(&a, 2, "", "");
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(a.rep.page.cursor.len, 0);
	ck_assert_uint_eq(fact("orgs"), 2);
	ck_assert_uint_eq(fact("members"), 4);
	ck_assert_uint_eq(fact("keys"), 2);
	ck_assert_uint_eq(fact("revoked_keys"), 1);
	ck_assert_uint_eq(fact("starts"), 1);
	ck_assert_uint_eq(fact("verified"), 2);
	ck_assert_uint_eq(fact("allowed"), 1);
	ck_assert_uint_eq(fact("database_limit"), SCRATCH_MAP_SIZE << 20);
	ck_assert_uint_le(fact("database_used"), fact("database_limit"));
}
END_TEST

START_TEST(the_longest_reason_of_a_bad_configuration_fits)
{
	struct request req = { .type = FRAME_STATUS };

	memset(a.health.config_error, 'x', sizeof(a.health.config_error) - 1);
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(fact("orgs"), 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_status");
	TCase *tc = tcase_create("op_status");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_status_counts_what_there_is);
	tcase_add_test(tc, the_status_says_whether_verdicts_may_be_kept);
	tcase_add_test(tc, the_longest_reason_of_a_bad_configuration_fits);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
