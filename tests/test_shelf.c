/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "shelf.h"
#include "suite.h"

struct entry {
	struct shelf_head head;
	uint64_t n;
	char rest[];
};

static struct shelf *s;

static void
set_up(void)
{
	s = NULL;
}

static void
tear_down(void)
{
	shelf_free(s);
}

static void
open_shelf(uint64_t entries)
{
	s = shelf_new(entries);
	ck_assert_ptr_nonnull(s);
}

static struct tag
tag_of(uint64_t n)
{
	uint8_t digest[DIGEST_SIZE] = { 0 };

	memcpy(digest, &n, sizeof(n));
	return shelf_tag(s, digest);
}

/* All of it is written, so that one which reached into another is seen. */
static void
put(uint64_t n, size_t size)
{
	struct tag tag = tag_of(n);
	struct entry *e = shelf_take(s, &tag, size);

	ck_assert_ptr_nonnull(e);
	e->n = n;
	memset(e->rest, (int)(n & 0xff), size - sizeof(*e));
}

static const struct entry *
get(uint64_t n)
{
	struct tag tag = tag_of(n);

	shelf_fetch_slot(s, &tag);
	shelf_fetch_entry(s, &tag);
	return shelf_find(s, &tag);
}

/* An assertion is slow, and there are many bytes. */
static bool
is_whole(const struct entry *e, uint64_t n, size_t size)
{
	for (size_t i = 0; i < size - sizeof(*e); i++)
		if ((uint8_t)e->rest[i] != (n & 0xff))
			return false;
	return e->n == n;
}

static void
ck_whole(const struct entry *e, uint64_t n, size_t size)
{
	ck_assert(e != NULL && is_whole(e, n, size));
}

static const uint64_t rooms[] = { 100, 1000, 4096, 5000, 9999 };
#define ROOMS ((int)(sizeof(rooms) / sizeof(rooms[0])))

START_TEST(as_many_typical_entries_as_were_asked_for)
{
	const uint64_t room = rooms[_i], more = room / 3;

	open_shelf(room);
	for (uint64_t n = 0; n < 2 * room + more; n++)
		put(n, SHELF_TYPICAL);
	for (uint64_t n = 0; n < 2 * room + more; n++) {
		const struct entry *e = get(n);

		if (n < room + more)
			ck_assert_ptr_null(e);
		else
			ck_whole(e, n, SHELF_TYPICAL);
	}
}
END_TEST

static size_t
size_of(uint64_t n)
{
	return sizeof(struct entry) + n * 37 % 700;
}

/* Of lengths that leave all kinds of rests at the end. */
START_TEST(entries_of_all_lengths_stay_whole)
{
	const uint64_t room = rooms[_i], last = 5 * room;
	unsigned found = 0;

	open_shelf(room);
	for (uint64_t n = 0; n < last; n++)
		put(n, size_of(n));
	for (uint64_t n = 0; n < last; n++) {
		const struct entry *e = get(n);

		if (e == NULL)
			continue;
		ck_whole(e, n, size_of(n));
		found++;
	}
	ck_assert_uint_ge(found, room * SHELF_TYPICAL / 1024);
	ck_assert_ptr_nonnull(get(last - 1));
	ck_assert_ptr_null(get(0));
}
END_TEST

START_TEST(the_last_with_a_tag_is_found)
{
	open_shelf(1000);
	for (unsigned i = 0; i < 20000; i++) {
		put(7, size_of(i));
		ck_whole(get(7), 7, size_of(i));
		put(i % 5, SHELF_TYPICAL);
	}
	shelf_clear(s);
	ck_assert_ptr_null(get(7));
	put(7, SHELF_TYPICAL);
	ck_whole(get(7), 7, SHELF_TYPICAL);
}
END_TEST

static void
put_others(unsigned count)
{
	static uint64_t n = 1000000;

	while (count-- > 0)
		put(n++, SHELF_TYPICAL);
}

START_TEST(an_old_one_gives_way_without_the_new_one)
{
	open_shelf(1000);
	put(7, SHELF_TYPICAL);
	put_others(600);
	put(7, SHELF_TYPICAL);
	put_others(500);
	ck_whole(get(7), 7, SHELF_TYPICAL);
	put_others(600);
	ck_assert_ptr_null(get(7));
}
END_TEST

START_TEST(room_for_more_than_can_be_is_bounded)
{
	open_shelf(UINT64_MAX);
	put(7, SHELF_ENTRY_MAX);
	ck_whole(get(7), 7, SHELF_ENTRY_MAX);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("shelf");
	TCase *tc = tcase_create("shelf");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, as_many_typical_entries_as_were_asked_for, 0,
	    ROOMS);
	tcase_add_loop_test(tc, entries_of_all_lengths_stay_whole, 0, ROOMS);
	tcase_add_test(tc, the_last_with_a_tag_is_found);
	tcase_add_test(tc, an_old_one_gives_way_without_the_new_one);
	tcase_add_test(tc, room_for_more_than_can_be_is_bounded);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
