/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <unistd.h>

#include "clock.h"
#include "hogs.h"
#include "patience.h"
#include "suite.h"

#define US UINT64_C(1000)
#define MS (1000 * US)

static struct patience p;

static void
count(uint64_t ns, int times)
{
	for (int i = 0; i < times; i++)
		patience_count(&p, ns, 0);
}

START_TEST(short_waits_cost_none)
{
	count(0, 100);
	count(500 * US, 1000);
	ck_assert(!patience_is_out(&p, 0));
}
END_TEST

START_TEST(one_long_wait_is_an_accident)
{
	count(500 * US, 100);
	count(10 * MS, 1);
	count(500 * US, 100);
	ck_assert(!patience_is_out(&p, 0));
}
END_TEST

START_TEST(long_waits_cost_it_for_a_second)
{
	count(8 * MS, 4);
	ck_assert(patience_is_out(&p, 0));
	ck_assert(patience_is_out(&p, 999));
	ck_assert(!patience_is_out(&p, 1000));
	count(0, 100);
	ck_assert(!patience_is_out(&p, 1000));
	patience_count(&p, 60 * MS, 5000);
	ck_assert(patience_is_out(&p, 5999));
}
END_TEST

/* As they come where every other commit finds a processor at once. */
START_TEST(every_other_long_wait_is_too_much)
{
	for (int i = 0; i < 10; i++) {
		count(0, 1);
		count(8 * MS, 1);
	}
	ck_assert(patience_is_out(&p, 0));
}
END_TEST

/* Others have the processor whenever it gives it away; a kernel that does not
   tell has patience_open say so. */
START_TEST(the_kernel_tells_how_long_a_thread_waited)
{
	struct hogs h;
	uint64_t mean = 0;

	if (!patience_open(&p)) {
		ck_assert_int_eq(access("/proc/self/schedstat", R_OK), -1);
		return;
	}
	hogs_one_processor();
	hogs_start(&h);
	for (int i = 0; i < 1000 && mean < MS; i++) {
		usleep(1000);
		for (int64_t end = clock_mono_ns() + 20 * (int64_t)MS;
		     clock_mono_ns() < end;)
			continue;
		patience_look(&p, 0);
		mean = p.mean;
	}
	hogs_stop(&h);
	ck_assert_uint_ge(mean, MS);
	patience_close(&p);
	patience_look(&p, 0);
	ck_assert_uint_eq(p.mean, mean);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("patience");
	TCase *tc = tcase_create("patience");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, short_waits_cost_none);
	tcase_add_test(tc, one_long_wait_is_an_accident);
	tcase_add_test(tc, long_waits_cost_it_for_a_second);
	tcase_add_test(tc, every_other_long_wait_is_too_much);
	tcase_add_test(tc, the_kernel_tells_how_long_a_thread_waited);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
