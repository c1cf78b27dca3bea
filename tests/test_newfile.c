/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "newfile.h"
#include "scratch.h"
#include "suite.h"

static char dir[SCRATCH_PATH];
static char path[SCRATCH_PATH + 16];
static struct newfile f;

static void
set_up(void)
{
	scratch_folder(dir);
	scratch_path(path, sizeof(path), dir, "new");
}

static unsigned
files(void)
{
	DIR *d = opendir(dir);
	unsigned count = 0;

	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		count += e->d_name[0] != '.';
	closedir(d);
	return count;
}

static void
write_at(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0640);

	ck_assert_int_ne(fd, -1);
	ck_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
ck_content(const char *text)
{
	char got[64] = "";
	int fd = open(path, O_RDONLY);

	ck_assert_int_ne(fd, -1);
	ck_assert(read(fd, got, sizeof(got)) == (ssize_t)strlen(text));
	ck_assert_str_eq(got, text);
	close(fd);
}

START_TEST(what_is_kept_is_there_for_its_owner_alone)
{
	struct stat st;

	umask(0);
	ck_assert(newfile_open(&f, path));
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert(newfile_write(&f, "some ", 5));
	ck_assert(newfile_write(&f, "", 0));
	ck_assert(newfile_write(&f, "text", 4));
	ck_assert(newfile_keep(&f));
	newfile_drop(&f);
	ck_content("some text");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(files(), 1);
}
END_TEST

START_TEST(what_is_dropped_is_gone)
{
	ck_assert(newfile_open(&f, path));
	ck_assert(newfile_write(&f, "text", 4));
	ck_assert_uint_eq(files(), 1);
	errno = EDOM;
	newfile_drop(&f);
	newfile_drop(&f);
	ck_assert_int_eq(errno, EDOM);
	ck_assert_uint_eq(files(), 0);
}
END_TEST

START_TEST(what_is_there_stays)
{
	write_at("mine");
	errno = 0;
	ck_assert(!newfile_open(&f, path));
	ck_assert_int_eq(errno, EEXIST);
	ck_content("mine");
	ck_assert_uint_eq(files(), 1);
}
END_TEST

START_TEST(what_comes_there_meanwhile_stays)
{
	ck_assert(newfile_open(&f, path));
	ck_assert(newfile_write(&f, "text", 4));
	write_at("mine");
	errno = 0;
	ck_assert(!newfile_keep(&f));
	ck_assert_int_eq(errno, EEXIST);
	ck_content("mine");
	ck_assert_uint_eq(files(), 1);
}
END_TEST

START_TEST(a_link_to_nowhere_is_something)
{
	ck_assert_int_eq(symlink("nowhere", path), 0);
	ck_assert(!newfile_open(&f, path));
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_uint_eq(files(), 1);
}
END_TEST

START_TEST(a_name_alone_is_in_the_present_folder)
{
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert(newfile_open(&f, "new"));
	ck_assert(newfile_keep(&f));
	ck_content("");
	ck_assert_uint_eq(files(), 1);
}
END_TEST

/* Runs for each. */
START_TEST(what_cannot_be_a_file_is_refused)
{
	static const char *const wrong[] = { "", "/", "/dev/", "/nowhere/x",
		"/dev/null/x", "." };

	errno = 0;
	ck_assert(!newfile_open(&f, wrong[_i]));
	ck_assert_int_ne(errno, 0);
	newfile_drop(&f);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("newfile");
	TCase *tc = tcase_create("newfile");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, what_is_kept_is_there_for_its_owner_alone);
	tcase_add_test(tc, what_is_dropped_is_gone);
	tcase_add_test(tc, what_is_there_stays);
	tcase_add_test(tc, what_comes_there_meanwhile_stays);
	tcase_add_test(tc, a_link_to_nowhere_is_something);
	tcase_add_test(tc, a_name_alone_is_in_the_present_folder);
	tcase_add_loop_test(tc, what_cannot_be_a_file_is_refused, 0, 6);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
