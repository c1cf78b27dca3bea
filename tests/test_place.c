/* SPDX-License-Identifier: ISC */
/* The thread of each test is the one that writes; what the kernel says of it,
   and of the loop, is in files. */
#include <sys/mman.h>
#include <sys/resource.h>

#include <check.h>
#include <stdio.h>
#include <unistd.h>

#include "place.h"
#include "suite.h"

static const struct change usual, urgent = { .urgent = true };

static struct place p;
static int own, back; /* nice values */

static void
tell(int fd, unsigned ran_ms, unsigned waited_ms)
{
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_gt(dprintf(fd, "%u000000 %u000000 7\n", ran_ms,
			     waited_ms),
	    0);
}

static void
replace(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = memfd_create("schedstat", MFD_CLOEXEC);
	ck_assert_int_ne(*fd, -1);
	tell(*fd, 0, 0);
}

static void
set_up(void)
{
	bool may;

	own = getpriority(PRIO_PROCESS, 0);
	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, own + 1), 0);
	may = setpriority(PRIO_PROCESS, 0, own) == 0;
	own = getpriority(PRIO_PROCESS, 0);
	place_open(&p);
	place_begin(&p);
	back = own + p.back < 19 ? own + p.back : 19;
	if (!may) /* it is where it stays, and there is no more to see */
		own = back;
	replace(&p.writer_fd);
	replace(&p.loop_fd);
	p.back = SLICE_FAR_BACK;
}

static void
tear_down(void)
{
	place_close(&p);
}

static void
ck_forward(bool forward)
{
	int nice = getpriority(PRIO_PROCESS, 0);

	ck_assert_int_eq(p.forward, forward);
	if (own != back)
		ck_assert_int_eq(nice, forward ? own : back);
}

START_TEST(it_stands_back_from_the_beginning)
{
	ck_forward(false);
	place_come(&p, &usual);
	ck_forward(false);
	place_go(&p, &usual);
	ck_forward(false);
}
END_TEST

START_TEST(it_is_forward_while_there_is_something_urgent)
{
	place_come(&p, &usual);
	place_come(&p, &urgent);
	ck_forward(true);
	place_come(&p, &urgent);
	place_go(&p, &usual);
	ck_forward(true);
	place_go(&p, &urgent);
	ck_forward(true);
	place_go(&p, &urgent);
	ck_forward(false);
}
END_TEST

START_TEST(it_is_forward_from_when_everybody_waits_for_it)
{
	place_hurry(&p);
	ck_forward(true);
}
END_TEST

/* What both were told at 10 ms after the first look, and whether that is too
   much waiting for others than the loop. */
START_TEST(it_is_forward_when_others_than_the_loop_keep_it)
{
	static const struct {
		unsigned writer_ran, writer_waited, loop_ran, loop_waited;
		bool kept;
	} cases[] = { { 0, 0, 0, 0, false }, { 10, 0, 0, 0, false },
		{ 0, 6, 0, 0, true }, { 0, 5, 0, 0, false },
		{ 0, 9, 4, 0, false }, { 0, 10, 4, 0, true },
		{ 0, 10, 0, 5, false }, { 0, 10, 3, 2, false },
		{ 0, 6, 10, 10, false }, { 4, 6, 0, 0, true } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t now = 100000 * (int64_t)(i + 1);

		tell(p.writer_fd, 100, 100);
		tell(p.loop_fd, 100, 100);
		place_come(&p, &usual);
		place_look(&p, now);
		tell(p.writer_fd, 100 + cases[i].writer_ran,
		    100 + cases[i].writer_waited);
		tell(p.loop_fd, 100 + cases[i].loop_ran,
		    100 + cases[i].loop_waited);
		place_look(&p, now + 9);
		ck_forward(false);
		ck_assert_int_eq(place_due(&p), now + 10);
		place_look(&p, now + 10);
		ck_forward(cases[i].kept);
		place_look(&p, now + 50000);
		ck_forward(false);
		place_go(&p, &usual);
	}
}
END_TEST

START_TEST(it_stays_forward_for_a_second)
{
	place_come(&p, &usual);
	place_look(&p, 1000);
	tell(p.writer_fd, 0, 20);
	place_look(&p, 1020);
	ck_forward(true);
	ck_assert_int_eq(place_due(&p), 2020);
	place_go(&p, &usual);
	place_come(&p, &urgent);
	place_go(&p, &urgent);
	place_come(&p, &usual);
	place_look(&p, 2019);
	ck_forward(true);
	tell(p.writer_fd, 0, 2000);
	place_look(&p, 2020);
	ck_forward(false);
	ck_assert_int_eq(place_due(&p), 2030);
	tell(p.writer_fd, 0, 2009);
	place_look(&p, 2030);
	ck_forward(true);
}
END_TEST

/* What happened between two changes that have nothing to do with each other. */
START_TEST(an_old_look_proves_nothing)
{
	place_come(&p, &usual);
	place_look(&p, 1000);
	tell(p.writer_fd, 0, 50);
	place_look(&p, 1050);
	ck_forward(false);
	tell(p.writer_fd, 0, 99);
	place_look(&p, 1099);
	ck_forward(true);
}
END_TEST

START_TEST(it_is_looked_after_only_while_that_may_help)
{
	ck_assert_int_eq(place_due(&p), INT64_MAX);
	place_come(&p, &usual);
	ck_assert_int_le(place_due(&p), 0);
	place_look(&p, 1000);
	ck_assert_int_eq(place_due(&p), 1010);
	place_go(&p, &usual);
	ck_assert_int_eq(place_due(&p), INT64_MAX);
	place_come(&p, &usual);
	p.back = SLICE_BACK;
	ck_assert_int_eq(place_due(&p), INT64_MAX);
}
END_TEST

START_TEST(a_kernel_that_tells_no_more_changes_nothing)
{
	place_come(&p, &usual);
	place_look(&p, 1000);
	ck_assert_int_eq(ftruncate(p.writer_fd, 0), 0);
	place_look(&p, 1010);
	ck_forward(false);
	tell(p.writer_fd, 0, 9);
	place_look(&p, 1020);
	ck_forward(true);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("place");
	TCase *tc = tcase_create("place");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, it_stands_back_from_the_beginning);
	tcase_add_test(tc, it_is_forward_while_there_is_something_urgent);
	tcase_add_test(tc, it_is_forward_from_when_everybody_waits_for_it);
	tcase_add_test(tc, it_is_forward_when_others_than_the_loop_keep_it);
	tcase_add_test(tc, it_stays_forward_for_a_second);
	tcase_add_test(tc, an_old_look_proves_nothing);
	tcase_add_test(tc, it_is_looked_after_only_while_that_may_help);
	tcase_add_test(tc, a_kernel_that_tells_no_more_changes_nothing);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
