/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "suite.h"
#include "wire.h"

START_TEST(numbers_are_big_endian)
{
	static const uint8_t expected[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
		0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
	uint8_t buf[sizeof(expected)];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r = wire_reader(expected, sizeof(expected));

	wire_put_u8(&w, 0x01);
	wire_put_u16(&w, 0x0203);
	wire_put_u32(&w, 0x04050607);
	wire_put_u64(&w, 0x08090a0b0c0d0e0f);
	ck_assert(wire_fits(&w));
	ck_assert_uint_eq(wire_length(&w), sizeof(expected));
	ck_assert_mem_eq(buf, expected, sizeof(expected));

	ck_assert_uint_eq(wire_get_u8(&r), 0x01);
	ck_assert_uint_eq(wire_get_u16(&r), 0x0203);
	ck_assert_uint_eq(wire_get_u32(&r), 0x04050607);
	ck_assert_uint_eq(wire_get_u64(&r), 0x08090a0b0c0d0e0f);
	ck_assert(wire_done(&r));
}
END_TEST

/* Runs for every length that the number does not have. */
START_TEST(a_number_cut_short_is_zero_and_bad)
{
	static const uint8_t in[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff };
	size_t len = (size_t)_i;
	uint8_t *cut = exact_copy(in, len);
	struct wire_reader r = wire_reader(cut, len);

	ck_assert_uint_eq(wire_get_u64(&r), 0);
	ck_assert(!wire_done(&r));
	r = wire_reader(cut, len);
	ck_assert_int_eq(wire_get_time(&r), 0);
	ck_assert(!wire_done(&r));
	r = wire_reader(cut, len < 4 ? len : 3);
	ck_assert_uint_eq(wire_get_u32(&r), 0);
	ck_assert(!wire_done(&r));
	r = wire_reader(cut, len < 2 ? len : 1);
	ck_assert_uint_eq(wire_get_u16(&r), 0);
	ck_assert(!wire_done(&r));
	r = wire_reader(cut, 0);
	ck_assert_uint_eq(wire_get_u8(&r), 0);
	ck_assert(!wire_done(&r));
	free(cut);
}
END_TEST

START_TEST(a_failed_read_spoils_those_that_follow)
{
	static const uint8_t in[] = { 0x00, 0x02, 0x00, 0x01, 'a' };
	struct wire_reader r = wire_reader(in, sizeof(in));
	char text[8] = "before";
	uint8_t bytes[2] = { 1, 2 };

	ck_assert_uint_eq(wire_get_u64(&r), 0);
	ck_assert_uint_eq(wire_get_u8(&r), 0);
	wire_get_text(&r, text, sizeof(text));
	ck_assert_str_eq(text, "");
	wire_get_bytes(&r, bytes, sizeof(bytes));
	ck_assert(bytes[0] == 0 && bytes[1] == 0);
	ck_assert(wire_get_raw(&r, 1).ptr == NULL);
	ck_assert_uint_eq(wire_get_span(&r, 8).len, 0);
	ck_assert(!wire_done(&r));
}
END_TEST

START_TEST(a_time_before_1970_is_refused)
{
	static const uint8_t in[] = { 0x80, 0, 0, 0, 0, 0, 0, 0 };
	uint8_t buf[8];
	struct wire_reader r = wire_reader(in, sizeof(in));
	struct wire_writer w = wire_writer(buf, sizeof(buf));

	ck_assert_int_eq(wire_get_time(&r), 0);
	ck_assert(!wire_done(&r));
	wire_put_time(&w, -1);
	ck_assert(!wire_fits(&w));
}
END_TEST

START_TEST(the_last_time_there_is_comes_back)
{
	uint8_t buf[8];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r = wire_reader(buf, sizeof(buf));

	wire_put_time(&w, INT64_MAX);
	ck_assert(wire_fits(&w));
	ck_assert_int_eq(wire_get_time(&r), INT64_MAX);
	ck_assert(wire_done(&r));
}
END_TEST

START_TEST(a_text_comes_back_with_a_nul)
{
	static const uint8_t in[] = { 0x00, 0x05, 'a', 'l', 'i', 'c', 'e' };
	uint8_t buf[sizeof(in)];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r = wire_reader(in, sizeof(in));
	char text[6];

	wire_put_text(&w, "alice");
	ck_assert(wire_fits(&w));
	ck_assert_mem_eq(buf, in, sizeof(in));
	wire_get_text(&r, text, sizeof(text));
	ck_assert(wire_done(&r));
	ck_assert_str_eq(text, "alice");
}
END_TEST

START_TEST(a_text_longer_than_its_place_is_refused)
{
	static const uint8_t in[] = { 0x00, 0x03, 'a', 'b', 'c' };
	struct wire_reader r = wire_reader(in, sizeof(in));
	char *text = malloc(3);

	wire_get_text(&r, text, 3);
	ck_assert(!wire_done(&r));
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(a_text_with_a_nul_inside_is_refused)
{
	static const uint8_t in[] = { 0x00, 0x03, 'a', '\0', 'c' };
	struct wire_reader r = wire_reader(in, sizeof(in));
	char text[8];

	wire_get_text(&r, text, sizeof(text));
	ck_assert(!wire_done(&r));
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(a_text_that_says_more_than_there_is_is_refused)
{
	static const uint8_t in[] = { 0x00, 0x04, 'a', 'b', 'c' };
	uint8_t *cut = exact_copy(in, sizeof(in));
	struct wire_reader r = wire_reader(cut, sizeof(in));
	char text[8];

	wire_get_text(&r, text, sizeof(text));
	ck_assert(!wire_done(&r));
	ck_assert_str_eq(text, "");
	free(cut);
}
END_TEST

START_TEST(a_span_lies_where_it_was)
{
	static const uint8_t in[] = { 0x00, 0x02, 0x00, 0xff, 0x07 };
	struct wire_reader r = wire_reader(in, sizeof(in));
	struct span s = wire_get_span(&r, 2);

	ck_assert_ptr_eq(s.ptr, in + 2);
	ck_assert_uint_eq(s.len, 2);
	ck_assert(!wire_done(&r));
	ck_assert_uint_eq(wire_get_u8(&r), 7);
	ck_assert(wire_done(&r));
}
END_TEST

START_TEST(a_span_over_its_greatest_length_is_refused)
{
	static const uint8_t in[] = { 0x00, 0x03, 'a', 'b', 'c' };
	struct wire_reader r = wire_reader(in, sizeof(in));
	struct span s = wire_get_span(&r, 2);

	ck_assert_uint_eq(s.len, 0);
	ck_assert(s.ptr == NULL);
	ck_assert(!wire_done(&r));
}
END_TEST

START_TEST(nothing_is_whole_at_once)
{
	struct wire_reader r = wire_reader(NULL, 0);

	ck_assert(wire_done(&r));
	wire_skip_optional(&r);
	ck_assert(wire_done(&r));
	ck_assert_uint_eq(wire_get_raw(&r, 0).len, 0);
	ck_assert(wire_done(&r));
}
END_TEST

START_TEST(optional_fields_are_passed_over)
{
	static const uint8_t in[] = { 0x01, 0x00, 0x00, 0xff, 0x00, 0x02, 'a',
		'b' };
	struct wire_reader r = wire_reader(in, sizeof(in));

	wire_skip_optional(&r);
	ck_assert(wire_done(&r));
}
END_TEST

/* Runs for every length but those at which a field ends. */
START_TEST(an_optional_field_cut_short_is_refused)
{
	static const uint8_t in[] = { 0xff, 0x00, 0x02, 'a', 'b' };
	uint8_t *cut = exact_copy(in, (size_t)_i);
	struct wire_reader r = wire_reader(cut, (size_t)_i);

	wire_skip_optional(&r);
	ck_assert(!wire_done(&r));
	free(cut);
}
END_TEST

/* Runs for every room that is too small. */
START_TEST(what_does_not_fit_is_not_written)
{
	size_t cap = (size_t)_i;
	uint8_t *buf = exact_copy("................", cap);
	struct wire_writer w = wire_writer(buf, cap);

	wire_put_u64(&w, 1);
	wire_put_text(&w, "abcdef");
	ck_assert(!wire_fits(&w));
	ck_assert_uint_le(wire_length(&w), cap);
	wire_put_u8(&w, 1);
	ck_assert(!wire_fits(&w));
	free(buf);
}
END_TEST

START_TEST(a_span_longer_than_its_length_can_say_is_bad)
{
	size_t len = (size_t)UINT16_MAX + 1;
	uint8_t *src = calloc(1, len);
	uint8_t *dst = malloc(len + 2);
	struct wire_writer w = wire_writer(dst, len + 2);

	wire_put_span(&w, (struct span){ src, len });
	ck_assert(!wire_fits(&w));
	w = wire_writer(dst, len + 2);
	wire_put_span(&w, (struct span){ src, len - 1 });
	ck_assert(wire_fits(&w));
	ck_assert_uint_eq(wire_length(&w), len + 1);
	free(src);
	free(dst);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("wire");
	TCase *tc = tcase_create("wire");

	tcase_add_test(tc, numbers_are_big_endian);
	tcase_add_loop_test(tc, a_number_cut_short_is_zero_and_bad, 0, 8);
	tcase_add_test(tc, a_failed_read_spoils_those_that_follow);
	tcase_add_test(tc, a_time_before_1970_is_refused);
	tcase_add_test(tc, the_last_time_there_is_comes_back);
	tcase_add_test(tc, a_text_comes_back_with_a_nul);
	tcase_add_test(tc, a_text_longer_than_its_place_is_refused);
	tcase_add_test(tc, a_text_with_a_nul_inside_is_refused);
	tcase_add_test(tc, a_text_that_says_more_than_there_is_is_refused);
	tcase_add_test(tc, a_span_lies_where_it_was);
	tcase_add_test(tc, a_span_over_its_greatest_length_is_refused);
	tcase_add_test(tc, nothing_is_whole_at_once);
	tcase_add_test(tc, optional_fields_are_passed_over);
	tcase_add_loop_test(tc, an_optional_field_cut_short_is_refused, 1, 5);
	tcase_add_loop_test(tc, what_does_not_fit_is_not_written, 0, 16);
	tcase_add_test(tc, a_span_longer_than_its_length_can_say_is_bad);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
