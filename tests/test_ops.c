/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "keys.h"
#include "names.h"

#define DAY 86400

static struct scratch s;
static struct asker a;
static char id[KEY_ID_SIZE];

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

/* acme with one of each role, and bell. */
static void
set_up_people(void)
{
	set_up();
	ask_org(&a, "acme");
	ask_org(&a, "bell");
	ask_member(&a, "acme", "tess", "tester");
	ask_member(&a, "acme", "eddy", "editor");
	ask_member(&a, "acme", "adam", "admin");
	ask_member(&a, "acme", "olga", "owner");
}

/* --- organizations --- */

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

/* --- members --- */

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

/* --- create --- */

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

	ask_done(ask(&a, &req));
	ask_done(member(FRAME_MEMBER_REMOVE, "acme", "eddy", "", false));
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

/* --- verify --- */

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

/* --- revoke --- */

static struct request
revoke_of(const char *ids, unsigned count)
{
	struct request req = { .type = FRAME_REVOKE };

	req.revoke.by = REVOKE_BY_ID;
	req.revoke.count = (uint16_t)count;
	req.revoke.ids =
	    (struct span){ (const uint8_t *)ids, (size_t)count * KEY_ID_LEN };
	return req;
}

static void
ck_row(struct wire_reader *r, const char *key, bool already, int64_t revoked)
{
	struct revoked_row row;

	revoked_get(r, &row);
	ck_assert_str_eq(row.id, key);
	ck_assert_int_eq(row.already, already);
	ck_assert_int_eq(row.revoked, revoked);
}

static struct wire_reader
rows_of(const struct reply *rep, unsigned count)
{
	ask_done(rep);
	ck_assert_uint_eq(rep->page.count, count);
	return wire_reader(rep->page.rows.ptr, rep->page.rows.len);
}

static const struct reply *
show(const char *key)
{
	struct request req = { .type = FRAME_SHOW };

	strlcpy(req.show.id, key, sizeof(req.show.id));
	return ask(&a, &req);
}

START_TEST(a_key_is_revoked_once_and_for_good)
{
	struct request req;
	struct wire_reader r;

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	req = revoke_of(id, 1);
	strlcpy(req.revoke.reason, "it leaked", sizeof(req.revoke.reason));
	a.peer.uid = ASK_STRANGER;
	a.peer.in_admin_group = true;
	r = rows_of(ask(&a, &req), 1);
	ck_row(&r, id, false, ASK_NOW);
	a.now += DAY;
	strlcpy(req.revoke.reason, "another one", sizeof(req.revoke.reason));
	r = rows_of(ask(&a, &req), 1);
	ck_row(&r, id, true, ASK_NOW);
	ask_done(show(id));
	ck_assert_str_eq(a.rep.view.key.reason, "it leaked");
	ck_assert_uint_eq(a.rep.view.key.revoker_uid, ASK_STRANGER);
	ck_assert_int_eq(a.rep.view.key.revoked, ASK_NOW);
}
END_TEST

START_TEST(a_key_is_revoked_by_its_digest)
{
	struct request req = { .type = FRAME_REVOKE };
	struct wire_reader r;

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	req.revoke.by = REVOKE_BY_DIGEST;
	memset(req.revoke.digest, 2, sizeof(req.revoke.digest));
	ask_refused(ask(&a, &req), ERROR_NOT_FOUND);
	memset(req.revoke.digest, 1, sizeof(req.revoke.digest));
	r = rows_of(ask(&a, &req), 1);
	ck_row(&r, id, false, ASK_NOW);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_REVOKED);
}
END_TEST

START_TEST(all_keys_that_are_named_are_revoked_or_none)
{
	char ids[3 * KEY_ID_LEN + 4];
	struct request req;
	struct wire_reader r;
	char other[KEY_ID_SIZE];

	ask_key(&a, 1, "acme", "eddy", "one", id);
	ask_key(&a, 2, "acme", "eddy", "two", other);
	memcpy(ids, id, KEY_ID_LEN);
	memcpy(ids + KEY_ID_LEN, other, KEY_ID_LEN);
	memcpy(ids + 2L * KEY_ID_LEN, "key_zzzzzzzzzzzzzzzz", KEY_ID_LEN);
	req = revoke_of(ids, 3);
	ask_refused(ask(&a, &req), ERROR_NOT_FOUND);
	ck_assert_ptr_nonnull(
	    strstr(a.rep.error.message, "key_zzzzzzzzzzzzzzzz"));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	memcpy(ids + 2L * KEY_ID_LEN, id, KEY_ID_LEN);
	r = rows_of(ask(&a, &req), 3);
	ck_row(&r, id, false, ASK_NOW);
	ck_row(&r, other, false, ASK_NOW);
	ck_row(&r, id, true, ASK_NOW);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_REVOKED);
}
END_TEST

