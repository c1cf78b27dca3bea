/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "ask.h"
#include "keys.h"
#include "suite.h"

#define DAY 86400

static struct scratch s;
static struct asker a;
static char id[KEY_ID_SIZE];

/* acme with an editor, and a key of hers. */
static void
set_up(void)
{
	struct request req;

	scratch_open(&s);
	asker_open(&a, &s);
	ask_org(&a, "acme");
	ask_member(&a, "acme", "eddy", "editor");
	req = ask_create(1, "acme", "eddy", "ci");
	strlcpy(req.create.project, "web", sizeof(req.create.project));
	strlcpy(req.create.context, "shared", sizeof(req.create.context));
	req.create.expires = ASK_NOW + 10 * DAY;
	ask_done(ask(&a, &req));
	strlcpy(id, a.rep.created.key.id, sizeof(id));
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

/* grace -1: none is given. */
static const struct reply *
rotate(const char *old, uint8_t n, int64_t grace)
{
	struct request req = { .type = FRAME_ROTATE };

	strlcpy(req.rotate.id, old, sizeof(req.rotate.id));
	memset(req.rotate.digest, n, sizeof(req.rotate.digest));
	req.rotate.has_grace = grace >= 0;
	req.rotate.grace = grace >= 0 ? (uint32_t)grace : 0;
	return ask(&a, &req);
}

static const struct key_info *
show(const char *key)
{
	struct request req = { .type = FRAME_SHOW };

	strlcpy(req.show.id, key, sizeof(req.show.id));
	ask_done(ask(&a, &req));
	return &a.rep.view.key;
}

static void
ck_verify(uint8_t n, enum verdict_code code)
{
	ck_assert_int_eq(ask_verify(&a, n, "", ""), code);
}

START_TEST(the_new_key_has_all_that_the_old_one_had)
{
	struct key_info old, new;

	a.now += DAY;
	a.peer.uid = ASK_STRANGER;
	a.peer.in_admin_group = true;
	ask_done(rotate(id, 2, -1));
	ck_assert(!a.rep.rotated.existed);
	ck_assert_int_eq(a.rep.rotated.old_expires, ASK_NOW + 10 * DAY);
	new = a.rep.rotated.key;
	old = *show(id);
	ck_assert_str_eq(new.org, old.org);
	ck_assert_str_eq(new.user, old.user);
	ck_assert_str_eq(new.name, old.name);
	ck_assert_str_eq(new.role, old.role);
	ck_assert_str_eq(new.context, "shared");
	ck_assert_str_eq(new.project, "web");
	ck_assert_str_eq(new.permissions, old.permissions);
	ck_assert_int_eq(new.expires, old.expires);
	ck_assert_int_eq(new.created, ASK_NOW + DAY);
	ck_assert_uint_eq(new.creator_uid, ASK_STRANGER);
	ck_assert_str_eq(new.rotated_from, id);
	ck_assert_str_eq(new.rotated_to, "");
	ck_assert_str_eq(old.rotated_to, new.id);
	ck_assert_str_eq(show(new.id)->rotated_from, id);
}
END_TEST

START_TEST(without_a_grace_both_work_until_the_old_one_is_revoked)
{
	ask_done(rotate(id, 2, -1));
	a.now += 9 * DAY;
	ck_verify(1, VERDICT_OK);
	ck_verify(2, VERDICT_OK);
	ask_done(ask_revoke(&a, id));
	ck_verify(1, VERDICT_REVOKED);
	ck_verify(2, VERDICT_OK);
}
END_TEST

START_TEST(the_old_one_ends_when_its_grace_does)
{
	ask_done(rotate(id, 2, 3600));
	ck_assert_int_eq(a.rep.rotated.old_expires, ASK_NOW + 3600);
	ck_assert_int_eq(a.rep.rotated.key.expires, ASK_NOW + 10 * DAY);
	a.now += 3599;
	ck_verify(1, VERDICT_OK);
	a.now += 1;
	ck_verify(1, VERDICT_EXPIRED);
	ck_verify(2, VERDICT_OK);
}
END_TEST

START_TEST(a_grace_of_nothing_ends_the_old_one_at_once)
{
	ask_done(rotate(id, 2, 0));
	ck_verify(1, VERDICT_EXPIRED);
	ck_verify(2, VERDICT_OK);
}
END_TEST

START_TEST(a_grace_never_goes_past_the_keys_own_end)
{
	ask_done(rotate(id, 2, UINT32_MAX));
	ck_assert_int_eq(a.rep.rotated.old_expires, ASK_NOW + 10 * DAY);
	a.now += 10 * DAY;
	ck_verify(1, VERDICT_EXPIRED);
	ck_verify(2, VERDICT_EXPIRED);
}
END_TEST

START_TEST(a_key_without_an_end_gets_one_by_its_grace)
{
	ask_key(&a, 5, "acme", "eddy", "endless", id);
	ask_done(rotate(id, 6, 60));
	ck_assert_int_eq(a.rep.rotated.old_expires, ASK_NOW + 60);
	ck_assert_int_eq(a.rep.rotated.key.expires, 0);
}
END_TEST

START_TEST(the_permissions_are_the_keys_whatever_its_owner_may_now)
{
	struct request req = { .type = FRAME_MEMBER_SET };

	strlcpy(req.member.org, "acme", sizeof(req.member.org));
	strlcpy(req.member.user, "eddy", sizeof(req.member.user));
	strlcpy(req.member.role, "tester", sizeof(req.member.role));
	ask_done(ask(&a, &req));
	ask_done(rotate(id, 2, -1));
	ck_assert_int_eq(ask_verify(&a, 2, "tests:write", ""), VERDICT_OK);
}
END_TEST

START_TEST(the_same_rotation_again_is_the_same_key)
{
	char made[KEY_ID_SIZE];

	ask_done(rotate(id, 2, 0));
	strlcpy(made, a.rep.rotated.key.id, sizeof(made));
	a.now += 60;
	ask_done(rotate(id, 2, 0));
	ck_assert(a.rep.rotated.existed);
	ck_assert_str_eq(a.rep.rotated.key.id, made);
	ck_assert_int_eq(a.rep.rotated.old_expires, ASK_NOW);
}
END_TEST

START_TEST(a_digest_of_another_key_is_refused)
{
	char other[KEY_ID_SIZE];

	ask_key(&a, 3, "acme", "eddy", "other", other);
	ask_refused(rotate(id, 3, -1), ERROR_EXISTS);
	ask_refused(rotate(id, 1, -1), ERROR_EXISTS);
	ck_assert_str_eq(show(id)->rotated_to, "");
}
END_TEST

START_TEST(a_dead_key_is_not_rotated)
{
	ask_done(ask_revoke(&a, id));
	ask_refused(rotate(id, 2, -1), ERROR_INVALID);
	ask_key(&a, 5, "acme", "eddy", "ci", id);
	ask_done(rotate(id, 6, 0));
	ask_refused(rotate(id, 7, -1), ERROR_INVALID);
	ck_verify(2, VERDICT_UNKNOWN);
	ck_verify(7, VERDICT_UNKNOWN);
}
END_TEST

START_TEST(a_key_that_there_is_not_is_not_rotated)
{
	ask_refused(rotate("key_zzzzzzzzzzzzzzzz", 2, -1), ERROR_NOT_FOUND);
	ask_refused(rotate("key", 2, -1), ERROR_INVALID);
}
END_TEST

/* A token that got lost is no reason to be without a key. */
START_TEST(a_key_is_rotated_again_only_when_its_successor_is_dead)
{
	char made[KEY_ID_SIZE];

	ask_done(rotate(id, 2, -1));
	strlcpy(made, a.rep.rotated.key.id, sizeof(made));
	ask_refused(rotate(id, 3, -1), ERROR_EXISTS);
	ck_assert_ptr_nonnull(strstr(a.rep.error.message, made));
	ask_done(ask_revoke(&a, made));
	ask_done(rotate(id, 3, -1));
	ck_assert_str_eq(show(id)->rotated_to, a.rep.view.key.rotated_to);
	ck_verify(1, VERDICT_OK);
	ck_verify(2, VERDICT_REVOKED);
	ck_verify(3, VERDICT_OK);
}
END_TEST

START_TEST(the_name_is_the_successors)
{
	struct request req = ask_create(9, "acme", "eddy", "ci");
	char made[KEY_ID_SIZE];

	ask_done(rotate(id, 2, -1));
	strlcpy(made, a.rep.rotated.key.id, sizeof(made));
	ask_done(ask_revoke(&a, id));
	ask_refused(ask(&a, &req), ERROR_EXISTS);
	ask_done(ask_revoke(&a, made));
	ask_done(ask(&a, &req));
}
END_TEST

/* Else two live keys of an organization could have one name. */
START_TEST(the_name_of_a_revoked_successor_goes_back)
{
	struct request req = ask_create(9, "acme", "eddy", "ci");
	char second[KEY_ID_SIZE], third[KEY_ID_SIZE];

	ask_done(rotate(id, 2, -1));
	strlcpy(second, a.rep.rotated.key.id, sizeof(second));
	ask_done(rotate(second, 3, -1));
	strlcpy(third, a.rep.rotated.key.id, sizeof(third));
	ask_done(ask_revoke(&a, second));
	ask_refused(ask(&a, &req), ERROR_EXISTS);
	ck_assert_ptr_nonnull(strstr(a.rep.error.message, third));
	ask_done(ask_revoke(&a, third));
	ask_refused(ask(&a, &req), ERROR_EXISTS);
	ck_assert_ptr_nonnull(strstr(a.rep.error.message, id));
	ask_done(rotate(id, 4, -1));
	strlcpy(third, a.rep.rotated.key.id, sizeof(third));
	ask_done(ask_revoke(&a, third));
	ask_done(ask_revoke(&a, id));
	ask_done(ask(&a, &req));
}
END_TEST

START_TEST(the_name_of_a_revoked_successor_does_not_go_to_a_dead_key)
{
	struct request req = ask_create(9, "acme", "eddy", "ci");
	char made[KEY_ID_SIZE];

	ask_done(rotate(id, 2, 60));
	strlcpy(made, a.rep.rotated.key.id, sizeof(made));
	a.now += 60;
	ask_done(ask_revoke(&a, made));
	ask_done(ask(&a, &req));
}
END_TEST

/* The clock went forward, and the name to another; then it went back. */
START_TEST(a_name_that_went_to_another_key_is_not_taken_back)
{
	char made[KEY_ID_SIZE];

	a.now += 10 * DAY;
	ask_key(&a, 9, "acme", "eddy", "ci", made);
	a.now -= 10 * DAY;
	ask_refused(rotate(id, 3, -1), ERROR_EXISTS);
	ck_verify(1, VERDICT_OK);
}
END_TEST

START_TEST(a_chain_of_rotations_is_linked_all_along)
{
	char first[KEY_ID_SIZE], second[KEY_ID_SIZE], third[KEY_ID_SIZE];

	strlcpy(first, id, sizeof(first));
	ask_done(rotate(first, 2, -1));
	strlcpy(second, a.rep.rotated.key.id, sizeof(second));
	ask_done(rotate(second, 3, -1));
	strlcpy(third, a.rep.rotated.key.id, sizeof(third));
	ck_assert_str_eq(show(first)->rotated_to, second);
	ck_assert_str_eq(show(second)->rotated_from, first);
	ck_assert_str_eq(a.rep.view.key.rotated_to, third);
	ck_assert_str_eq(show(third)->rotated_from, second);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rotate");
	TCase *tc = tcase_create("rotate");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_new_key_has_all_that_the_old_one_had);
	tcase_add_test(tc,
	    without_a_grace_both_work_until_the_old_one_is_revoked);
	tcase_add_test(tc, the_old_one_ends_when_its_grace_does);
	tcase_add_test(tc, a_grace_of_nothing_ends_the_old_one_at_once);
	tcase_add_test(tc, a_grace_never_goes_past_the_keys_own_end);
	tcase_add_test(tc, a_key_without_an_end_gets_one_by_its_grace);
	tcase_add_test(tc,
	    the_permissions_are_the_keys_whatever_its_owner_may_now);
	tcase_add_test(tc, the_same_rotation_again_is_the_same_key);
	tcase_add_test(tc, a_digest_of_another_key_is_refused);
	tcase_add_test(tc, a_dead_key_is_not_rotated);
	tcase_add_test(tc, a_key_that_there_is_not_is_not_rotated);
	tcase_add_test(tc,
	    a_key_is_rotated_again_only_when_its_successor_is_dead);
	tcase_add_test(tc, the_name_is_the_successors);
	tcase_add_test(tc, the_name_of_a_revoked_successor_goes_back);
	tcase_add_test(tc,
	    the_name_of_a_revoked_successor_does_not_go_to_a_dead_key);
	tcase_add_test(tc, a_name_that_went_to_another_key_is_not_taken_back);
	tcase_add_test(tc, a_chain_of_rotations_is_linked_all_along);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
