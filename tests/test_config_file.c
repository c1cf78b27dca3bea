/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "parsed.h"
#include "suite.h"

static char dir[64];
static char path[128];

static void
set_up(void)
{
	(void)strcpy(dir, "/tmp/keyd-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)sprintf(path, "%s/keyd.conf", dir);
}

static void
tear_down(void)
{
	(void)unlink(path);
	(void)rmdir(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
write_file(const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (long)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void
not_loaded(const char *contains)
{
	memset(why, 0, sizeof(why));
	ck_assert_ptr_null(config_load(path, false, why, sizeof(why)));
	ck_assert_msg(strncmp(why, path, strlen(path)) == 0, "%s", why);
	ck_assert_msg(strstr(why, contains) != NULL, "%s", why);
}

START_TEST(a_file_is_loaded)
{
	struct config *c;

	write_file("queue = 77\n", 0644);
	c = config_load(path, true, why, sizeof(why));
	ck_assert_msg(c != NULL, "%s", why);
	ck_assert_uint_eq(c->queue, 77);
	config_free(c);
}
END_TEST

START_TEST(a_wrong_file_is_named_with_its_line)
{
	char begins[160];

	write_file("\nbogus = 77\n", 0644);
	not_loaded("bogus");
	(void)sprintf(begins, "%s:2: ", path);
	ck_assert_int_eq(strncmp(why, begins, strlen(begins)), 0);
}
END_TEST

START_TEST(a_missing_file_gives_the_defaults_unless_it_must_exist)
{
	struct config *c = config_load(path, false, why, sizeof(why));
	struct config *defaults = good("");

	ck_assert_ptr_nonnull(c);
	same_settings(c, defaults);
	same_policy(c->policy, defaults->policy);
	config_free(defaults);
	config_free(c);
	ck_assert_ptr_null(config_load(path, true, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
}
END_TEST

START_TEST(a_directory_is_refused)
{
	ck_assert_int_eq(mkdir(path, 0755), 0);
	not_loaded("regular file");
}
END_TEST

START_TEST(a_fifo_is_refused_at_once)
{
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	not_loaded("regular file");
}
END_TEST

START_TEST(a_file_that_the_group_may_write_is_refused)
{
	write_file("queue = 77\n", 0664);
	not_loaded("chmod");
}
END_TEST

START_TEST(a_file_that_everyone_may_write_is_refused)
{
	write_file("queue = 77\n", 0646);
	not_loaded("chmod");
}
END_TEST

START_TEST(a_file_that_is_too_large_is_refused)
{
	write_file("queue = 77\n", 0644);
	ck_assert_int_eq(truncate(path, CONFIG_MAX + 1), 0);
	not_loaded("1 MiB");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_file");
	TCase *tc = tcase_create("config_file");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_file_is_loaded);
	tcase_add_test(tc, a_wrong_file_is_named_with_its_line);
	tcase_add_test(tc,
	    a_missing_file_gives_the_defaults_unless_it_must_exist);
	tcase_add_test(tc, a_directory_is_refused);
	tcase_add_test(tc, a_fifo_is_refused_at_once);
	tcase_add_test(tc, a_file_that_the_group_may_write_is_refused);
	tcase_add_test(tc, a_file_that_everyone_may_write_is_refused);
	tcase_add_test(tc, a_file_that_is_too_large_is_refused);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
