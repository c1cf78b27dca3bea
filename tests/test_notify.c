/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"
#include "suite.h"

static char dir[64];
static struct sockaddr_un sun;
static int heard = -1;

/* A socket at the name; its sun_path may begin with a NUL. */
static void
hear_at(const char *name, size_t len)
{
	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	memcpy(sun.sun_path, name, len);
	heard = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ne(heard, -1);
	ck_assert_int_eq(bind(heard, (struct sockaddr *)&sun,
			     (socklen_t)(offsetof(struct sockaddr_un,
					     sun_path) +
				 len)),
	    0);
}

static void
set_up(void)
{
	char path[80];

	(void)strcpy(dir, "/tmp/keyd-notify-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)sprintf(path, "%s/socket", dir);
	hear_at(path, strlen(path));
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
}

static void
tear_down(void)
{
	close(heard);
	if (sun.sun_path[0] != '\0')
		(void)unlink(sun.sun_path);
	ck_assert_int_eq(rmdir(dir), 0);
	(void)unsetenv("NOTIFY_SOCKET");
}

static void
ck_heard(const char *want)
{
	char text[256];
	ssize_t n = recv(heard, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	ck_assert_str_eq(text, want);
}

START_TEST(a_state_reaches_the_socket)
{
	notify_send("READY=1");
	notify_send("STATUS=well\nWATCHDOG=1");
	ck_heard("READY=1");
	ck_heard("STATUS=well\nWATCHDOG=1");
	ck_heard("");
}
END_TEST

START_TEST(a_state_reaches_an_abstract_socket)
{
	char name[80];

	close(heard);
	(void)unlink(sun.sun_path);
	(void)sprintf(name, "@keyd-notify-%d", (int)getpid());
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
	name[0] = '\0';
	hear_at(name, 1 + strlen(name + 1));
	notify_send("READY=1");
	ck_heard("READY=1");
}
END_TEST

START_TEST(nothing_is_said_when_nobody_asked)
{
	(void)unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "", 1), 0);
	notify_send("READY=1");
	ck_heard("");
}
END_TEST

/* Whether a line of log follows a state sent to this address. */
static bool
is_logged(const char *address)
{
	int kept = dup(STDERR_FILENO);
	char line[512];
	int ends[2];
	ssize_t n;

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	(void)dup2(ends[1], STDERR_FILENO);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", address, 1), 0);
	errno = ENOTTY;
	notify_send("READY=1");
	ck_assert_int_eq(errno, ENOTTY);
	n = read(ends[0], line, sizeof(line));
	(void)dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[0]);
	close(ends[1]);
	return n > 4 && memcmp(line, "<4>", 3) == 0;
}

START_TEST(an_address_that_is_none_is_a_line_in_the_log)
{
	char *lengthy = malloc(sizeof(sun.sun_path) + 1);

	ck_assert_ptr_nonnull(lengthy);
	ck_assert(is_logged("relative"));
	ck_assert(is_logged("@"));
	ck_assert(is_logged("/"));
	ck_assert(is_logged("/nonexistent/socket"));
	memset(lengthy, '/', sizeof(sun.sun_path));
	lengthy[sizeof(sun.sun_path)] = '\0';
	ck_assert(is_logged(lengthy));
	free(lengthy);
	ck_assert(!is_logged(sun.sun_path));
	ck_heard("READY=1");
}
END_TEST

START_TEST(a_full_queue_does_not_hold_keyd_for_long)
{
	time_t began = time(NULL);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	while (sendto(fd, "x", 1, 0, (struct sockaddr *)&sun, sizeof(sun)) == 1)
		continue;
	ck_assert(is_logged(sun.sun_path));
	ck_assert_int_le(time(NULL) - began, 30);
	close(fd);
}
END_TEST

static int64_t
watchdog(const char *usec, const char *pid)
{
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	if (usec != NULL)
		ck_assert_int_eq(setenv("WATCHDOG_USEC", usec, 1), 0);
	if (pid != NULL)
		ck_assert_int_eq(setenv("WATCHDOG_PID", pid, 1), 0);
	return notify_watchdog_ms();
}

START_TEST(the_watchdog_is_fed_at_half_its_time)
{
	char self[16];

	(void)sprintf(self, "%d", (int)getpid());
	ck_assert_int_eq(watchdog("30000000", NULL), 15000);
	ck_assert_int_eq(watchdog("30000000", self), 15000);
	ck_assert_int_eq(watchdog("4000", self), 2);
	ck_assert_int_eq(watchdog("1", self), 1);
}
END_TEST

START_TEST(a_watchdog_that_is_not_ours_is_not_fed)
{
	ck_assert_int_eq(watchdog(NULL, NULL), 0);
	ck_assert_int_eq(watchdog("30000000", "1"), 0);
	ck_assert_int_eq(watchdog("30000000", "x"), 0);
	ck_assert_int_eq(watchdog("30000000", ""), 0);
}
END_TEST

START_TEST(a_watchdog_time_that_is_no_number_is_none)
{
	ck_assert_int_eq(watchdog("", NULL), 0);
	ck_assert_int_eq(watchdog("0", NULL), 0);
	ck_assert_int_eq(watchdog("-1", NULL), 0);
	ck_assert_int_eq(watchdog(" 4000", NULL), 0);
	ck_assert_int_eq(watchdog("4000s", NULL), 0);
	ck_assert_int_eq(watchdog("99999999999999999999", NULL), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("notify");
	TCase *tc = tcase_create("socket");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_state_reaches_the_socket);
	tcase_add_test(tc, a_state_reaches_an_abstract_socket);
	tcase_add_test(tc, nothing_is_said_when_nobody_asked);
	tcase_add_test(tc, an_address_that_is_none_is_a_line_in_the_log);
	tcase_add_test(tc, a_full_queue_does_not_hold_keyd_for_long);
	suite_add_tcase(s, tc);
	tc = tcase_create("watchdog");
	tcase_add_test(tc, the_watchdog_is_fed_at_half_its_time);
	tcase_add_test(tc, a_watchdog_that_is_not_ours_is_not_fed);
	tcase_add_test(tc, a_watchdog_time_that_is_no_number_is_none);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
