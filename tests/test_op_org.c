/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "asked.h"

static const struct reply *
org(uint8_t type, const char *slug, const char *plan, uint32_t rate,
    uint32_t burst)
{
	struct request req = { .type = type };

	strlcpy(req.org.slug, slug, sizeof(req.org.slug));
	strlcpy(req.org.plan, plan, sizeof(req.org.plan));
	req.org.rate = rate;
	req.org.burst = burst;
	return ask(&a, &req);
}

static void
ck_org(const struct reply *rep, const char *plan, uint32_t rate, uint32_t burst)
{
	ask_done(rep);
	ck_assert_str_eq(rep->org.slug, "acme");
	ck_assert_str_eq(rep->org.plan, plan);
	ck_assert_uint_eq(rep->org.rate, rate);
	ck_assert_uint_eq(rep->org.burst, burst);
	ck_assert_int_eq(rep->org.created, ASK_NOW);
}

START_TEST(an_org_is_added_once_on_the_first_plan)
{
	ck_org(org(FRAME_ORG_ADD, "acme", "", 0, 0), "free", 0, 0);
	ask_refused(org(FRAME_ORG_ADD, "acme", "", 0, 0), ERROR_EXISTS);
	ask_refused(org(FRAME_ORG_ADD, "acme", "pro", 0, 0), ERROR_EXISTS);
}
END_TEST

START_TEST(an_org_keeps_what_is_not_set)
{
	ask_org(&a, "acme");
	a.now += DAY;
	ck_org(org(FRAME_ORG_SET, "acme", "", 600, 60), "free", 600, 60);
	ck_org(org(FRAME_ORG_SET, "acme", "", 0, 0), "free", 600, 60);
	ck_org(org(FRAME_ORG_SET, "acme", "pro", 0, 0), "pro", 0, 0);
	ck_org(org(FRAME_ORG_SET, "acme", "enterprise", 9, 1), "enterprise", 9,
	    1);
}
END_TEST

static const struct {
	uint8_t type;
	const char *slug, *plan;
	uint32_t rate, burst;
	enum error_code code;
} bad_orgs[] = {
	{ FRAME_ORG_ADD, "", "", 0, 0, ERROR_INVALID },
	{ FRAME_ORG_ADD, "Acme", "", 0, 0, ERROR_INVALID },
	{ FRAME_ORG_ADD, "-acme", "", 0, 0, ERROR_INVALID },
	{ FRAME_ORG_ADD, "ac/me", "", 0, 0, ERROR_INVALID },
	{ FRAME_ORG_ADD, "new", "gold", 0, 0, ERROR_NOT_FOUND },
	{ FRAME_ORG_ADD, "new", "", 5, 0, ERROR_INVALID },
	{ FRAME_ORG_ADD, "new", "", 0, 5, ERROR_INVALID },
	{ FRAME_ORG_ADD, "new", "", RATE_MAX + 1, 5, ERROR_INVALID },
	{ FRAME_ORG_ADD, "new", "", 5, RATE_MAX + 1, ERROR_INVALID },
	{ FRAME_ORG_ADD, "new", "enterprise", 0, 0, ERROR_INVALID },
	{ FRAME_ORG_SET, "new", "", 5, 5, ERROR_NOT_FOUND },
	{ FRAME_ORG_SET, "", "", 5, 5, ERROR_NOT_FOUND },
	{ FRAME_ORG_SET, "acme", "gold", 0, 0, ERROR_NOT_FOUND },
	{ FRAME_ORG_SET, "acme", "enterprise", 0, 0, ERROR_INVALID },
};

#define BAD_ORGS ((int)(sizeof(bad_orgs) / sizeof(bad_orgs[0])))

START_TEST(an_org_that_cannot_be_is_refused)
{
	ask_org(&a, "acme");
	ask_refused(org(bad_orgs[_i].type, bad_orgs[_i].slug, bad_orgs[_i].plan,
			bad_orgs[_i].rate, bad_orgs[_i].burst),
	    bad_orgs[_i].code);
	ck_org(org(FRAME_ORG_SET, "acme", "", 0, 0), "free", 0, 0);
	ask_refused(org(FRAME_ORG_SET, "new", "", 0, 0), ERROR_NOT_FOUND);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_org");
	TCase *tc = tcase_create("op_org");

	tcase_add_checked_fixture(tc, set_up_empty, tear_down);
	tcase_add_test(tc, an_org_is_added_once_on_the_first_plan);
	tcase_add_test(tc, an_org_keeps_what_is_not_set);
	tcase_add_loop_test(tc, an_org_that_cannot_be_is_refused, 0, BAD_ORGS);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
