/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "asked.h"

static char id[KEY_ID_SIZE];

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
	r = ask_rows(ask(&a, &req), 1);
	ck_row(&r, id, false, ASK_NOW);
	a.now += DAY;
	strlcpy(req.revoke.reason, "another one", sizeof(req.revoke.reason));
	r = ask_rows(ask(&a, &req), 1);
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
	r = ask_rows(ask(&a, &req), 1);
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
	r = ask_rows(ask(&a, &req), 3);
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
	r = ask_rows(ask(&a, &req), 1);
	ck_row(&r, id, false, 0);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_revoke");
	TCase *tc = tcase_create("op_revoke");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_key_is_revoked_once_and_for_good);
	tcase_add_test(tc, a_key_is_revoked_by_its_digest);
	tcase_add_test(tc, all_keys_that_are_named_are_revoked_or_none);
	tcase_add_loop_test(tc,
	    an_id_that_is_none_is_refused_by_revoke_and_show, 0,
	    (int)(sizeof(bad_ids) / sizeof(bad_ids[0])));
	tcase_add_test(tc, a_reason_that_is_no_text_is_refused);
	tcase_add_test(tc, a_dry_run_of_a_revoke_revokes_nothing);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
