/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "asked.h"
#include "names.h"

static char id[KEY_ID_SIZE];

START_TEST(a_key_gets_all_that_was_asked_for)
{
	struct request req =
	    ask_create(1, "acme", "eddy", "ci of \xc3\xa9t\xc3\xa9");
	const struct key_info *k = &a.rep.created.key;

	strlcpy(req.create.role, "tester", sizeof(req.create.role));
	strlcpy(req.create.context, "shared", sizeof(req.create.context));
	strlcpy(req.create.project, "web", sizeof(req.create.project));
	req.create.expires = ASK_NOW + DAY;
	a.peer.uid = ASK_STRANGER;
	a.peer.in_admin_group = true;
	ask_done(ask(&a, &req));
	ck_assert(!a.rep.created.existed);
	ck_assert(name_is_key_id(k->id));
	ck_assert_str_eq(k->org, "acme");
	ck_assert_str_eq(k->user, "eddy");
	ck_assert_str_eq(k->name, "ci of \xc3\xa9t\xc3\xa9");
	ck_assert_str_eq(k->role, "tester");
	ck_assert_str_eq(k->context, "shared");
	ck_assert_str_eq(k->project, "web");
	ck_assert_str_eq(k->permissions, "tests:run data:read");
	ck_assert_str_eq(k->reason, "");
	ck_assert_uint_eq(k->creator_uid, ASK_STRANGER);
	ck_assert_uint_eq(k->revoker_uid, 0);
	ck_assert_int_eq(k->created, ASK_NOW);
	ck_assert_int_eq(k->expires, ASK_NOW + DAY);
	ck_assert_int_eq(k->revoked, 0);
}
END_TEST

START_TEST(a_key_gets_its_members_role_and_the_default_context)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	ask_done(ask(&a, &req));
	ck_assert_str_eq(a.rep.created.key.role, "editor");
	ck_assert_str_eq(a.rep.created.key.context, "development");
	ck_assert_int_eq(ask_verify(&a, 1, "files:write", ""), VERDICT_OK);
	ck_assert_int_eq(ask_verify(&a, 1, "members:manage", ""),
	    VERDICT_FORBIDDEN);
}
END_TEST

/* Rows are members, columns the roles asked for. */
static const char *const members[] = { "tess", "eddy", "adam", "olga" };
static const char *const roles[] = { "tester", "editor", "admin", "owner" };

START_TEST(a_key_never_has_more_than_its_member)
{
	for (int role = 0; role < 4; role++) {
		struct request req = ask_create((uint8_t)(role + 1), "acme",
		    members[_i], roles[role]);

		strlcpy(req.create.role, roles[role], sizeof(req.create.role));
		(void)ask(&a, &req);
		if (_i == 0 || role > _i)
			ask_refused(&a.rep, ERROR_DENIED);
		else
			ask_done(&a.rep);
	}
}
END_TEST

enum field { NONE, ROLE, CONTEXT, PROJECT, EXPIRES };

static const struct {
	const char *org, *user, *name;
	enum field field;
	const char *text;
	enum error_code code;
} bad_keys[] = {
	{ "none", "eddy", "n", NONE, "", ERROR_NOT_FOUND },
	{ "", "eddy", "n", NONE, "", ERROR_NOT_FOUND },
	{ "bell", "eddy", "n", NONE, "", ERROR_NOT_FOUND },
	{ "acme", "none", "n", NONE, "", ERROR_NOT_FOUND },
	{ "acme", "", "n", NONE, "", ERROR_NOT_FOUND },
	{ "acme", "eddy", "", NONE, "", ERROR_INVALID },
	{ "acme", "eddy", " n", NONE, "", ERROR_INVALID },
	{ "acme", "eddy", "a\nb", NONE, "", ERROR_INVALID },
	{ "acme", "eddy", "a\x1b[31m", NONE, "", ERROR_INVALID },
	{ "acme", "eddy", "\xff", NONE, "", ERROR_INVALID },
	{ "acme", "eddy", "n", PROJECT, "a\tb", ERROR_INVALID },
	{ "acme", "eddy", "n", ROLE, "boss", ERROR_NOT_FOUND },
	{ "acme", "eddy", "n", CONTEXT, "party", ERROR_NOT_FOUND },
	{ "acme", "eddy", "n", EXPIRES, "", ERROR_INVALID },
	{ "acme", "eddy", "taken", NONE, "", ERROR_EXISTS },
	{ "acme", "adam", "taken", NONE, "", ERROR_EXISTS },
	{ "acme", "tess", "n", NONE, "", ERROR_DENIED },
};

#define BAD_KEYS ((int)(sizeof(bad_keys) / sizeof(bad_keys[0])))

START_TEST(a_key_that_cannot_be_is_refused)
{
	struct request req = ask_create(7, bad_keys[_i].org, bad_keys[_i].user,
	    bad_keys[_i].name);

	ask_key(&a, 1, "acme", "eddy", "taken", id);
	if (bad_keys[_i].field == ROLE)
		strlcpy(req.create.role, bad_keys[_i].text, ROLE_SIZE);
	if (bad_keys[_i].field == CONTEXT)
		strlcpy(req.create.context, bad_keys[_i].text, CONTEXT_SIZE);
	if (bad_keys[_i].field == PROJECT)
		strlcpy(req.create.project, bad_keys[_i].text, PROJECT_SIZE);
	if (bad_keys[_i].field == EXPIRES)
		req.create.expires = ASK_NOW;
	for (int dry = 0; dry < 2; dry++) {
		req.create.dry_run = dry == 1;
		ask_refused(ask(&a, &req), bad_keys[_i].code);
	}
	ck_assert_int_eq(ask_verify(&a, 7, "", ""), VERDICT_UNKNOWN);
}
END_TEST

