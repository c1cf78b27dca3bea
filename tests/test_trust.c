/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>

#include <check.h>
#include <unistd.h>

#include "suite.h"
#include "trust.h"

static struct stat
step(uid_t owner, mode_t mode)
{
	return (struct stat){ .st_uid = owner, .st_mode = mode };
}

START_TEST(root_and_oneself_are_trusted)
{
	struct trust t = { .peer = 0, .self = 1000, .owner = 2000 };

	ck_assert(trust_rule(&t));
	t.peer = 1000;
	ck_assert(trust_rule(&t));
}
END_TEST

START_TEST(a_stranger_is_not)
{
	struct trust t = { .peer = 3000, .self = 1000, .owner = 2000 };

	ck_assert(!trust_rule(&t));
	t.given = true;
	ck_assert(!trust_rule(&t));
}
END_TEST

START_TEST(the_owner_is_if_root_gave_the_folder_away)
{
	struct trust t = { .peer = 2000, .self = 1000, .owner = 2000 };

	ck_assert(!trust_rule(&t));
	t.given = true;
	ck_assert(trust_rule(&t));
}
END_TEST

/* Root runs the server: a stranger is not trusted because self is root. */
START_TEST(root_trusts_no_stranger_either)
{
	struct trust t = { .peer = 3000, .self = 0, .owner = 3000 };

	ck_assert(!trust_rule(&t));
}
END_TEST

START_TEST(a_step_is_good_if_only_root_can_change_it)
{
	struct stat st = step(0, S_IFDIR | 0755);

	ck_assert(trust_step(&st));
	st = step(0, S_IFLNK | 0777);
	ck_assert(trust_step(&st));
}
END_TEST

START_TEST(any_other_step_is_not)
{
	const struct stat bad[] = { step(0, S_IFDIR | 0775),
		step(0, S_IFDIR | 0757), step(0, S_IFDIR | S_ISVTX | 0777),
		step(1000, S_IFDIR | 0755), step(1000, S_IFLNK | 0777),
		step(0, S_IFREG | 0644) };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert(!trust_step(&bad[i]));
}
END_TEST

START_TEST(the_kernel_says_who_the_peer_is)
{
	uid_t peer;
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert(trust_peer(fds[0], "/nowhere", &peer));
	ck_assert_uint_eq(peer, geteuid());
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(what_is_no_socket_is_not_trusted)
{
	uid_t peer;

	ck_assert(!trust_peer(-1, "/", &peer));
	ck_assert_uint_eq(peer, (uid_t)-1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("trust");
	TCase *tc = tcase_create("trust");

	tcase_add_test(tc, root_and_oneself_are_trusted);
	tcase_add_test(tc, a_stranger_is_not);
	tcase_add_test(tc, the_owner_is_if_root_gave_the_folder_away);
	tcase_add_test(tc, root_trusts_no_stranger_either);
	tcase_add_test(tc, a_step_is_good_if_only_root_can_change_it);
	tcase_add_test(tc, any_other_step_is_not);
	tcase_add_test(tc, the_kernel_says_who_the_peer_is);
	tcase_add_test(tc, what_is_no_socket_is_not_trusted);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
