/* SPDX-License-Identifier: ISC */
/* The clock itself is left alone: what the kernel would say of a jump is said
   by a read of this test's own. */
#include <sys/syscall.h>

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jump.h"
#include "suite.h"

static struct jump j;
static int failure; /* errno of each read; 0: they are what they are */

ssize_t
read(int fd, void *bytes, size_t len)
{
	if (failure == 0)
		return syscall(SYS_read, fd, bytes, len);
	errno = failure;
	return -1;
}

static void
setup(void)
{
	ck_assert(jump_open(&j));
}

static void
teardown(void)
{
	jump_close(&j);
	ck_assert_int_eq(j.fd, -1);
}

static bool
is_readable(void)
{
	struct pollfd p = { .fd = j.fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* What the kernel has of the timer: the clock, the flags, and that its time is
   not near. */
static void
ck_armed(void)
{
	char path[64], line[128];
	int clock = -1, flags = -1;
	long long left = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", j.fd);
	ck_assert_ptr_nonnull(f = fopen(path, "r"));
	while (fgets(line, sizeof(line), f) != NULL) {
		(void)sscanf(line, "clockid: %d", &clock);
		(void)sscanf(line, "settime flags: %o", &flags);
		(void)sscanf(line, "it_value: (%lld,", &left);
	}
	(void)fclose(f);
	ck_assert_int_eq(clock, 0); /* CLOCK_REALTIME */
	ck_assert_int_eq(flags, 3); /* ABSTIME, CANCEL_ON_SET */
	ck_assert_int_gt(left, INT64_C(100) * 365 * 86400);
}

START_TEST(it_waits_for_the_clock_to_be_set_and_for_nothing_else)
{
	ck_armed();
	ck_assert(!is_readable());
	ck_assert(!jump_happened(&j));
	ck_armed();
}
END_TEST

START_TEST(a_clock_that_was_set_is_told_each_time)
{
	for (int i = 0; i < 3; i++) {
		failure = ECANCELED;
		ck_assert(jump_happened(&j));
		failure = 0;
		ck_armed();
		ck_assert(!jump_happened(&j));
	}
}
END_TEST

START_TEST(no_other_failure_is_a_jump)
{
	static const int others[] = { EAGAIN, EINTR, EIO };

	for (int i = 0; i < 3; i++) {
		failure = others[i];
		ck_assert(!jump_happened(&j));
	}
	failure = 0;
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("jump");
	TCase *tc = tcase_create("jump");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
	    it_waits_for_the_clock_to_be_set_and_for_nothing_else);
	tcase_add_test(tc, a_clock_that_was_set_is_told_each_time);
	tcase_add_test(tc, no_other_failure_is_a_jump);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
