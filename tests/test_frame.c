/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "frame.h"
#include "suite.h"

/* The hello of doc/PROTOCOL, 5.1. */
static const uint8_t hello[] = { 0x00, 0x00, 0x00, 0x0c, 0x01, 0x01, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x00, 0x08, 0x64, 0x65, 0x6d, 0x6f,
	0x20, 0x31, 0x2e, 0x30 };

static const struct frame untouched = { 0xee, 0xee, 0xeeeeeeee, { NULL, 7 } };

static void
check_untouched(const struct frame *f)
{
	ck_assert_uint_eq(f->major, untouched.major);
	ck_assert_uint_eq(f->type, untouched.type);
	ck_assert_uint_eq(f->id, untouched.id);
	ck_assert(f->body.ptr == NULL);
	ck_assert_uint_eq(f->body.len, untouched.body.len);
}

START_TEST(the_frame_of_the_document_is_read)
{
	struct frame f = untouched;

	ck_assert_int_eq(frame_parse((struct span){ hello, sizeof(hello) }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.major, 1);
	ck_assert_uint_eq(f.type, FRAME_HELLO);
	ck_assert_uint_eq(f.id, 1);
	ck_assert_ptr_eq(f.body.ptr, hello + FRAME_HEADER);
	ck_assert_uint_eq(f.body.len, 12);
	ck_assert_uint_eq(frame_size(&f), sizeof(hello));
}
END_TEST

START_TEST(the_frame_of_the_document_is_written)
{
	uint8_t buf[sizeof(hello)];
	struct wire_writer w = wire_writer(buf, sizeof(buf));

	frame_begin(&w, 1, FRAME_HELLO, 1);
	wire_put_bytes(&w, hello + FRAME_HEADER, sizeof(hello) - FRAME_HEADER);
	frame_end(&w, 0);
	ck_assert(wire_fits(&w));
	ck_assert_mem_eq(buf, hello, sizeof(hello));
}
END_TEST

/* Runs for every length shorter than the whole. */
START_TEST(a_frame_cut_short_is_partial)
{
	size_t len = (size_t)_i;
	uint8_t *cut = exact_copy(hello, len);
	struct frame f = untouched;

	ck_assert_int_eq(frame_parse((struct span){ cut, len }, &f),
	    FRAME_PARTIAL);
	check_untouched(&f);
	free(cut);
}
END_TEST

START_TEST(what_follows_a_frame_is_left_alone)
{
	uint8_t two[2 * sizeof(hello)];
	struct frame f;

	memcpy(two, hello, sizeof(hello));
	memcpy(two + sizeof(hello), hello, sizeof(hello));
	ck_assert_int_eq(frame_parse((struct span){ two, sizeof(two) - 1 }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(frame_size(&f), sizeof(hello));
}
END_TEST

/* Runs for every length of a head: four bytes are enough to know. */
START_TEST(a_frame_too_large_is_known_by_its_length_alone)
{
	static const uint8_t head[FRAME_HEADER] = { 0x00, 0x00, 0x3f, 0xf5 };
	static const uint8_t top[FRAME_HEADER] = { 0xff, 0xff, 0xff, 0xff };
	size_t len = (size_t)_i;
	uint8_t *cut = exact_copy(head, len);
	struct frame f = untouched;

	ck_assert_int_eq(frame_parse((struct span){ cut, len }, &f),
	    FRAME_TOO_LARGE);
	check_untouched(&f);
	memcpy(cut, top, len);
	ck_assert_int_eq(frame_parse((struct span){ cut, len }, &f),
	    FRAME_TOO_LARGE);
	check_untouched(&f);
	free(cut);
}
END_TEST

START_TEST(the_largest_frame_is_read)
{
	uint8_t *bytes = calloc(1, FRAME_MAX);
	struct frame f;

	bytes[2] = 0x3f;
	bytes[3] = 0xf4;
	ck_assert_int_eq(frame_parse((struct span){ bytes, FRAME_MAX - 1 }, &f),
	    FRAME_PARTIAL);
	ck_assert_int_eq(frame_parse((struct span){ bytes, FRAME_MAX }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(frame_size(&f), FRAME_MAX);
	free(bytes);
}
END_TEST

START_TEST(the_reserved_bytes_are_ignored)
{
	uint8_t bytes[sizeof(hello)];
	struct frame f;

	memcpy(bytes, hello, sizeof(hello));
	bytes[6] = 0xff;
	bytes[7] = 0xff;
	ck_assert_int_eq(frame_parse((struct span){ bytes, sizeof(bytes) }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.id, 1);
}
END_TEST

/* Runs for a body of the greatest length, and for one byte more. */
START_TEST(a_body_over_the_largest_does_not_fit)
{
	size_t body = FRAME_MAX - FRAME_HEADER + (size_t)_i;
	uint8_t *buf = malloc(FRAME_MAX + 1);
	uint8_t *src = calloc(1, body);
	struct wire_writer w = wire_writer(buf, FRAME_MAX + 1);

	frame_begin(&w, 1, FRAME_LIST, 1);
	wire_put_bytes(&w, src, body);
	frame_end(&w, 0);
	ck_assert(wire_fits(&w) == (_i == 0));
	free(src);
	free(buf);
}
END_TEST

START_TEST(a_frame_is_ended_where_it_began)
{
	uint8_t buf[2 * sizeof(hello)];
	struct wire_writer w = wire_writer(buf, sizeof(buf));

	for (int i = 0; i < 2; i++) {
		size_t start = wire_length(&w);

		frame_begin(&w, 1, FRAME_HELLO, 1);
		wire_put_bytes(&w, hello + FRAME_HEADER,
		    sizeof(hello) - FRAME_HEADER);
		frame_end(&w, start);
	}
	ck_assert(wire_fits(&w));
	ck_assert_mem_eq(buf, hello, sizeof(hello));
	ck_assert_mem_eq(buf + sizeof(hello), hello, sizeof(hello));
}
END_TEST

/* Runs for every room that is too small for the header. */
START_TEST(a_frame_without_room_is_not_ended)
{
	uint8_t *buf = malloc((size_t)_i);
	struct wire_writer w = wire_writer(buf, (size_t)_i);

	frame_begin(&w, 1, FRAME_STATUS, 1);
	frame_end(&w, 0);
	ck_assert(!wire_fits(&w));
	free(buf);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_add_test(tc, the_frame_of_the_document_is_read);
	tcase_add_test(tc, the_frame_of_the_document_is_written);
	tcase_add_loop_test(tc, a_frame_cut_short_is_partial, 0, sizeof(hello));
	tcase_add_test(tc, what_follows_a_frame_is_left_alone);
	tcase_add_loop_test(tc, a_frame_too_large_is_known_by_its_length_alone,
	    4, FRAME_HEADER + 1);
	tcase_add_test(tc, the_largest_frame_is_read);
	tcase_add_test(tc, the_reserved_bytes_are_ignored);
	tcase_add_loop_test(tc, a_body_over_the_largest_does_not_fit, 0, 2);
	tcase_add_test(tc, a_frame_is_ended_where_it_began);
	tcase_add_loop_test(tc, a_frame_without_room_is_not_ended, 0,
	    FRAME_HEADER);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
