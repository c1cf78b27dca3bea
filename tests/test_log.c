/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "suite.h"

static int in; /* what is written to stderr is read here */
static int stderr_kept;
static char said[65536];

static void
redirect(int to)
{
	stderr_kept = dup(STDERR_FILENO);
	ck_assert_int_ne(stderr_kept, -1);
	ck_assert_int_ne(dup2(to, STDERR_FILENO), -1);
	close(to);
	ck_assert_int_eq(fcntl(in, F_SETFL, O_NONBLOCK), 0);
}

static void
set_up(void)
{
	int ends[2];

	/* Packets, so that each write is one read. */
	ck_assert_int_eq(pipe2(ends, O_DIRECT), 0);
	in = ends[0];
	redirect(ends[1]);
}

static void
tear_down(void)
{
	(void)dup2(stderr_kept, STDERR_FILENO);
	close(stderr_kept);
	close(in);
}

/* What the next write wrote; "" when there was none. */
static const char *
heard(void)
{
	ssize_t n = read(in, said, sizeof(said) - 1);

	said[n > 0 ? n : 0] = '\0';
	return said;
}

START_TEST(each_word_has_its_priority)
{
	log_err("a %d", 1);
	ck_assert_str_eq(heard(), "<3>a 1\n");
	log_warning("b");
	ck_assert_str_eq(heard(), "<4>b\n");
	log_notice("c");
	ck_assert_str_eq(heard(), "<5>c\n");
	log_info("d");
	ck_assert_str_eq(heard(), "<6>d\n");
	ck_assert_str_eq(heard(), "");
}
END_TEST

START_TEST(debugging_is_silent_until_it_is_wanted)
{
	log_debug("a");
	ck_assert_str_eq(heard(), "");
	log_set_debug(true);
	log_debug("b");
	ck_assert_str_eq(heard(), "<7>b\n");
	log_set_debug(false);
	log_debug("c");
	ck_assert_str_eq(heard(), "");
}
END_TEST

START_TEST(a_terminal_gets_the_name_of_the_program)
{
	int terminal;

	/* Without the pipe of the others. */
	ck_assert_int_eq(openpty(&in, &terminal, NULL, NULL, NULL), 0);
	redirect(terminal);
	log_err("hello");
	ck_assert_str_eq(heard(), "keyd: hello\r\n");
	tear_down();
}
END_TEST

START_TEST(no_argument_can_forge_a_line)
{
	log_info("user %s gone", "x\n<3>forged");
	ck_assert_str_eq(heard(), "<6>user x\\x0a<3>forged gone\n");
	log_info("%s", "\x1b[2J\x7f\t\r");
	ck_assert_str_eq(heard(), "<6>\\x1b[2J\\x7f\\x09\\x0d\n");
	log_info("%s", "\xc2\x85\xff\xe2\x80\xae");
	ck_assert_str_eq(heard(), "<6>\\xc2\\x85\\xff\\xe2\\x80\\xae\n");
}
END_TEST

