/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>

#include <errno.h>
#include <unistd.h>

#include "caller.h"
#include "exchange.h"
#include "suite.h"
#include "token.h"

START_TEST(a_good_token_is_accepted_and_described)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	make_default_patient();
	ck_assert_int_eq(keyd_verify(good, "tests:run", &v), KEYD_OK);
	ck_assert_uint_eq(v.size, sizeof(v));
	ck_assert_int_eq(v.status, KEYD_OK);
	ck_assert_int_eq(v.http_status, 200);
	ck_assert_uint_eq(v.retry_after, 0);
	ck_assert_uint_eq(v.rate_limit, 60);
	ck_assert_uint_eq(v.rate_remaining, 9);
	ck_assert_uint_eq(v.rate_reset, 10);
	ck_assert_int_eq(v.expires, 2000000000);
	ck_assert_str_eq(v.key_id, "key_0123456789abcdef");
	ck_assert_str_eq(v.org, "acme");
	ck_assert_str_eq(v.user, "alice");
	ck_assert_str_eq(v.name, "ci");
	ck_assert_str_eq(v.project, "demo");
}
END_TEST

START_TEST(the_digest_the_permission_and_the_org_are_sent)
{
	struct keyd *h = open_with("acme", PATIENT);
	uint8_t digest[DIGEST_SIZE];

	ck_assert_int_eq(keyd_verify_with(h, good, "tests:run", NULL), KEYD_OK);
	token_digest(good, sizeof(good) - 1, digest);
	ck_assert_int_eq(peer.last.type, FRAME_VERIFY);
	ck_assert_mem_eq(peer.last.verify.digest, digest, sizeof(digest));
	ck_assert_str_eq(peer.last.verify.permission, "tests:run");
	ck_assert_str_eq(peer.last.verify.org, "acme");
	keyd_close(h);
}
END_TEST

START_TEST(all_forms_of_the_call_say_the_same)
{
	make_default_patient();
	ck_assert_int_eq(keyd_verify(good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(keyd_verify_bearer("bearer "
					    "cmk_"
					    "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7"
					    "r8s9t0u1v2w0htmaty ",
			     NULL, NULL),
	    KEYD_OK);
	ck_assert_int_eq(
	    keyd_verify_bearer_with(handle,
		"Bearer "
		"cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty",
		NULL, NULL),
	    KEYD_OK);
	ck_assert_int_eq(peer.requests, 4);
}
END_TEST

START_TEST(every_verdict_is_passed_on)
{
	static const enum keyd_status all[] = { KEYD_UNKNOWN, KEYD_REVOKED,
		KEYD_EXPIRED, KEYD_WRONG_ORG, KEYD_FORBIDDEN,
		KEYD_RATE_LIMITED };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct keyd_verdict v = KEYD_VERDICT_INIT;

		peer.verdict = (int)all[i];
		ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v),
		    all[i]);
		ck_assert_int_eq(v.status, all[i]);
		ck_assert_int_eq(v.http_status, keyd_http_status(all[i]));
		ck_assert_uint_eq(v.retry_after,
		    all[i] == KEYD_RATE_LIMITED ? 1 : 0);
	}
}
END_TEST

START_TEST(a_verdict_of_another_number_accepts_nothing)
{
	static const int codes[] = { 1, 2, 9, 100, 255 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		peer.verdict = codes[i];
		ck_assert_int_eq(verify(good), KEYD_EPROTOCOL);
	}
}
END_TEST

START_TEST(no_token_is_missing_without_keyd)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	memset(v.org, 'x', sizeof(v.org));
	ck_assert_int_eq(keyd_verify(NULL, NULL, &v), KEYD_MISSING);
	ck_assert_int_eq(v.http_status, 401);
	ck_assert_str_eq(v.org, "");
	ck_assert_int_eq(keyd_verify_bearer(NULL, NULL, NULL), KEYD_MISSING);
	ck_assert_int_eq(keyd_verify_bearer("Basic eA==", NULL, NULL),
	    KEYD_MISSING);
	ck_assert_int_eq(keyd_verify_bearer_with(handle, "Bearer a b", NULL,
			     NULL),
	    KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

START_TEST(a_busy_keyd_says_when_to_come_back)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	peer.other = REFUSES;
	peer.code = ERROR_BUSY;
	peer.retry_after = 5;
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v), KEYD_EBUSY);
	ck_assert_uint_eq(v.retry_after, 5);
	peer.code = ERROR_PERMISSION;
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v),
	    KEYD_EPERMISSION);
	ck_assert_uint_eq(v.retry_after, 0);
	ck_assert_int_eq(peer.connections, 1);
}
END_TEST

START_TEST(a_process_without_a_descriptor_left_cannot_ask)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	int free_one = dup(0);
	struct rlimit all, none;

	ck_assert_int_ge(free_one, 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = all;
	none.rlim_cur = (rlim_t)free_one;
	close(free_one);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v),
	    KEYD_EUNAVAILABLE);
	ck_assert_int_eq(v.http_status, 503);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(exchange_status(ENFILE), KEYD_EUNAVAILABLE);
	ck_assert_int_eq(exchange_status(ENOMEM), KEYD_ENOMEM);
}
END_TEST

START_TEST(errno_is_kept)
{
	errno = EXDEV;
	verify(good);
	verify(bad);
	peer_hang_up(&peer);
	errno = EXDEV;
	verify(good);
	ck_assert_int_eq(errno, EXDEV);
	peer.other = RESETS;
	handle->deadline_ms = 100;
	verify(good);
	keyd_verify(good, "X", NULL);
	keyd_close(open_with(NULL, 1));
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify");
	TCase *tc = tcase_create("verify");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_good_token_is_accepted_and_described);
	tcase_add_test(tc, the_digest_the_permission_and_the_org_are_sent);
	tcase_add_test(tc, all_forms_of_the_call_say_the_same);
	tcase_add_test(tc, every_verdict_is_passed_on);
	tcase_add_test(tc, a_verdict_of_another_number_accepts_nothing);
	tcase_add_test(tc, no_token_is_missing_without_keyd);
	tcase_add_test(tc, a_busy_keyd_says_when_to_come_back);
	tcase_add_test(tc, a_process_without_a_descriptor_left_cannot_ask);
	tcase_add_test(tc, errno_is_kept);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