static const char bad_ids[][KEY_ID_SIZE] = { "KEY_0000000000000000",
	"key_000000000000000", "key_00000000\n0000000", "", "\x1b" };

START_TEST(an_id_that_is_none_is_refused_by_revoke_and_show)
{
	struct request req = revoke_of(bad_ids[_i], 1);

	ask_refused(ask(&a, &req), ERROR_INVALID);
	ask_refused(show(bad_ids[_i]), ERROR_INVALID);
	ask_refused(show("key_0000000000000000"), ERROR_NOT_FOUND);
}
END_TEST

START_TEST(a_reason_that_is_no_text_is_refused)
{
	struct request req;

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	req = revoke_of(id, 1);
	strlcpy(req.revoke.reason, "a\nb", sizeof(req.revoke.reason));
	ask_refused(ask(&a, &req), ERROR_INVALID);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
}
END_TEST

START_TEST(a_dry_run_of_a_revoke_revokes_nothing)
{
	struct request req;
	struct wire_reader r;

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	req = revoke_of(id, 1);
	req.revoke.dry_run = true;
	r = rows_of(ask(&a, &req), 1);
	ck_row(&r, id, false, 0);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
}
END_TEST

/* --- lists --- */

/* So many keys of eddy in one transaction, all of them revoked or none. */
static void
insert(unsigned first, unsigned count, bool revoked)
{
	struct store_txn *t = scratch_begin(&s);

	for (unsigned n = first; n < first + count; n++) {
		struct record rec = { .key = { .org = "acme",
					  .user = "eddy",
					  .role = "editor",
					  .context = "shared" } };

		memcpy(rec.hash, &n, sizeof(n));
		snprintf(rec.key.id, sizeof(rec.key.id), "key_%016u", n);
		snprintf(rec.key.name, sizeof(rec.key.name), "name %u", n);
		memset(rec.key.permissions, 'p', 100);
		rec.key.created = ASK_NOW;
		rec.key.revoked = revoked ? ASK_NOW : 0;
		ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	}
	scratch_commit(t);
}

static struct request
list_of(uint8_t type, const char *in, const char *user, bool all)
{
	struct request req = { .type = type };

	strlcpy(req.list.org, in, sizeof(req.list.org));
	strlcpy(req.list.user, user, sizeof(req.list.user));
	req.list.all = all;
	return req;
}

struct listed {
	unsigned rows;
	unsigned pages;
	unsigned empty; /* pages without a row */
	char last[NAME_SIZE];
};

static void
read_row(struct wire_reader *r, uint8_t type, struct listed *l)
{
	struct member_info m;
	struct org_info o;
	struct key_view k;
	const char *name = k.key.id;

	if (type == FRAME_LIST) {
		view_get(r, &k);
	} else if (type == FRAME_ORG_LIST) {
		org_get(r, &o);
		name = o.slug;
	} else {
		member_get(r, &m);
		name = m.user;
	}
	ck_assert_msg(strcmp(l->last, name) < 0, "%s after %s", name, l->last);
	strlcpy(l->last, name, sizeof(l->last));
	l->rows++;
}

/* All pages; rows come in order, so none comes twice. */
static struct listed
list(struct request *req)
{
	static uint8_t cursor[CURSOR_MAX];
	struct listed l = { .rows = 0 };

	do {
		struct wire_reader r;

		ask_done(ask(&a, req));
		r = rows_of(&a.rep, a.rep.page.count);
		for (unsigned i = 0; i < a.rep.page.count; i++)
			read_row(&r, req->type, &l);
		ck_assert(wire_done(&r));
		memcpy(cursor, a.rep.page.cursor.ptr, a.rep.page.cursor.len);
		req->list.cursor =
		    (struct span){ cursor, a.rep.page.cursor.len };
		l.pages++;
		l.empty += a.rep.page.count == 0;
	} while (req->list.cursor.len > 0);
	return l;
}