START_TEST(text_in_any_script_is_left_as_it_is)
{
	log_info("%s", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x91");
	ck_assert_str_eq(heard(),
	    "<6>\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x91\n");
}
END_TEST

/* So many of a byte as an argument; how long the line was. */
static size_t
say_many(size_t n, char byte)
{
	char *text = malloc(n + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, byte, n);
	text[n] = '\0';
	log_err("%s", text);
	free(text);
	return strlen(heard());
}

START_TEST(a_long_line_is_cut_and_says_so)
{
	for (size_t n = LOG_LINE_MAX - 16; n < LOG_LINE_MAX + 16; n++) {
		size_t len = say_many(n, 'a');

		ck_assert_uint_le(len, LOG_LINE_MAX);
		ck_assert_int_eq(said[len - 1], '\n');
		if (len != n + 4)
			ck_assert_str_eq(said + len - 5, "a...\n");
	}
	ck_assert_uint_le(say_many(100000, '\n'), LOG_LINE_MAX);
	ck_assert_ptr_nonnull(strstr(said, "\\x0a...\n"));
	ck_assert_str_eq(heard(), "");
}
END_TEST

START_TEST(errno_is_kept)
{
	struct log_throttle t = { 0 };

	errno = EOWNERDEAD;
	log_err("a");
	log_debug("b");
	ck_assert_int_eq(errno, EOWNERDEAD);
	log_throttled(&t, "c");
	atomic_store(&t.next, INT64_MAX); /* its second is not over */
	log_throttled(&t, "d");
	ck_assert_int_eq(errno, EOWNERDEAD);
	errno = EXDEV;
	log_err("%m");
	(void)heard();
	(void)heard();
	ck_assert_ptr_nonnull(strstr(heard(), "ross-device"));
}
END_TEST

START_TEST(a_throttled_line_comes_once_a_second_and_counts_the_others)
{
	struct log_throttle t = { 0 };

	log_throttled(&t, "line %d", 0);
	atomic_store(&t.next, INT64_MAX); /* its second is not over */
	for (int i = 1; i < 5; i++)
		log_throttled(&t, "line %d", i);
	ck_assert_str_eq(heard(), "<4>line 0\n");
	ck_assert_str_eq(heard(), "");
	atomic_store(&t.next, 0); /* a second later */
	log_throttled(&t, "line %d", 5);
	ck_assert_str_eq(heard(), "<4>line 5 (and 4 more like it)\n");
	atomic_store(&t.next, 0);
	log_throttled(&t, "line %d", 6);
	ck_assert_str_eq(heard(), "<4>line 6\n");
}
END_TEST

START_TEST(the_next_line_may_come_after_a_second)
{
	struct log_throttle t = { 0 };

	log_throttled(&t, "a");
	usleep(1050 * 1000);
	log_throttled(&t, "b");
	ck_assert_str_eq(heard(), "<4>a\n");
	ck_assert_str_eq(heard(), "<4>b\n");
}
END_TEST

static void *
chatter(void *arg)
{
	for (int i = 0; i < 100; i++) {
		log_info("thread %s", "says");
		log_throttled(arg, "often");
	}
	return NULL;
}

START_TEST(lines_of_threads_do_not_mix_and_a_throttle_counts_them_all)
{
	struct log_throttle t = { .next = 0 };
	pthread_t threads[2];
	int lines = 0;
	int throttled = 0;

	/* Each packet takes a page of the pipe: room for 256. */
	ck_assert_int_ge(fcntl(in, F_SETPIPE_SZ, 1 << 20), 1 << 20);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, chatter, &t),
		    0);
	for (int done = 0; done < 2; done++)
		ck_assert_int_eq(pthread_join(threads[done], NULL), 0);
	for (const char *line; *(line = heard()) != '\0'; lines++) {
		if (strcmp(line, "<6>thread says\n") == 0)
			continue;
		ck_assert_int_eq(strncmp(line, "<4>often", 8), 0);
		throttled++;
	}
	ck_assert_int_eq(lines - throttled, 200);
	ck_assert_int_ge(throttled, 1);
}
END_TEST

START_TEST(fatal_says_why_and_exits_with_its_code)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		fatal(75, "no %s", "more");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 75);
	ck_assert_str_eq(heard(), "<3>no more\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("journal");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, each_word_has_its_priority);
	tcase_add_test(tc, debugging_is_silent_until_it_is_wanted);
	tcase_add_test(tc, no_argument_can_forge_a_line);
	tcase_add_test(tc, text_in_any_script_is_left_as_it_is);
	tcase_add_test(tc, a_long_line_is_cut_and_says_so);
	tcase_add_test(tc, errno_is_kept);
	tcase_add_test(tc,
	    a_throttled_line_comes_once_a_second_and_counts_the_others);
	tcase_add_test(tc, the_next_line_may_come_after_a_second);
	tcase_add_test(tc,
	    lines_of_threads_do_not_mix_and_a_throttle_counts_them_all);
	tcase_add_test(tc, fatal_says_why_and_exits_with_its_code);
	suite_add_tcase(s, tc);
	tc = tcase_create("terminal");
	tcase_add_test(tc, a_terminal_gets_the_name_of_the_program);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
