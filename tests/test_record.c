/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "record.h"
#include "samples.h"
#include "suite.h"

static const struct record sample = { .serial = 7,
	.hash = "a hash of exactly thirty-two by",
	.import = 0x0102030405060708,
	.key = KEY_SAMPLE };

static uint8_t whole[RECORD_MAX];
static size_t whole_len;

static void
set_up(void)
{
	whole_len = record_encode(&sample, whole, sizeof(whole));
	ck_assert_uint_gt(whole_len, 0);
}

static bool
decode(struct record *rec, const uint8_t *bytes, size_t len)
{
	return record_decode(rec, (struct span){ bytes, len });
}

START_TEST(every_field_comes_back)
{
	uint8_t *exact = exact_copy(whole, whole_len);
	struct record rec;

	memset(&rec, 0xee, sizeof(rec));
	rec.serial = 9;
	ck_assert(decode(&rec, exact, whole_len));
	ck_assert_uint_eq(rec.serial, 9);
	ck_assert_mem_eq(rec.hash, sample.hash, sizeof(rec.hash));
	ck_assert_uint_eq(rec.import, sample.import);
	key_same(&rec.key, &sample.key);
	free(exact);
}
END_TEST

START_TEST(the_version_comes_first_and_then_the_hash)
{
	ck_assert_uint_eq(whole[0], RECORD_VERSION);
	ck_assert_mem_eq(whole + 1, sample.hash, STORED_HASH_SIZE);
}
END_TEST

START_TEST(a_record_cut_short_anywhere_is_refused)
{
	for (size_t len = 0; len < whole_len; len++) {
		uint8_t *cut = exact_copy(whole, len);
		struct record rec;

		ck_assert(!decode(&rec, cut, len));
		free(cut);
	}
}
END_TEST

START_TEST(a_record_with_more_behind_it_is_refused)
{
	uint8_t *more = exact_copy(whole, whole_len + 1);
	struct record rec;

	ck_assert(!decode(&rec, more, whole_len + 1));
	free(more);
}
END_TEST

static bool
is_version(int version)
{
	return version == RECORD_VERSION || version == RECORD_VERSION_FIRST;
}

/* Runs for every version that there is not. */
START_TEST(another_version_is_refused)
{
	uint8_t *other = exact_copy(whole, whole_len);
	struct record rec;

	other[0] = (uint8_t)(is_version(_i) ? 0 : _i);
	ck_assert(!decode(&rec, other, whole_len));
	free(other);
}
END_TEST

/* The first version: neither the import nor the links, which come last. */
START_TEST(a_record_of_the_first_version_is_read)
{
	struct record rec = sample, got;
	uint8_t bytes[RECORD_MAX];
	const size_t links = 2 * sizeof(uint16_t);
	const size_t import = 1 + STORED_HASH_SIZE;
	size_t len;

	rec.key.rotated_from[0] = rec.key.rotated_to[0] = '\0';
	len = record_encode(&rec, bytes, sizeof(bytes)) - links;
	memmove(bytes + import, bytes + import + sizeof(rec.import),
	    len - import - sizeof(rec.import));
	len -= sizeof(rec.import);
	bytes[0] = RECORD_VERSION_FIRST;
	memset(&got, 0xff, sizeof(got));
	ck_assert(decode(&got, bytes, len));
	ck_assert_uint_eq(got.import, 0);
	ck_assert_mem_eq(got.hash, rec.hash, sizeof(rec.hash));
	key_same(&got.key, &rec.key);
	ck_assert(!decode(&got, bytes, len - 1));
	ck_assert(!decode(&got, bytes, len + 1));
}
END_TEST

/* The MAC is for the store to look at; here no bit may do harm, and what is
   read is what is written. */
START_TEST(every_flipped_bit_is_refused_or_read_as_it_is)
{
	for (size_t bit = 0; bit < whole_len * 8; bit++) {
		uint8_t *flipped = exact_flipped(whole, whole_len, bit);
		uint8_t again[RECORD_MAX];
		struct record rec;

		if (flipped[0] == RECORD_VERSION &&
		    decode(&rec, flipped, whole_len)) {
			ck_assert_uint_eq(record_encode(&rec, again,
					      sizeof(again)),
			    whole_len);
			ck_assert_mem_eq(again, flipped, whole_len);
		}
		free(flipped);
	}
}
END_TEST

START_TEST(no_room_that_is_too_small_is_written_past)
{
	for (size_t cap = 0; cap < whole_len; cap++) {
		uint8_t *little = malloc(cap);

		ck_assert_uint_eq(record_encode(&sample, little, cap), 0);
		free(little);
	}
	for (size_t cap = whole_len; cap < whole_len + 2; cap++) {
		uint8_t *enough = malloc(cap);

		ck_assert_uint_eq(record_encode(&sample, enough, cap),
		    whole_len);
		free(enough);
	}
}
END_TEST

static void
fill(char *text, size_t size)
{
	memset(text, 'x', size - 1);
	text[size - 1] = '\0';
}

START_TEST(a_key_with_every_text_at_its_longest_fits)
{
	struct record rec = { .serial = 1 }, got;
	uint8_t bytes[RECORD_MAX];
	size_t len;

	fill(rec.key.id, sizeof(rec.key.id));
	fill(rec.key.org, sizeof(rec.key.org));
	fill(rec.key.user, sizeof(rec.key.user));
	fill(rec.key.name, sizeof(rec.key.name));
	fill(rec.key.role, sizeof(rec.key.role));
	fill(rec.key.context, sizeof(rec.key.context));
	fill(rec.key.project, sizeof(rec.key.project));
	fill(rec.key.permissions, sizeof(rec.key.permissions));
	fill(rec.key.reason, sizeof(rec.key.reason));
	rec.key.created = rec.key.expires = rec.key.revoked = INT64_MAX;
	len = record_encode(&rec, bytes, sizeof(bytes));
	ck_assert_uint_gt(len, 0);
	ck_assert(decode(&got, bytes, len));
	key_same(&got.key, &rec.key);
}
END_TEST

START_TEST(a_time_before_1970_is_not_written)
{
	struct record rec = sample;
	uint8_t bytes[RECORD_MAX];

	rec.key.expires = -1;
	ck_assert_uint_eq(record_encode(&rec, bytes, sizeof(bytes)), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("record");
	TCase *tc = tcase_create("record");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, every_field_comes_back);
	tcase_add_test(tc, the_version_comes_first_and_then_the_hash);
	tcase_add_test(tc, a_record_cut_short_anywhere_is_refused);
	tcase_add_test(tc, a_record_with_more_behind_it_is_refused);
	tcase_add_loop_test(tc, another_version_is_refused, 0, 256);
	tcase_add_test(tc, a_record_of_the_first_version_is_read);
	tcase_add_test(tc, every_flipped_bit_is_refused_or_read_as_it_is);
	tcase_add_test(tc, no_room_that_is_too_small_is_written_past);
	tcase_add_test(tc, a_key_with_every_text_at_its_longest_fits);
	tcase_add_test(tc, a_time_before_1970_is_not_written);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
