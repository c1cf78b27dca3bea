/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/syscall.h>

#include <check.h>
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

#include "slice.h"
#include "suite.h"

/* Of sched_getattr(2), as far as it is looked at. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static struct attributes
present(void)
{
	struct attributes a = { .size = 0 };

	ck_assert_int_eq(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0), 0);
	return a;
}

/* A kernel that knows no slices says 0 before and after. */
START_TEST(slices_are_short_and_all_else_stays)
{
	struct attributes before, after;

	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0,
			     getpriority(PRIO_PROCESS, 0) + 1),
	    0);
	before = present();
	slice_shorten();
	after = present();
	ck_assert_uint_eq(after.policy, SCHED_OTHER);
	ck_assert_int_eq(after.nice, before.nice);
	if (before.runtime != 0)
		ck_assert_uint_eq(after.runtime, 100000);
}
END_TEST

START_TEST(who_stands_back_has_a_smaller_part)
{
	struct attributes before = present();
	struct slice s = slice_of_thread();
	int back = before.nice + 7 < 19 ? before.nice + 7 : 19;
	bool returned;

	slice_stand_back(&s, 7);
	ck_assert_int_eq(present().nice, back);
	ck_assert_uint_eq(present().runtime, before.runtime);
	returned = slice_step_forward(&s);
	ck_assert_int_eq(present().nice, returned ? before.nice : back);
	ck_assert_int_eq(returned,
	    setpriority(PRIO_PROCESS, 0, before.nice) == 0); /* who may */
	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, 17), 0);
	s = slice_of_thread();
	slice_stand_back(&s, 7);
	ck_assert_int_eq(present().nice, 19);
}
END_TEST

START_TEST(another_policy_stays)
{
	struct sched_param none = { .sched_priority = 0 };
	struct slice s = slice_of_thread();
	struct attributes before;

	ck_assert_int_eq(sched_setscheduler(0, SCHED_BATCH, &none), 0);
	before = present();
	slice_shorten();
	ck_assert_uint_eq(present().policy, SCHED_BATCH);
	slice_stand_back(&s, 7);
	ck_assert(slice_step_forward(&s));
	ck_assert_uint_eq(present().policy, SCHED_BATCH);
	ck_assert_uint_eq(present().runtime, before.runtime);
	ck_assert_int_eq(present().nice, before.nice);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("slice");
	TCase *tc = tcase_create("slice");

	tcase_add_test(tc, slices_are_short_and_all_else_stays);
	tcase_add_test(tc, who_stands_back_has_a_smaller_part);
	tcase_add_test(tc, another_policy_stays);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