START_TEST(the_same_create_again_is_the_same_key)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	ask_done(ask(&a, &req));
	strlcpy(id, a.rep.created.key.id, sizeof(id));
	a.now += DAY;
	for (int i = 0; i < 2; i++) {
		ask_done(ask(&a, &req));
		ck_assert(a.rep.created.existed);
		ck_assert_str_eq(a.rep.created.key.id, id);
		ck_assert_int_eq(a.rep.created.key.created, ASK_NOW);
	}
	strlcpy(req.create.role, "editor", sizeof(req.create.role));
	strlcpy(req.create.context, "development", sizeof(req.create.context));
	ask_done(ask(&a, &req));
	ck_assert_str_eq(a.rep.created.key.id, id);
}
END_TEST

/* The answer was lost and the member has gone meanwhile. */
START_TEST(a_create_asked_for_again_depends_on_the_key_alone)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");
	struct request gone = { .type = FRAME_MEMBER_REMOVE };

	ask_done(ask(&a, &req));
	strlcpy(gone.member.org, "acme", sizeof(gone.member.org));
	strlcpy(gone.member.user, "eddy", sizeof(gone.member.user));
	ask_done(ask(&a, &gone));
	ask_done(ask(&a, &req));
	ck_assert(a.rep.created.existed);
}
END_TEST

/* Runs for each field. */
START_TEST(another_create_with_a_digest_that_is_taken_is_refused)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	switch (_i) {
	case 0:
		strlcpy(req.create.org, "bell", sizeof(req.create.org));
		break;
	case 1:
		strlcpy(req.create.user, "adam", sizeof(req.create.user));
		break;
	case 2:
		strlcpy(req.create.name, "other", sizeof(req.create.name));
		break;
	case 3:
		strlcpy(req.create.role, "tester", sizeof(req.create.role));
		break;
	case 4:
		strlcpy(req.create.context, "shared", CONTEXT_SIZE);
		break;
	case 5:
		strlcpy(req.create.project, "web", sizeof(req.create.project));
		break;
	case 6:
		req.create.expires++;
		break;
	default:
		req.create.expires = 0;
		break;
	}
	ask_refused(ask(&a, &req), ERROR_EXISTS);
}
END_TEST

START_TEST(a_revoked_key_is_not_made_again)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	ask_done(ask_revoke(&a, id));
	ask_refused(ask(&a, &req), ERROR_EXISTS);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_REVOKED);
}
END_TEST

START_TEST(a_name_is_free_again_after_revocation_or_expiry)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");
	char second[KEY_ID_SIZE], third[KEY_ID_SIZE];

	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	strlcpy(id, a.rep.created.key.id, sizeof(id));
	a.now = ASK_NOW + DAY;
	ask_key(&a, 2, "acme", "eddy", "ci", second);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_EXPIRED);
	ask_done(ask_revoke(&a, id));
	req = ask_create(3, "acme", "eddy", "ci");
	ask_refused(ask(&a, &req), ERROR_EXISTS);
	ask_done(ask_revoke(&a, second));
	ask_key(&a, 3, "acme", "eddy", "ci", third);
	ck_assert_int_eq(ask_verify(&a, 3, "", ""), VERDICT_OK);
}
END_TEST

START_TEST(a_name_is_one_orgs_affair)
{
	ask_member(&a, "bell", "eddy", "editor");
	ask_key(&a, 1, "acme", "eddy", "ci", id);
	ask_key(&a, 2, "bell", "eddy", "ci", id);
}
END_TEST

START_TEST(a_dry_run_says_what_would_be_and_makes_nothing)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	req.create.dry_run = true;
	ask_done(ask(&a, &req));
	ck_assert_str_eq(a.rep.created.key.id, "");
	ck_assert_str_eq(a.rep.created.key.role, "editor");
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_UNKNOWN);
	req.create.dry_run = false;
	ask_done(ask(&a, &req));
	ck_assert(!a.rep.created.existed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_create");
	TCase *tc = tcase_create("op_create");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_key_gets_all_that_was_asked_for);
	tcase_add_test(tc, a_key_gets_its_members_role_and_the_default_context);
	tcase_add_loop_test(tc, a_key_never_has_more_than_its_member, 0, 4);
	tcase_add_loop_test(tc, a_key_that_cannot_be_is_refused, 0, BAD_KEYS);
	tcase_add_test(tc, the_same_create_again_is_the_same_key);
	tcase_add_test(tc, a_create_asked_for_again_depends_on_the_key_alone);
	tcase_add_loop_test(tc,
	    another_create_with_a_digest_that_is_taken_is_refused, 0, 8);
	tcase_add_test(tc, a_revoked_key_is_not_made_again);
	tcase_add_test(tc, a_name_is_free_again_after_revocation_or_expiry);
	tcase_add_test(tc, a_name_is_one_orgs_affair);
	tcase_add_test(tc, a_dry_run_says_what_would_be_and_makes_nothing);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
