/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "request_same.h"
#include "requests.h"
#include "suite.h"

START_TEST(a_request_keeps_all_its_fields)
{
	size_t len = encode(&samples[_i]);
	struct request got;
	struct frame f;

	ck_assert_int_eq(frame_parse((struct span){ bytes, len }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.id, 7);
	ck_assert_uint_eq(f.major, PROTOCOL_MAJOR);
	ck_assert_uint_eq(frame_size(&f), len);
	ck_assert(request_decode(&got, &f));
	request_same(&got, &samples[_i]);
}
END_TEST

START_TEST(a_request_cut_short_is_refused)
{
	size_t whole = encode(&samples[_i]) - FRAME_HEADER;
	struct request req;

	for (size_t len = 0; len < whole; len++) {
		uint8_t *cut = exact_copy(bytes + FRAME_HEADER, len);

		ck_assert(!decode(&req, samples[_i].type, cut, len));
		free(cut);
	}
}
END_TEST

/*
 * What is read is written again as it was, up to where a shorter text has
 * made optional fields of the rest.
 */
static void
check_reads_as_it_is(const struct request *req, const uint8_t *body, size_t len)
{
	size_t again = encode(req) - FRAME_HEADER;
	struct wire_reader rest;

	ck_assert_uint_le(again, len);
	ck_assert_mem_eq(bytes + FRAME_HEADER, body, again);
	rest = wire_reader(body + again, len - again);
	wire_skip_optional(&rest);
	ck_assert(wire_done(&rest));
}

START_TEST(a_flipped_bit_is_refused_or_reads_as_it_is)
{
	size_t len = encode(&samples[_i]) - FRAME_HEADER;
	uint8_t *body = exact_copy(bytes + FRAME_HEADER, len);
	struct request req;

	for (size_t bit = 0; bit < len * 8; bit++) {
		uint8_t *copy = exact_flipped(body, len, bit);

		if (decode(&req, samples[_i].type, copy, len))
			check_reads_as_it_is(&req, copy, len);
		free(copy);
	}
	free(body);
}
END_TEST

START_TEST(optional_fields_of_later_versions_are_passed_over)
{
	static const uint8_t more[] = { 0x7e, 0x00, 0x00, 0x7f, 0x00, 0x03, 'a',
		0x00, 'c' };
	size_t len = encode(&samples[_i]);
	struct request req;

	memcpy(bytes + len, more, sizeof(more));
	ck_assert(decode(&req, samples[_i].type, bytes + FRAME_HEADER,
	    len + sizeof(more) - FRAME_HEADER));
	request_same(&req, &samples[_i]);
}
END_TEST

START_TEST(leftovers_that_are_no_optional_field_are_refused)
{
	static const uint8_t more[] = { 0x01, 0x00, 0x03, 'a', 'b' };
	size_t len = encode(&samples[_i]) - FRAME_HEADER;
	struct request req;

	memcpy(bytes + FRAME_HEADER + len, more, sizeof(more));
	for (size_t n = 1; n <= sizeof(more); n++) {
		uint8_t *body = exact_copy(bytes + FRAME_HEADER, len + n);

		ck_assert(!decode(&req, samples[_i].type, body, len + n));
		free(body);
	}
}
END_TEST

START_TEST(a_request_without_room_does_not_fit)
{
	size_t whole = encode(&samples[_i]);

	for (size_t cap = 0; cap < whole; cap++) {
		uint8_t *room = malloc(cap);
		struct wire_writer w = wire_writer(room, cap);

		request_encode(&w, &samples[_i], 7);
		ck_assert(!wire_fits(&w));
		free(room);
	}
}
END_TEST

static bool
is_request(int type)
{
	for (int i = 0; i < SAMPLES; i++)
		if (samples[i].type == type)
			return true;
	return false;
}

/* Runs for every type that there can be. */
START_TEST(a_type_that_is_no_request_is_refused)
{
	struct request req;

	if (is_request(_i))
		return;
	ck_assert(!decode(&req, (uint8_t)_i, NULL, 0));
	for (int i = 0; i < SAMPLES; i++) {
		size_t len = encode(&samples[i]) - FRAME_HEADER;

		ck_assert(
		    !decode(&req, (uint8_t)_i, bytes + FRAME_HEADER, len));
	}
}
END_TEST

START_TEST(an_answer_is_not_a_request)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct request req = samples[_i];
	size_t len = encode(&samples[_i]) - FRAME_HEADER;

	ck_assert(!decode(&req, samples[_i].type | FRAME_ANSWER,
	    bytes + FRAME_HEADER, len));
	req.type = samples[_i].type | FRAME_ANSWER;
	request_encode(&w, &req, 7);
	ck_assert(!wire_fits(&w));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request");
	TCase *tc = tcase_create("request");

	tcase_add_loop_test(tc, a_request_keeps_all_its_fields, 0, SAMPLES);
	tcase_add_loop_test(tc, a_request_cut_short_is_refused, 0, SAMPLES);
	tcase_add_loop_test(tc, a_flipped_bit_is_refused_or_reads_as_it_is, 0,
	    SAMPLES);
	tcase_add_loop_test(tc,
	    optional_fields_of_later_versions_are_passed_over, 0, SAMPLES);
	tcase_add_loop_test(tc,
	    leftovers_that_are_no_optional_field_are_refused, 0, SAMPLES);
	tcase_add_loop_test(tc, a_request_without_room_does_not_fit, 0,
	    SAMPLES);
	tcase_add_loop_test(tc, a_type_that_is_no_request_is_refused, 0, 256);
	tcase_add_loop_test(tc, an_answer_is_not_a_request, 0, SAMPLES);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
