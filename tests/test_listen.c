/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen.h"
#include "suite.h"

#define NO_GROUP ((gid_t)-1)
#define STRANGER 12345

static char scratch[64];
static char dir[80];    /* the runtime directory in it */
static char verify[96]; /* and the sockets in that */
static char admin[96];
static char why[LISTEN_WHY_SIZE];
static struct listeners l;

static void
set_up(void)
{
	(void)strcpy(scratch, "/tmp/keyd-listen-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	(void)sprintf(dir, "%s/run", scratch);
	(void)sprintf(verify, "%s/verify.sock", dir);
	(void)sprintf(admin, "%s/admin.sock", dir);
	(void)unsetenv("LISTEN_PID");
}

static void
tear_down(void)
{
	(void)unlink(verify);
	(void)unlink(admin);
	(void)rmdir(dir);
	(void)unlink(dir);
	(void)rmdir(scratch);
}

static bool
open_at(const char *where)
{
	memset(why, 0, sizeof(why));
	return listen_open(&l, where,
	    &(struct listen_want){ 0666, 0660, NO_GROUP }, why, sizeof(why));
}

static void
ck_open(void)
{
	ck_assert_msg(open_at(dir), "%s", why);
}

static void
ck_refused(const char *contains)
{
	ck_assert(!open_at(dir));
	ck_assert_msg(strstr(why, contains) != NULL, "%s", why);
	ck_assert_int_eq(l.verify, -1);
	ck_assert_int_eq(l.admin, -1);
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

/* A socket at the path, listening or dead; its descriptor, or -1. */
static int
other_socket(const char *path, bool is_live)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strcpy(sun.sun_path, path);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	if (is_live) {
		ck_assert_int_eq(listen(fd, 0), 0);
		return fd;
	}
	close(fd);
	return -1;
}

static int
call(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int e = 0;

	(void)strcpy(sun.sun_path, path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		e = errno;
	close(fd);
	return e;
}

static void
make_dir(void)
{
	ck_assert_int_eq(mkdir(dir, 0755), 0);
}

/* ---- made here ---- */

START_TEST(both_sockets_are_made_and_answer)
{
	ck_open();
	ck_assert_uint_eq(mode_of(dir), 0755);
	ck_assert_uint_eq(mode_of(verify), 0666);
	ck_assert_uint_eq(mode_of(admin), 0660);
	ck_assert_int_eq(call(verify), 0);
	ck_assert_int_eq(call(admin), 0);
	listen_close(&l);
}
END_TEST

START_TEST(the_umask_changes_neither_modes_nor_is_it_changed)
{
	const mode_t umasks[] = { 0, 077, 0777 };

	(void)umask(umasks[_i]);
	ck_open();
	ck_assert_uint_eq(mode_of(dir), 0755);
	ck_assert_uint_eq(mode_of(verify), 0666);
	ck_assert_uint_eq(mode_of(admin), 0660);
	ck_assert_uint_eq(umask(022), umasks[_i]);
	listen_close(&l);
}
END_TEST

START_TEST(each_socket_has_the_mode_that_is_wanted)
{
	ck_assert(listen_open(&l, dir,
	    &(struct listen_want){ 0600, 0622, getegid() }, why, sizeof(why)));
	ck_assert_uint_eq(mode_of(verify), 0600);
	ck_assert_uint_eq(mode_of(admin), 0622);
	ck_assert(!listen_is_private(&l));
	ck_assert_int_eq(chmod(admin, 0660), 0);
	ck_assert(listen_is_private(&l));
	listen_close(&l);
}
END_TEST

START_TEST(the_admin_socket_alone_goes_to_the_group)
{
	struct stat st;

	if (geteuid() != 0)
		return; /* only root may give to any group */
	ck_assert(listen_open(&l, dir,
	    &(struct listen_want){ 0666, 0666, STRANGER }, why, sizeof(why)));
	ck_assert_int_eq(lstat(admin, &st), 0);
	ck_assert_uint_eq(st.st_gid, STRANGER);
	ck_assert_uint_eq(st.st_uid, geteuid());
	ck_assert_int_eq(lstat(verify, &st), 0);
	ck_assert_uint_ne(st.st_gid, STRANGER);
	listen_close(&l);
}
END_TEST

START_TEST(the_sockets_do_not_block_and_do_not_survive_exec)
{
	ck_open();
	ck_assert_int_eq(accept(l.verify, NULL, NULL), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(accept(l.admin, NULL, NULL), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(fcntl(l.verify, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(l.admin, F_GETFD), FD_CLOEXEC);
	listen_close(&l);
}
END_TEST

START_TEST(closing_removes_what_was_made_and_can_be_repeated)
{
	ck_open();
	listen_close(&l);
	ck_assert(!exists(verify));
	ck_assert(!exists(admin));
	ck_assert(exists(dir));
	listen_close(&l);
}
END_TEST

START_TEST(closing_leaves_what_another_put_in_its_place)
{
	int fd;

	ck_open();
	ck_assert_int_eq(unlink(verify), 0);
	fd = other_socket(verify, true);
	ck_assert_int_eq(unlink(admin), 0);
	ck_assert_int_eq(symlink("elsewhere", admin), 0);
	listen_close(&l);
	ck_assert(exists(verify));
	ck_assert(exists(admin));
	close(fd);
}
END_TEST

START_TEST(a_dead_socket_is_replaced)
{
	make_dir();
	(void)other_socket(verify, false);
	(void)other_socket(admin, false);
	ck_open();
	ck_assert_int_eq(call(verify), 0);
	listen_close(&l);
}
END_TEST

START_TEST(another_keyd_is_left_alone)
{
	struct listeners first;

	ck_open();
	first = l;
	ck_refused("another keyd is listening");
	ck_assert_int_eq(call(verify), 0);
	listen_close(&first);
	ck_open();
	listen_close(&l);
}
END_TEST

START_TEST(another_keyd_that_is_too_busy_to_answer_is_left_alone)
{
	int clients[8];
	int fd;

	make_dir();
	fd = other_socket(verify, true);
	for (int i = 0; i < 8; i++) {
		struct sockaddr_un sun = { .sun_family = AF_UNIX };

		clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)strcpy(sun.sun_path, verify);
		(void)connect(clients[i], (struct sockaddr *)&sun, sizeof(sun));
	}
	ck_assert_int_eq(call(verify), EAGAIN);
	ck_refused("another keyd is listening");
	ck_assert(exists(verify));
	for (int i = 0; i < 8; i++)
		close(clients[i]);
	close(fd);
}
END_TEST

START_TEST(a_refused_admin_socket_takes_the_verify_socket_back)
{
	int fd;

	make_dir();
	fd = other_socket(admin, true);
	ck_refused("admin.sock: another keyd");
	ck_assert(!exists(verify));
	ck_assert(exists(admin));
	close(fd);
}
END_TEST

START_TEST(a_socket_of_another_kind_is_refused)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	make_dir();
	(void)strcpy(sun.sun_path, verify);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_refused("cannot tell whether anyone listens");
	ck_assert(exists(verify));
	close(fd);
}
END_TEST

START_TEST(a_file_in_place_of_the_socket_is_refused)
{
	make_dir();
	close(open(verify, O_CREAT | O_WRONLY, 0600));
	ck_refused("is not a socket");
	ck_assert(exists(verify));
}
END_TEST

START_TEST(a_symlink_in_place_of_the_socket_is_refused)
{
	char target[96];

	make_dir();
	(void)sprintf(target, "%s/target", scratch);
	(void)other_socket(target, false);
	ck_assert_int_eq(symlink(target, verify), 0);
	ck_refused("is not a socket");
	ck_assert(exists(verify));
	ck_assert(exists(target));
	(void)unlink(target);
}
END_TEST

START_TEST(a_dangling_symlink_in_place_of_the_socket_is_refused)
{
	make_dir();
	ck_assert_int_eq(symlink("nowhere", admin), 0);
	ck_refused("is not a socket");
	ck_assert(!exists(verify));
}
END_TEST

START_TEST(only_root_and_keyd_itself_are_trusted)
{
	ck_assert(listen_trusts(0, STRANGER));
	ck_assert(listen_trusts(STRANGER, STRANGER));
	ck_assert(listen_trusts(0, 0));
	ck_assert(!listen_trusts(STRANGER, 0));
	ck_assert(!listen_trusts(STRANGER, STRANGER + 1));
}
END_TEST

START_TEST(a_socket_of_a_stranger_is_refused)
{
	if (geteuid() != 0)
		return; /* then only the rule above is tried */
	make_dir();
	(void)other_socket(verify, false);
	ck_assert_int_eq(lchown(verify, STRANGER, STRANGER), 0);
	ck_refused("belongs to the user 12345");
	ck_assert(exists(verify));
}
END_TEST

START_TEST(a_directory_of_a_stranger_is_refused)
{
	if (geteuid() != 0)
		return;
	make_dir();
	ck_assert_int_eq(chown(dir, STRANGER, STRANGER), 0);
	ck_refused("belongs to the user 12345");
}
END_TEST

START_TEST(a_directory_that_others_may_write_is_refused)
{
	static const mode_t modes[] = { 0775, 0757, 0777, 01777 };

	make_dir();
	ck_assert_int_eq(chmod(dir, modes[_i]), 0);
	ck_refused("may write in it");
}
END_TEST

START_TEST(a_file_in_place_of_the_directory_is_refused)
{
	close(open(dir, O_CREAT | O_WRONLY, 0600));
	ck_refused("not a directory");
}
END_TEST

START_TEST(a_directory_that_cannot_be_made_is_refused)
{
	char deep[96];

	(void)sprintf(deep, "%s/a/b", scratch);
	ck_assert(!open_at(deep));
	ck_assert_ptr_nonnull(strstr(why, "cannot be made: No such file"));
}
END_TEST

START_TEST(a_path_fits_to_the_last_byte_and_is_never_cut)
{
	char deep[160];
	size_t base = strlen(scratch) + 1;

	/* The longest that fits is 107 bytes with "/verify.sock". */
	memset(deep, 'd', sizeof(deep));
	memcpy(deep, scratch, base - 1);
	deep[base - 1] = '/';
	deep[107 - strlen("/verify.sock")] = '\0';
	ck_assert_msg(open_at(deep), "%s", why);
	listen_close(&l);
	ck_assert_int_eq(rmdir(deep), 0);
	deep[107 - strlen("/verify.sock")] = 'd';
	deep[108 - strlen("/verify.sock")] = '\0';
	ck_assert(!open_at(deep));
	ck_assert_msg(strstr(why, "107 bytes") != NULL, "%s", why);
	(void)rmdir(deep);
}
END_TEST

START_TEST(variables_of_another_process_are_not_for_us)
{
	ck_assert_int_eq(setenv("LISTEN_PID", "1", 1), 0);
	ck_assert_int_eq(setenv("LISTEN_FDS", "2", 1), 0);
	ck_open();
	ck_assert(exists(verify));
	ck_assert_ptr_null(getenv("LISTEN_FDS"));
	listen_close(&l);
}
END_TEST

/* ---- from systemd ---- */

/* What a process is given at its start. */
struct given {
	int first;
	int second;
	const char *count;
	const char *names;
};

/*
 * Runs listen_open in a process that is given these sockets, since
 * descriptors 3 and 4 of this one are Check's.  Its answer: the sentence,
 * "verify 3 admin 4" or the like, or "made".
 */
static void
start(const struct given *g)
{
	char pid[16];

	if (dup2(g->first, 3) == -1 || dup2(g->second, 4) == -1)
		_exit(2);
	(void)sprintf(pid, "%d", (int)getpid());
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDS", g->count, 1);
	if (g->names != NULL)
		(void)setenv("LISTEN_FDNAMES", g->names, 1);
	else
		(void)unsetenv("LISTEN_FDNAMES");
	if (!open_at(dir))
		return;
	if (getenv("LISTEN_PID") != NULL || getenv("LISTEN_FDS") != NULL ||
	    getenv("LISTEN_FDNAMES") != NULL)
		_exit(3);
	(void)sprintf(why, "verify %d admin %d%s%s", l.verify, l.admin,
	    fcntl(3, F_GETFD) == FD_CLOEXEC ? " cloexec" : "",
	    (fcntl(4, F_GETFL) & O_NONBLOCK) != 0 ? " nonblock" : "");
	if (l.verify_own.path[0] != '\0')
		(void)strcpy(why, "made");
	listen_close(&l);
}

static const char *
answer(int first, int second, const char *count, const char *names)
{
	struct given g = { 20, 21, count, names };
	int ends[2];
	int status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		(void)dup2(first, 20);
		(void)dup2(second, 21);
		(void)dup2(ends[1], 22);
		start(&g);
		(void)!write(22, why, strlen(why));
		_exit(0);
	}
	close(ends[1]);
	memset(why, 0, sizeof(why));
	(void)!read(ends[0], why, sizeof(why) - 1);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	return why;
}

static int passed_verify;
static int passed_admin;

static void
set_up_passed(void)
{
	set_up();
	make_dir();
	passed_verify = other_socket(verify, true);
	passed_admin = other_socket(admin, true);
	ck_assert_int_eq(chmod(verify, 0666), 0);
	ck_assert_int_eq(chmod(admin, 0660), 0);
}

static void
tear_down_passed(void)
{
	close(passed_verify);
	close(passed_admin);
	tear_down();
}

START_TEST(sockets_are_taken_by_their_names)
{
	ck_assert_str_eq(answer(passed_verify, passed_admin, "2",
			     "verify:admin"),
	    "verify 3 admin 4 cloexec nonblock");
	ck_assert_str_eq(answer(passed_admin, passed_verify, "2",
			     "admin:verify"),
	    "verify 4 admin 3 cloexec nonblock");
}
END_TEST

START_TEST(sockets_that_were_passed_stay_when_keyd_ends)
{
	(void)answer(passed_verify, passed_admin, "2", "verify:admin");
	ck_assert(exists(verify));
	ck_assert(exists(admin));
	ck_assert_int_eq(call(verify), 0);
}
END_TEST

START_TEST(with_no_socket_passed_they_are_made)
{
	ck_assert_int_eq(unlink(verify), 0);
	ck_assert_int_eq(unlink(admin), 0);
	ck_assert_str_eq(answer(passed_verify, passed_admin, "0", ""), "made");
}
END_TEST

static const struct {
	const char *count;
	const char *names;
	const char *contains;
} wrong[] = {
	{ "2", "verify:other", "\"other\": not a name" },
	{ "2", "keyd.socket:keyd.socket", "not a name" },
	{ "2", "verify", "\"\": not a name" },
	{ "2", "", "not a name" },
	{ "2", NULL, "not a name" },
	{ "2", "verify:verify", "\"verify\": passed twice" },
	{ "2", "admin:admin", "\"admin\": passed twice" },
	{ "1", "verify", "not 2 sockets" },
	{ "3", "verify:admin:more", "not 2 sockets" },
	{ "-1", "verify:admin", "not 2 sockets" },
	{ "2x", "verify:admin", "not 2 sockets" },
	{ "99999999999", "verify:admin", "not 2 sockets" },
};

START_TEST(wrong_names_and_numbers_of_sockets_are_refused)
{
	answer(passed_verify, passed_admin, wrong[_i].count, wrong[_i].names);
	ck_assert_msg(strstr(why, wrong[_i].contains) != NULL, "%s", why);
}
END_TEST

START_TEST(what_is_no_listening_stream_socket_is_refused)
{
	/* The kernel chooses an abstract name. */
	struct sockaddr unnamed = { .sa_family = AF_UNIX };
	int ends[2];
	int others[6];

	ck_assert_int_eq(pipe(ends), 0);
	others[0] = ends[0];
	others[1] = socket(AF_UNIX, SOCK_DGRAM, 0);
	others[2] = socket(AF_UNIX, SOCK_STREAM, 0); /* does not listen */
	others[3] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(listen(others[3], 1), 0);
	others[4] = open("/dev/null", O_RDWR);
	others[5] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	ck_assert_int_eq(bind(others[5], &unnamed, sizeof(sa_family_t)), 0);
	ck_assert_int_eq(listen(others[5], 1), 0);
	ck_assert_int_ne(others[_i], -1);
	answer(others[_i], passed_admin, "2", "verify:admin");
	ck_assert_msg(strstr(why, "\"verify\": not a listening") != NULL, "%s",
	    why);
	answer(passed_verify, others[_i], "2", "verify:admin");
	ck_assert_msg(strstr(why, "\"admin\": not a listening") != NULL, "%s",
	    why);
	for (int i = 0; i < 6; i++)
		close(others[i]);
	close(ends[1]);
}
END_TEST

static void
add_made(Suite *s)
{
	TCase *tc = tcase_create("made");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, both_sockets_are_made_and_answer);
	tcase_add_loop_test(tc,
	    the_umask_changes_neither_modes_nor_is_it_changed, 0, 3);
	tcase_add_test(tc, each_socket_has_the_mode_that_is_wanted);
	tcase_add_test(tc, the_admin_socket_alone_goes_to_the_group);
	tcase_add_test(tc, the_sockets_do_not_block_and_do_not_survive_exec);
	tcase_add_test(tc, closing_removes_what_was_made_and_can_be_repeated);
	tcase_add_test(tc, closing_leaves_what_another_put_in_its_place);
	tcase_add_test(tc, a_dead_socket_is_replaced);
	tcase_add_test(tc, another_keyd_is_left_alone);
	tcase_add_test(tc,
	    another_keyd_that_is_too_busy_to_answer_is_left_alone);
	tcase_add_test(tc, a_refused_admin_socket_takes_the_verify_socket_back);
	tcase_add_test(tc, variables_of_another_process_are_not_for_us);
	suite_add_tcase(s, tc);
}

static void
add_refused(Suite *s)
{
	TCase *tc = tcase_create("refused");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_socket_of_another_kind_is_refused);
	tcase_add_test(tc, a_file_in_place_of_the_socket_is_refused);
	tcase_add_test(tc, a_symlink_in_place_of_the_socket_is_refused);
	tcase_add_test(tc,
	    a_dangling_symlink_in_place_of_the_socket_is_refused);
	tcase_add_test(tc, only_root_and_keyd_itself_are_trusted);
	tcase_add_test(tc, a_socket_of_a_stranger_is_refused);
	tcase_add_test(tc, a_directory_of_a_stranger_is_refused);
	tcase_add_loop_test(tc, a_directory_that_others_may_write_is_refused, 0,
	    4);
	tcase_add_test(tc, a_file_in_place_of_the_directory_is_refused);
	tcase_add_test(tc, a_directory_that_cannot_be_made_is_refused);
	tcase_add_test(tc, a_path_fits_to_the_last_byte_and_is_never_cut);
	suite_add_tcase(s, tc);
}

static void
add_passed(Suite *s)
{
	TCase *tc = tcase_create("passed");

	tcase_add_checked_fixture(tc, set_up_passed, tear_down_passed);
	tcase_add_test(tc, sockets_are_taken_by_their_names);
	tcase_add_test(tc, sockets_that_were_passed_stay_when_keyd_ends);
	tcase_add_test(tc, with_no_socket_passed_they_are_made);
	tcase_add_loop_test(tc, wrong_names_and_numbers_of_sockets_are_refused,
	    0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_loop_test(tc, what_is_no_listening_stream_socket_is_refused,
	    0, 6);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("listen");

	add_made(s);
	add_refused(s);
	add_passed(s);
	return suite_run(s);
}
