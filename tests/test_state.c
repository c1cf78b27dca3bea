/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/wait.h>

#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "suite.h"

#define STRANGER 12345 /* a uid of nobody here */

static char dir[SCRATCH_PATH];
static char why[512];
static struct state st;

static void
set_up(void)
{
	scratch_folder(dir);
	why[0] = '\0';
}

static int
count_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return count;
}

/* It is refused with these words, and nothing stays open. */
static void
ck_refused(const char *path, const char *words)
{
	int before = count_fds();

	ck_assert(!state_open(&st, path, why, sizeof(why)));
	ck_assert_msg(strstr(why, words) != NULL, "%s", why);
	ck_assert_msg(strstr(why, path) != NULL, "%s", why);
	ck_assert_int_eq(count_fds(), before);
}

static off_t
size_of(const char *name)
{
	struct stat file;

	ck_assert_int_eq(fstatat(st.dir_fd, name, &file, 0), 0);
	return file.st_size;
}

START_TEST(a_missing_directory_is_made_for_keyd_alone)
{
	char path[SCRATCH_PATH + 8];
	struct stat made;

	umask(0);
	scratch_path(path, sizeof(path), dir, "state");
	ck_assert_msg(state_open(&st, path, why, sizeof(why)), "%s", why);
	ck_assert_int_eq(stat(path, &made), 0);
	ck_assert_uint_eq(made.st_mode & 07777, 0700);
	ck_assert(!st.has_database);
	ck_assert(state_sync(&st));
	state_close(&st);
}
END_TEST

START_TEST(a_second_keyd_is_refused_until_the_first_is_gone)
{
	struct state first;

	ck_assert(state_open(&first, dir, why, sizeof(why)));
	ck_refused(dir, "another keyd is running");
	ck_refused(dir, "another keyd is running");
	state_close(&first);
	ck_assert(state_open(&st, dir, why, sizeof(why)));
	state_close(&st);
}
END_TEST

START_TEST(a_database_that_is_there_is_noticed)
{
	char path[SCRATCH_PATH + 16];

	scratch_path(path, sizeof(path), dir, "data.mdb");
	ck_assert_int_eq(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	ck_assert(state_open(&st, dir, why, sizeof(why)));
	ck_assert(st.has_database);
	state_close(&st);
}
END_TEST

START_TEST(the_lock_file_of_lmdb_has_all_its_blocks)
{
	struct stat file;

	ck_assert(state_open(&st, dir, why, sizeof(why)));
	ck_assert_int_eq(fstatat(st.dir_fd, "lock.mdb", &file, 0), 0);
	ck_assert_int_ge(file.st_size, 65536);
	ck_assert_int_ge(file.st_blocks * 512, file.st_size);
	ck_assert_uint_eq(file.st_mode & 07777, 0600);
	state_close(&st);
	ck_assert(state_open(&st, dir, why, sizeof(why)));
	ck_assert_int_eq(size_of("lock.mdb"), file.st_size);
	state_close(&st);
}
END_TEST

/* Runs for every mode that lets another in. */
START_TEST(a_directory_that_others_may_enter_is_refused)
{
	ck_assert_int_eq(chmod(dir, 0700 | (mode_t)_i), 0);
	ck_refused(dir, "0700");
}
END_TEST

START_TEST(a_file_in_place_of_the_directory_is_refused)
{
	char path[SCRATCH_PATH + 16];

	scratch_path(path, sizeof(path), dir, "file");
	ck_assert_int_eq(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	ck_refused(path, "Not a directory");
}
END_TEST

START_TEST(a_parent_that_is_not_there_is_said)
{
	char path[SCRATCH_PATH + 16];

	scratch_path(path, sizeof(path), dir, "no/such");
	ck_refused(path, "No such file");
}
END_TEST

/* Runs for each file that is opened. */
START_TEST(a_symlink_in_place_of_a_file_is_refused)
{
	static const char *const files[] = { "keyd.lock", "lock.mdb" };
	char link[SCRATCH_PATH + 16], target[SCRATCH_PATH + 16];

	scratch_path(link, sizeof(link), dir, files[_i]);
	scratch_path(target, sizeof(target), dir, "elsewhere");
	ck_assert_int_eq(symlink(target, link), 0);
	ck_refused(dir, files[_i]);
	ck_assert_int_ne(access(target, F_OK), 0);
}
END_TEST

START_TEST(a_directory_of_another_user_is_refused)
{
	ck_assert_int_eq(chown(dir, STRANGER, STRANGER), 0);
	ck_refused(dir, "belongs to another user");
}
END_TEST

/* A child of another user, since root may write anywhere. */
START_TEST(a_directory_that_cannot_be_written_is_refused)
{
	int status;
	pid_t pid;

	ck_assert_int_eq(chown(dir, STRANGER, STRANGER), 0);
	ck_assert_int_eq(chmod(dir, 0500), 0);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		bool refused = setuid(STRANGER) == 0 &&
		    !state_open(&st, dir, why, sizeof(why)) &&
		    strstr(why, "cannot write to it") != NULL;

		_exit(refused ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_sentence_is_cut_to_its_place)
{
	char little[8];

	memset(little, 'x', sizeof(little));
	ck_assert(!state_open(&st, "/no/such/place", little, sizeof(little)));
	ck_assert_uint_eq(strlen(little), sizeof(little) - 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("state");
	TCase *tc = tcase_create("state");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_missing_directory_is_made_for_keyd_alone);
	tcase_add_test(tc, a_second_keyd_is_refused_until_the_first_is_gone);
	tcase_add_test(tc, a_database_that_is_there_is_noticed);
	tcase_add_test(tc, the_lock_file_of_lmdb_has_all_its_blocks);
	tcase_add_loop_test(tc, a_directory_that_others_may_enter_is_refused, 1,
	    0100);
	tcase_add_test(tc, a_file_in_place_of_the_directory_is_refused);
	tcase_add_test(tc, a_parent_that_is_not_there_is_said);
	tcase_add_loop_test(tc, a_symlink_in_place_of_a_file_is_refused, 0, 2);
	tcase_add_test(tc, a_sentence_is_cut_to_its_place);
	/* Only root can give a directory away. */
	if (geteuid() == 0) {
		tcase_add_test(tc, a_directory_of_another_user_is_refused);
		tcase_add_test(tc,
		    a_directory_that_cannot_be_written_is_refused);
	}
	suite_add_tcase(s, tc);
	return suite_run(s);
}
