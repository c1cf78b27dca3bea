/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "caller.h"
#include "stream.h"
#include "suite.h"
#include "token.h"

/* Makes the handle look up a refused format again. */
static void
wait_until_stale(void)
{
	usleep(1100000);
}

/* No call since then can have found that the format is stale. */
static bool
is_fresh(int64_t since)
{
	return stream_now() - since < 1000000000;
}

START_TEST(what_can_be_no_token_at_all_is_malformed_without_keyd)
{
	char *longest = malloc(TOKEN_FOREIGN_MAX + 2);

	memset(longest, 'a', TOKEN_FOREIGN_MAX + 1);
	longest[TOKEN_FOREIGN_MAX + 1] = '\0';
	ck_assert_int_eq(verify(""), KEYD_MALFORMED);
	ck_assert_int_eq(verify("a b"), KEYD_MALFORMED);
	ck_assert_int_eq(verify("a\n"), KEYD_MALFORMED);
	ck_assert_int_eq(verify("\x7f"), KEYD_MALFORMED);
	ck_assert_int_eq(verify("caf\xc3\xa9"), KEYD_MALFORMED);
	ck_assert_int_eq(verify(longest), KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 0);
	free(longest);
}
END_TEST

START_TEST(a_wrong_checksum_is_refused_and_nothing_sent)
{
	int64_t begin = stream_now();

	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	if (is_fresh(begin))
		ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, 0);
}
END_TEST

START_TEST(a_known_format_is_refused_without_keyd)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer_stop(&peer);
	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	wait_until_stale();
	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	ck_assert_int_eq(verify(good), KEYD_EUNAVAILABLE);
	peer_start(&peer);
}
END_TEST

START_TEST(an_unknown_format_is_not_refused_without_keyd)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	struct keyd *h;

	o.runtime_dir = "/nowhere";
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_OK);
	ck_assert_int_eq(keyd_verify_with(h, bad, NULL, NULL),
	    KEYD_EUNAVAILABLE);
	keyd_close(h);
}
END_TEST

START_TEST(a_foreign_token_is_sent_if_keyd_says_so)
{
	peer.foreign = true;
	ck_assert_int_eq(verify("any-text~at.all"), KEYD_OK);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

/* keyd was given another prefix, and no token of the old one comes by. */
START_TEST(a_changed_format_is_noticed_within_a_second)
{
	int64_t begin = stream_now();
	char token[KEYD_TOKEN_SIZE];
	enum keyd_status status;
	bool fresh;

	ck_assert(token_new("new", token));
	ck_assert_int_eq(verify(good), KEYD_OK);
	strcpy(peer.prefix, "new");
	status = verify(token);
	if ((fresh = is_fresh(begin))) {
		ck_assert_int_eq(status, KEYD_MALFORMED);
		ck_assert_int_eq(peer.connections, 1);
	}
	wait_until_stale();
	begin = stream_now();
	ck_assert_int_eq(verify(token), KEYD_OK);
	ck_assert_int_eq(verify(good), KEYD_MALFORMED);
	if (fresh && is_fresh(begin))
		ck_assert_int_eq(peer.connections, 2);
}
END_TEST

START_TEST(what_is_no_permission_is_refused_without_keyd)
{
	static const char *const wrong[] = { "", "Tests:run", "a b", "a\"b" };
	char longer[PERMISSION_SIZE + 1];

	memset(longer, 'p', sizeof(longer));
	longer[PERMISSION_SIZE] = '\0';
	ck_assert_int_eq(keyd_verify_with(handle, good, longer, NULL),
	    KEYD_EPERMISSION);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_int_eq(keyd_verify_with(handle, good, wrong[i], NULL),
		    KEYD_EPERMISSION);
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify_format");
	TCase *tc = tcase_create("verify_format");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
	    what_can_be_no_token_at_all_is_malformed_without_keyd);
	tcase_add_test(tc, a_wrong_checksum_is_refused_and_nothing_sent);
	tcase_add_test(tc, a_known_format_is_refused_without_keyd);
	tcase_add_test(tc, an_unknown_format_is_not_refused_without_keyd);
	tcase_add_test(tc, a_foreign_token_is_sent_if_keyd_says_so);
	tcase_add_test(tc, a_changed_format_is_noticed_within_a_second);
	tcase_add_test(tc, what_is_no_permission_is_refused_without_keyd);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