START_TEST(a_list_of_keys_pages_without_gaps)
{
	struct request req = list_of(FRAME_LIST, "", "", false);
	struct listed l;

	insert(1, 700, false);
	l = list(&req);
	ck_assert_uint_eq(l.rows, 700);
	ck_assert_uint_gt(l.pages, 3);
	req = list_of(FRAME_LIST, "acme", "", false);
	ck_assert_uint_eq(list(&req).rows, 700);
	req = list_of(FRAME_LIST, "acme", "eddy", false);
	ck_assert_uint_eq(list(&req).rows, 700);
	req = list_of(FRAME_LIST, "acme", "adam", false);
	ck_assert_uint_eq(list(&req).rows, 0);
	req = list_of(FRAME_LIST, "bell", "", false);
	ck_assert_uint_eq(list(&req).rows, 0);
}
END_TEST

/* A page looks at so many keys and no more, and may be empty. */
START_TEST(dead_keys_are_passed_over_or_listed_with_all)
{
	struct request req = list_of(FRAME_LIST, "acme", "", false);
	struct listed l;

	insert(1, 1300, true);
	insert(2000, 1, false);
	l = list(&req);
	ck_assert_uint_eq(l.rows, 1);
	ck_assert_uint_ge(l.pages, 3);
	ck_assert_uint_ge(l.empty, 2);
	ck_assert_str_eq(l.last, "key_0000000000002000");
	req = list_of(FRAME_LIST, "acme", "", true);
	ck_assert_uint_eq(list(&req).rows, 1301);
}
END_TEST

START_TEST(an_expired_key_is_listed_with_all)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	a.now += DAY;
	req = list_of(FRAME_LIST, "", "", false);
	ck_assert_uint_eq(list(&req).rows, 0);
	req = list_of(FRAME_LIST, "", "", true);
	ck_assert_uint_eq(list(&req).rows, 1);
}
END_TEST

START_TEST(a_list_of_members_pages_without_gaps)
{
	struct request req = list_of(FRAME_MEMBER_LIST, "bell", "", false);
	char user[32];
	struct listed l;

	for (int i = 0; i < 400; i++) {
		snprintf(user, sizeof(user), "%03d-of-four-hundred", i);
		ask_member(&a, "bell", user, "tester");
	}
	l = list(&req);
	ck_assert_uint_eq(l.rows, 400);
	ck_assert_uint_gt(l.pages, 1);
	req = list_of(FRAME_MEMBER_LIST, "acme", "", false);
	ck_assert_uint_eq(list(&req).rows, 4);
}
END_TEST

START_TEST(a_list_of_orgs_pages_without_gaps)
{
	struct request req = list_of(FRAME_ORG_LIST, "", "", false);
	char slug[ORG_SIZE];
	struct listed l;

	for (int i = 0; i < 250; i++) {
		snprintf(slug, sizeof(slug), "%03d-%050d", i % 1000, 0);
		ask_org(&a, slug);
	}
	l = list(&req);
	ck_assert_uint_eq(l.rows, 252);
	ck_assert_uint_gt(l.pages, 1);
}
END_TEST

static const struct {
	uint8_t type;
	const char *org, *user;
	enum error_code code;
} bad_lists[] = {
	{ FRAME_LIST, "", "eddy", ERROR_INVALID },
	{ FRAME_LIST, "none", "", ERROR_NOT_FOUND },
	{ FRAME_MEMBER_LIST, "none", "", ERROR_NOT_FOUND },
	{ FRAME_MEMBER_LIST, "acme", "eddy", ERROR_INVALID },
	{ FRAME_MEMBER_LIST, "", "", ERROR_INVALID },
	{ FRAME_ORG_LIST, "acme", "", ERROR_INVALID },
	{ FRAME_ORG_LIST, "", "eddy", ERROR_INVALID },
};

#define BAD_LISTS ((int)(sizeof(bad_lists) / sizeof(bad_lists[0])))

START_TEST(a_filter_that_cannot_be_is_refused)
{
	struct request req = list_of(bad_lists[_i].type, bad_lists[_i].org,
	    bad_lists[_i].user, false);

	ask_refused(ask(&a, &req), bad_lists[_i].code);
}
END_TEST

static void
try_cursor(const uint8_t *cursor, size_t len)
{
	static const uint8_t listed[] = { FRAME_LIST, FRAME_MEMBER_LIST,
		FRAME_ORG_LIST };

	for (int type = 0; type < 3; type++) {
		struct request req =
		    list_of(listed[type], type == 2 ? "" : "acme", "", true);

		req.list.cursor = (struct span){ cursor, len };
		(void)ask(&a, &req);
		ck_assert(a.rep.type != FRAME_ERROR ||
		    a.rep.error.code == ERROR_INVALID);
	}
}

