/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <check.h>
#include <unistd.h>

#include "reserve.h"
#include "scratch.h"
#include "suite.h"

static char dir[SCRATCH_PATH];
static struct state state;

static void
setup(void)
{
	char why[256];

	scratch_folder(dir);
	ck_assert_msg(state_open(&state, dir, why, sizeof(why)), "%s", why);
}

static void
teardown(void)
{
	state_close(&state);
}

/* Bytes that the file of the reserve takes on the disk; -1: there is none. */
static int64_t
held(void)
{
	struct stat st;

	if (fstatat(state.dir_fd, "reserve", &st, 0) != 0)
		return -1;
	return (int64_t)st.st_blocks * 512;
}

START_TEST(it_takes_room_that_a_revocation_needs)
{
	struct reserve r;

	reserve_init(&r, &state);
	ck_assert(r.held);
	ck_assert(!r.spent);
	ck_assert_int_ge(held(), 1024 * 1024);
}
END_TEST

START_TEST(it_is_not_given_up_while_the_disk_has_room)
{
	struct reserve r;

	reserve_init(&r, &state);
	ck_assert(!reserve_release(&r));
	ck_assert(r.held);
	ck_assert_int_gt(held(), 0);
}
END_TEST

START_TEST(what_was_never_held_is_not_given_up)
{
	struct reserve r = { .dir_fd = state.dir_fd };

	ck_assert(!reserve_release(&r));
	ck_assert(!r.spent);
}
END_TEST

START_TEST(it_is_held_again_when_there_is_room_again)
{
	struct reserve r = { .dir_fd = state.dir_fd, .spent = true };

	reserve_restore(&r);
	ck_assert(r.held);
	ck_assert(!r.spent);
	ck_assert_int_gt(held(), 0);
}
END_TEST

START_TEST(the_disk_is_not_looked_at_for_each_change)
{
	struct reserve r = { .dir_fd = state.dir_fd,
		.spent = true,
		.next_try = INT64_MAX };

	reserve_restore(&r);
	ck_assert(r.spent);
	ck_assert_int_eq(held(), -1);
}
END_TEST

START_TEST(the_file_of_an_earlier_keyd_is_used)
{
	struct reserve r;

	reserve_init(&r, &state);
	reserve_init(&r, &state);
	ck_assert(r.held);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reserve");
	TCase *tc = tcase_create("reserve");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_takes_room_that_a_revocation_needs);
	tcase_add_test(tc, it_is_not_given_up_while_the_disk_has_room);
	tcase_add_test(tc, what_was_never_held_is_not_given_up);
	tcase_add_test(tc, it_is_held_again_when_there_is_room_again);
	tcase_add_test(tc, the_disk_is_not_looked_at_for_each_change);
	tcase_add_test(tc, the_file_of_an_earlier_keyd_is_used);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
