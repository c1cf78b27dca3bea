/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <check.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"
#include "suite.h"

#define NO_GROUP ((gid_t)-1)
#define STRANGER 12345 /* a uid and a gid of nobody here */

static const struct peer nobody = { .uid = (uid_t)-1, .gid = NO_GROUP };

static const struct peer everything = { .pid = 1,
	.in_admin_group = true,
	.granted_admin = true,
	.grants = UINT32_MAX };

static void
ck_may_nothing(const struct peer *p)
{
	ck_assert_uint_eq(p->uid, nobody.uid);
	ck_assert_uint_eq(p->gid, nobody.gid);
	ck_assert(!p->in_admin_group);
	ck_assert(!peer_may_admin(p));
	ck_assert(!peer_may_issue(p));
}

START_TEST(the_other_end_is_who_the_kernel_says)
{
	struct peer p;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ck_assert(peer_read(ends[0], NO_GROUP, &p));
	ck_assert_uint_eq(p.uid, geteuid());
	ck_assert_uint_eq(p.gid, getegid());
	ck_assert_int_eq(p.pid, getpid());
	ck_assert(!p.in_admin_group);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(the_primary_group_counts)
{
	struct peer p;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ck_assert(peer_read(ends[0], getegid(), &p));
	ck_assert(p.in_admin_group);
	ck_assert(peer_read(ends[0], STRANGER, &p));
	ck_assert(!p.in_admin_group);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

static struct grants given;

/*
 * What keyd reads of a process of uid and gid STRANGER that is in so many
 * groups, 20000 and up.
 */
static void
read_member(int count, gid_t admin_gid, struct peer *p)
{
	gid_t *groups = calloc((size_t)count + 1, sizeof(*groups));
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr address = { .sa_family = AF_UNIX };
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	int fd;
	pid_t pid;

	ck_assert(groups != NULL && listener != -1);
	for (int i = 0; i < count; i++)
		groups[i] = (gid_t)(20000 + i);
	/* An address of only a family: the kernel chooses an abstract name. */
	ck_assert_int_eq(bind(listener, &address, sizeof(sa_family_t)), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&bound, &len),
	    0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (setgroups((size_t)count, groups) != 0 ||
		    setgid(STRANGER) != 0 || setuid(STRANGER) != 0 ||
		    connect(fd, (struct sockaddr *)&bound, len) != 0)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_ne(fd = accept(listener, NULL, NULL), -1);
	ck_assert(peer_read(fd, admin_gid, p));
	peer_grant(fd, &given, p);
	ck_assert_int_eq(p->pid, pid);
	(void)waitpid(pid, NULL, 0);
	close(fd);
	close(listener);
	free(groups);
}

START_TEST(a_stranger_may_nothing)
{
	struct peer p;

	read_member(0, 20000, &p);
	ck_assert_uint_eq(p.uid, STRANGER);
	ck_assert_uint_eq(p.gid, STRANGER);
	ck_assert(!peer_may_admin(&p));
	read_member(3, 20003, &p);
	ck_assert(!peer_may_admin(&p));
	read_member(3, NO_GROUP, &p);
	ck_assert(!peer_may_admin(&p));
}
END_TEST

static const int counts[] = { 1, 31, 32, 33, 64, 1000, 65536 };

START_TEST(any_of_the_groups_counts_however_many_there_are)
{
	struct peer p;
	int n = counts[_i];

	read_member(n, (gid_t)(20000 + n - 1), &p);
	ck_assert(p.in_admin_group);
	ck_assert(peer_may_admin(&p));
	read_member(n, (gid_t)(20000 + n), &p);
	ck_assert(!p.in_admin_group);
	ck_assert(!peer_may_admin(&p));
}
END_TEST

START_TEST(any_of_the_groups_may_have_a_grant)
{
	struct peer p;
	int n = counts[_i];

	given.count = 2;
	given.all[0].groups[0] = (gid_t)(20000 + n);
	given.all[1].groups[0] = (gid_t)(20000 + n - 1);
	given.all[0].group_count = given.all[1].group_count = 1;
	read_member(n, NO_GROUP, &p);
	ck_assert_uint_eq(p.grants, 2);
	ck_assert(peer_may_issue(&p));
	ck_assert(!peer_may_admin(&p));
	given.all[1].power = POWER_ADMIN;
	read_member(n, NO_GROUP, &p);
	ck_assert_uint_eq(p.grants, 2);
	ck_assert(peer_may_admin(&p));
}
END_TEST

START_TEST(what_was_granted_before_is_forgotten)
{
	struct peer p = { .uid = STRANGER, .gid = STRANGER };

	given.count = 1;
	given.all[0].power = POWER_ADMIN;
	given.all[0].user_count = 1;
	given.all[0].users[0] = STRANGER;
	peer_grant(-1, &given, &p);
	ck_assert(peer_may_admin(&p) && p.grants == 1);
	given.all[0].users[0] = STRANGER + 1;
	peer_grant(-1, &given, &p);
	ck_assert(!peer_may_issue(&p) && p.grants == 0);
	p.granted_admin = true;
	given.count = 0;
	peer_grant(-1, &given, &p);
	ck_assert(!peer_may_issue(&p));
}
END_TEST

/* Not even by a grant to what stands for nobody. */
START_TEST(nobody_is_granted_anything)
{
	struct peer p = nobody;

	given.count = 1;
	given.all[0].user_count = 1;
	given.all[0].users[0] = nobody.uid;
	peer_grant(-1, &given, &p);
	ck_assert_uint_eq(p.grants, 0);
	ck_assert(!peer_may_issue(&p));
}
END_TEST

START_TEST(root_and_keyd_itself_may_manage)
{
	struct peer p = nobody;

	p.uid = 0;
	ck_assert(peer_may_admin(&p));
	p.uid = geteuid();
	ck_assert(peer_may_admin(&p));
	p.uid = STRANGER;
	ck_assert(!peer_may_admin(&p));
	p.in_admin_group = true;
	ck_assert(peer_may_admin(&p));
}
END_TEST

START_TEST(what_has_no_peer_may_nothing)
{
	struct peer p = everything;
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int lonely = socket(AF_UNIX, SOCK_STREAM, 0);
	int ends[2];

	ck_assert(!peer_read(-1, 0, &p));
	ck_may_nothing(&p);
	p = everything;
	ck_assert(!peer_read(lonely, 0, &p));
	ck_may_nothing(&p);
	p = everything;
	if (tcp != -1)
		ck_assert(!peer_read(tcp, 0, &p));
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert(!peer_read(ends[0], 0, &p));
	ck_may_nothing(&p);
	close(tcp);
	close(lonely);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(a_group_is_found_by_its_name)
{
	gid_t gid = 77;

	ck_assert(peer_group("root", &gid));
	ck_assert_uint_eq(gid, 0);
}
END_TEST

START_TEST(a_user_is_found_by_its_name)
{
	uid_t uid = 77;

	ck_assert(peer_user("root", &uid));
	ck_assert_uint_eq(uid, 0);
	ck_assert(!peer_user("no-such-user-here", &uid));
	ck_assert_uint_eq(uid, nobody.uid);
}
END_TEST

START_TEST(a_group_that_is_not_there_is_nobodys)
{
	gid_t gid = 0;

	ck_assert(!peer_group("no-such-group-here", &gid));
	ck_assert_uint_eq(gid, NO_GROUP);
	gid = 0;
	ck_assert(!peer_group("", &gid));
	ck_assert_uint_eq(gid, NO_GROUP);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("peer");
	TCase *tc = tcase_create("peer");

	tcase_add_test(tc, the_other_end_is_who_the_kernel_says);
	tcase_add_test(tc, the_primary_group_counts);
	tcase_add_test(tc, root_and_keyd_itself_may_manage);
	tcase_add_test(tc, what_has_no_peer_may_nothing);
	tcase_add_test(tc, what_was_granted_before_is_forgotten);
	tcase_add_test(tc, nobody_is_granted_anything);
	tcase_add_test(tc, a_user_is_found_by_its_name);
	tcase_add_test(tc, a_group_is_found_by_its_name);
	tcase_add_test(tc, a_group_that_is_not_there_is_nobodys);
	/* Only root can become a member of other groups. */
	if (geteuid() == 0) {
		tcase_add_test(tc, a_stranger_may_nothing);
		tcase_add_loop_test(tc, any_of_the_groups_may_have_a_grant, 0,
		    sizeof(counts) / sizeof(counts[0]));
		tcase_add_loop_test(tc,
		    any_of_the_groups_counts_however_many_there_are, 0,
		    sizeof(counts) / sizeof(counts[0]));
	}
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