/* The answer may be anything but a failure. */
START_TEST(a_cursor_of_the_clients_own_does_no_harm)
{
	static const uint8_t fills[] = { 0x00, 'a', 0xff };
	uint8_t cursor[CURSOR_MAX];

	insert(1, 3, false);
	for (int fill = 0; fill < 3; fill++) {
		memset(cursor, fills[fill], sizeof(cursor));
		for (size_t len = 1; len <= sizeof(cursor); len++)
			try_cursor(cursor, len);
	}
}
END_TEST

/* --- status --- */

static uint64_t
fact(const char *name)
{
	struct wire_reader r = rows_of(&a.rep, a.rep.page.count);
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
	struct wire_reader r = rows_of(&a.rep, a.rep.page.count);
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

static void
add_orgs(Suite *suite)
{
	TCase *tc = tcase_create("orgs");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, an_org_is_added_once_on_the_first_plan);
	tcase_add_test(tc, an_org_keeps_what_is_not_set);
	tcase_add_loop_test(tc, an_org_that_cannot_be_is_refused, 0, BAD_ORGS);
	suite_add_tcase(suite, tc);
}

static void
add_members(Suite *suite)
{
	TCase *tc = tcase_create("members");

	tcase_add_checked_fixture(tc, set_up_people, tear_down);
	tcase_add_test(tc, a_member_is_added_changed_and_removed);
	tcase_add_loop_test(tc, a_member_that_cannot_be_is_refused, 0,
	    BAD_MEMBERS);
	tcase_add_test(tc,
	    keys_outlive_a_change_of_their_member_unless_revoked);
	tcase_add_test(tc, who_comes_back_finds_the_keys_of_the_name);
	suite_add_tcase(suite, tc);
}

static void
add_create(Suite *suite)
{
	TCase *tc = tcase_create("create");

	tcase_add_checked_fixture(tc, set_up_people, tear_down);
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
}

static void
add_verify(Suite *suite)
{
	TCase *tc = tcase_create("verify");

	tcase_add_checked_fixture(tc, set_up_people, tear_down);
	tcase_add_test(tc, the_first_step_that_fails_is_the_verdict);
	tcase_add_test(tc,
	    a_permission_that_no_role_has_is_the_servers_mistake);
	tcase_add_test(tc,
	    a_verdict_tells_whose_key_it_is_and_nothing_of_an_unknown_one);
	tcase_add_test(tc, a_key_works_until_the_second_in_which_it_ends);
	tcase_add_test(tc, a_key_keeps_its_permissions_whatever_the_policy);
	tcase_add_test(tc, a_damaged_record_gives_no_verdict);
	suite_add_tcase(suite, tc);
}

static void
add_revoke(Suite *suite)
{
	TCase *tc = tcase_create("revoke");

	tcase_add_checked_fixture(tc, set_up_people, tear_down);
	tcase_add_test(tc, a_key_is_revoked_once_and_for_good);
	tcase_add_test(tc, a_key_is_revoked_by_its_digest);
	tcase_add_test(tc, all_keys_that_are_named_are_revoked_or_none);
	tcase_add_loop_test(tc,
	    an_id_that_is_none_is_refused_by_revoke_and_show, 0,
	    (int)(sizeof(bad_ids) / sizeof(bad_ids[0])));
	tcase_add_test(tc, a_reason_that_is_no_text_is_refused);
	tcase_add_test(tc, a_dry_run_of_a_revoke_revokes_nothing);
	suite_add_tcase(suite, tc);
}

static void
add_lists(Suite *suite)
{
	TCase *tc = tcase_create("lists");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up_people, tear_down);
	tcase_add_test(tc, a_list_of_keys_pages_without_gaps);
	tcase_add_test(tc, dead_keys_are_passed_over_or_listed_with_all);
	tcase_add_test(tc, an_expired_key_is_listed_with_all);
	tcase_add_test(tc, a_list_of_members_pages_without_gaps);
	tcase_add_test(tc, a_list_of_orgs_pages_without_gaps);
	tcase_add_loop_test(tc, a_filter_that_cannot_be_is_refused, 0,
	    BAD_LISTS);
	tcase_add_test(tc, a_cursor_of_the_clients_own_does_no_harm);
	tcase_add_test(tc, the_status_counts_what_there_is);
	tcase_add_test(tc, the_status_says_whether_verdicts_may_be_kept);
	tcase_add_test(tc, the_longest_reason_of_a_bad_configuration_fits);
	suite_add_tcase(suite, tc);
}

int
main(void)
{
	Suite *suite = suite_create("ops");
	SRunner *sr = srunner_create(suite);
	int failed;

	add_orgs(suite);
	add_members(suite);
	add_create(suite);
	add_verify(suite);
	add_revoke(suite);
	add_lists(suite);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
