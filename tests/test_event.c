/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "samples.h"
#include "suite.h"

static const struct event sample = EVENT_SAMPLE;

static uint8_t whole[EVENT_MAX];
static size_t whole_len;

static void
set_up(void)
{
	struct wire_writer w = wire_writer(whole, sizeof(whole));

	event_put(&w, &sample);
	ck_assert(wire_fits(&w));
	whole_len = wire_length(&w);
}

static bool
get(struct event *e, const uint8_t *bytes, size_t len)
{
	struct wire_reader r = wire_reader(bytes, len);

	event_get(&r, e);
	return wire_done(&r);
}

START_TEST(an_event_keeps_all_its_fields)
{
	uint8_t *exact = exact_copy(whole, whole_len);
	struct event got;

	ck_assert(get(&got, exact, whole_len));
	event_same(&got, &sample);
	free(exact);
}
END_TEST

START_TEST(an_event_cut_short_is_refused)
{
	for (size_t len = 0; len < whole_len; len++) {
		uint8_t *cut = exact_copy(whole, len);
		struct event got;

		ck_assert(!get(&got, cut, len));
		free(cut);
	}
}
END_TEST

START_TEST(a_flipped_bit_is_refused_or_reads_as_it_is)
{
	for (size_t bit = 0; bit < whole_len * 8; bit++) {
		uint8_t *flipped = exact_flipped(whole, whole_len, bit);
		uint8_t again[EVENT_MAX];
		struct wire_writer w = wire_writer(again, sizeof(again));
		struct event got;

		if (get(&got, flipped, whole_len)) {
			event_put(&w, &got);
			ck_assert_uint_eq(wire_length(&w), whole_len);
		}
		free(flipped);
	}
}
END_TEST

START_TEST(the_hash_is_the_last_of_its_bytes)
{
	ck_assert_mem_eq(whole + whole_len - EVENT_HASH_SIZE, sample.hash,
	    EVENT_HASH_SIZE);
}
END_TEST

START_TEST(more_ids_than_an_event_can_have_are_refused)
{
	static uint8_t bytes[2 * EVENT_MAX];
	struct event many = { .ids = EVENT_IDS_MAX }, got;
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	size_t at;

	event_put(&w, &many);
	ck_assert(wire_fits(&w));
	ck_assert(get(&got, bytes, wire_length(&w)));
	at = wire_length(&w) - EVENT_HASH_SIZE -
	    (size_t)EVENT_IDS_MAX * KEY_ID_LEN - 1;
	bytes[at]++;
	ck_assert(!get(&got, bytes, wire_length(&w) + KEY_ID_LEN));
	ck_assert_uint_eq(got.ids, 0);
}
END_TEST

START_TEST(the_longest_event_fits)
{
	struct event e = { .ids = EVENT_IDS_MAX };
	uint8_t bytes[EVENT_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	memset(e.org, 'o', sizeof(e.org) - 1);
	memset(e.user, 'u', sizeof(e.user) - 1);
	memset(e.detail, 'd', sizeof(e.detail) - 1);
	event_put(&w, &e);
	ck_assert(wire_fits(&w));
}
END_TEST

START_TEST(what_happened_has_a_name)
{
	ck_assert_str_eq(event_name(FRAME_CREATE), "create");
	ck_assert_str_eq(event_name(FRAME_BACKUP_DONE), "backup");
	ck_assert_str_eq(event_name(FRAME_RESTORE_COMMIT), "restore");
	ck_assert_str_eq(event_name(EVENT_UNKNOWN_TOKENS), "unknown-tokens");
	ck_assert_str_eq(event_name(0xfe), "other");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("event");
	TCase *tc = tcase_create("event");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, an_event_keeps_all_its_fields);
	tcase_add_test(tc, an_event_cut_short_is_refused);
	tcase_add_test(tc, a_flipped_bit_is_refused_or_reads_as_it_is);
	tcase_add_test(tc, the_hash_is_the_last_of_its_bytes);
	tcase_add_test(tc, more_ids_than_an_event_can_have_are_refused);
	tcase_add_test(tc, the_longest_event_fits);
	tcase_add_test(tc, what_happened_has_a_name);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
