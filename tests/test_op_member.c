/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "asked.h"

static char id[KEY_ID_SIZE];

static const struct reply *
member(uint8_t type, const char *in, const char *user, const char *role,
    bool revoke)
{
	struct request req = { .type = type };

	strlcpy(req.member.org, in, sizeof(req.member.org));
	strlcpy(req.member.user, user, sizeof(req.member.user));
	strlcpy(req.member.role, role, sizeof(req.member.role));
	req.member.revoke_keys = revoke;
	return ask(&a, &req);
}

static void
ck_member(const struct reply *rep, const char *user, const char *role,
    uint32_t live, uint32_t revoked)
{
	ask_done(rep);
	ck_assert_str_eq(rep->member.info.org, "acme");
	ck_assert_str_eq(rep->member.info.user, user);
	ck_assert_str_eq(rep->member.info.role, role);
	ck_assert_int_eq(rep->member.info.created, ASK_NOW);
	ck_assert_uint_eq(rep->member.live, live);
	ck_assert_uint_eq(rep->member.revoked, revoked);
}

START_TEST(a_member_is_added_changed_and_removed)
{
	ck_member(member(FRAME_MEMBER_ADD, "acme", "al@x.org", "tester", false),
	    "al@x.org", "tester", 0, 0);
	a.now += DAY;
	ck_member(member(FRAME_MEMBER_SET, "acme", "al@x.org", "owner", false),
	    "al@x.org", "owner", 0, 0);
	ck_member(member(FRAME_MEMBER_REMOVE, "acme", "al@x.org", "", false),
	    "al@x.org", "owner", 0, 0);
	ask_refused(member(FRAME_MEMBER_REMOVE, "acme", "al@x.org", "", false),
	    ERROR_NOT_FOUND);
}
END_TEST

static const struct {
	uint8_t type;
	const char *org, *user, *role;
	bool revoke;
	enum error_code code;
} bad_members[] = {
	{ FRAME_MEMBER_ADD, "acme", "eddy", "editor", false, ERROR_EXISTS },
	{ FRAME_MEMBER_ADD, "acme", "eddy", "owner", false, ERROR_EXISTS },
	{ FRAME_MEMBER_ADD, "none", "new", "editor", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_ADD, "", "new", "editor", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_ADD, "acme", "new", "boss", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_ADD, "acme", "new", "", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_ADD, "acme", "", "editor", false, ERROR_INVALID },
	{ FRAME_MEMBER_ADD, "acme", "a b", "editor", false, ERROR_INVALID },
	{ FRAME_MEMBER_ADD, "acme", "a\x1b[m", "editor", false, ERROR_INVALID },
	{ FRAME_MEMBER_ADD, "acme", "new", "editor", true, ERROR_INVALID },
	{ FRAME_MEMBER_SET, "acme", "new", "editor", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_SET, "bell", "eddy", "editor", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_SET, "acme", "eddy", "boss", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_SET, "acme", "eddy", "", true, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_SET, "", "", "editor", false, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_REMOVE, "acme", "new", "", true, ERROR_NOT_FOUND },
	{ FRAME_MEMBER_REMOVE, "", "", "", true, ERROR_NOT_FOUND },
};

#define BAD_MEMBERS ((int)(sizeof(bad_members) / sizeof(bad_members[0])))

START_TEST(a_member_that_cannot_be_is_refused)
{
	ask_key(&a, 1, "acme", "eddy", "ci", id);
	ask_refused(member(bad_members[_i].type, bad_members[_i].org,
			bad_members[_i].user, bad_members[_i].role,
			bad_members[_i].revoke),
	    bad_members[_i].code);
	ck_member(member(FRAME_MEMBER_SET, "acme", "eddy", "editor", false),
	    "eddy", "editor", 1, 0);
}
END_TEST

START_TEST(keys_outlive_a_change_of_their_member_unless_revoked)
{
	ask_key(&a, 1, "acme", "eddy", "one", id);
	ask_key(&a, 2, "acme", "eddy", "two", id);
	ask_key(&a, 3, "acme", "adam", "three", id);
	ck_member(member(FRAME_MEMBER_SET, "acme", "eddy", "tester", false),
	    "eddy", "tester", 2, 0);
	ck_assert_int_eq(ask_verify(&a, 1, "files:write", "acme"), VERDICT_OK);
	ck_member(member(FRAME_MEMBER_SET, "acme", "eddy", "editor", true),
	    "eddy", "editor", 0, 2);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 3, "", ""), VERDICT_OK);
	ck_member(member(FRAME_MEMBER_REMOVE, "acme", "adam", "", true), "adam",
	    "admin", 0, 1);
	ck_assert_int_eq(ask_verify(&a, 3, "", ""), VERDICT_REVOKED);
}
END_TEST

START_TEST(who_comes_back_finds_the_keys_of_the_name)
{
	ask_key(&a, 1, "acme", "eddy", "one", id);
	ck_member(member(FRAME_MEMBER_REMOVE, "acme", "eddy", "", false),
	    "eddy", "editor", 1, 0);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	ck_member(member(FRAME_MEMBER_ADD, "acme", "eddy", "tester", false),
	    "eddy", "tester", 1, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_member");
	TCase *tc = tcase_create("op_member");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_member_is_added_changed_and_removed);
	tcase_add_loop_test(tc, a_member_that_cannot_be_is_refused, 0,
	    BAD_MEMBERS);
	tcase_add_test(tc,
	    keys_outlive_a_change_of_their_member_unless_revoked);
	tcase_add_test(tc, who_comes_back_finds_the_keys_of_the_name);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
