/* SPDX-License-Identifier: ISC */
#include <sys/un.h>

#include <check.h>
#include <string.h>

#include "address.h"
#include "suite.h"

static const struct {
	const char *text;
	bool local;
} good[] = {
	{ "127.0.0.1:80", true },
	{ "127.255.0.9:0", true },
	{ "[::1]:65535", true },
	{ "0.0.0.0:80", false },
	{ "128.0.0.1:80", false },
	{ "10.1.2.3:8180", false },
	{ "[::]:80", false },
	{ "[::ffff:127.0.0.1]:80", false },
	{ "[fe80::1]:80", false },
};

START_TEST(an_address_is_read_and_written)
{
	struct sockaddr_storage at;
	char text[64];
	socklen_t len;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct sockaddr *sa = (const struct sockaddr *)&at;

		ck_assert_msg(address_parse(good[i].text, &at, &len), "%s",
		    good[i].text);
		ck_assert_int_eq(address_is_local(sa), good[i].local);
		address_print(sa, len, text, sizeof(text));
		ck_assert_str_eq(text, good[i].text);
	}
}
END_TEST

#define LONG_HOST                                                              \
	"000.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000"

START_TEST(what_is_no_address_is_refused)
{
	static const char *const wrong[] = { "", ":", ":80", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:65536",
		"127.0.0.1:000080", "127.0.0.1:8 0", "localhost:80", "::1:80",
		"[::1]", "[::1:80", "::1]:80", "[]:80", "[:80", "[::1]x:80",
		"127.1:80", "[127.0.0.1]x", "1.2.3.4.5:80", LONG_HOST ":80" };
	struct sockaddr_storage at;
	socklen_t len;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!address_parse(wrong[i], &at, &len),
		    "accepted: %s", wrong[i]);
}
END_TEST

START_TEST(a_socket_of_this_host_is_local)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX,
		.sun_path = "/run/x" };
	struct sockaddr other = { .sa_family = AF_PACKET };
	char text[32];

	ck_assert(address_is_local((struct sockaddr *)&sun));
	ck_assert(!address_is_local(&other));
	address_print((struct sockaddr *)&sun, sizeof(sun), text, sizeof(text));
	ck_assert_str_eq(text, "unix:/run/x");
	address_print((struct sockaddr *)&sun, sizeof(sa_family_t), text,
	    sizeof(text));
	ck_assert_str_eq(text, "a Unix socket");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("address");
	TCase *tc = tcase_create("address");

	tcase_add_test(tc, an_address_is_read_and_written);
	tcase_add_test(tc, what_is_no_address_is_refused);
	tcase_add_test(tc, a_socket_of_this_host_is_local);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
