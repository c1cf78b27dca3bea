/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <check.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "schedstat.h"
#include "suite.h"

static int64_t
cpu_ns(void)
{
	struct timespec t;

	ck_assert_int_eq(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* While a thread is busy it runs or waits; what it ran another clock tells. */
START_TEST(it_tells_what_the_thread_ran_and_waited)
{
	int fd = schedstat_open();
	int64_t wall = clock_mono_ns(), cpu = cpu_ns(), ran, waited;
	struct schedstat before, after;

	if (fd == -1) {
		ck_assert_int_eq(access("/proc/self/schedstat", R_OK), -1);
		return;
	}
	ck_assert(schedstat_read(fd, &before));
	while (clock_mono_ns() - wall < 200000000)
		continue;
	usleep(1000); /* so that all of it is counted */
	ck_assert(schedstat_read(fd, &after));
	cpu = cpu_ns() - cpu;
	wall = clock_mono_ns() - wall;
	ran = (int64_t)(after.ran - before.ran);
	waited = (int64_t)(after.waited - before.waited);
	ck_assert_int_le(ran, cpu);
	ck_assert_int_ge(ran, cpu / 2);
	ck_assert_int_le(waited, wall - ran);
	close(fd);
}
END_TEST

START_TEST(what_is_no_answer_is_none)
{
	static const char *const texts[] = { "", "1", "1 2", "1 2 0\n",
		"a b c\n", "1 x 3\n", " \n" };
	int fd = memfd_create("schedstat", MFD_CLOEXEC);
	struct schedstat s;

	ck_assert(!schedstat_read(-1, &s));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t len = strlen(texts[i]);

		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq(pwrite(fd, texts[i], len, 0), (ssize_t)len);
		ck_assert(!schedstat_read(fd, &s));
	}
	ck_assert_int_eq(pwrite(fd, "11 22 3\n", 8, 0), 8);
	ck_assert(schedstat_read(fd, &s));
	ck_assert_uint_eq(s.ran, 11);
	ck_assert_uint_eq(s.waited, 22);
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schedstat");
	TCase *tc = tcase_create("schedstat");

	tcase_add_test(tc, it_tells_what_the_thread_ran_and_waited);
	tcase_add_test(tc, what_is_no_answer_is_none);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
