/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "reply.h"
#include "samples.h"
#include "suite.h"

#define ANSWER(type) (FRAME_ANSWER | (type))

static const uint8_t row_bytes[] = { 0x00, 0xff, 0x01 };
static const uint8_t cursor_bytes[] = { 0x80, 0x00 };

static const uint8_t pages[] = { ANSWER(FRAME_STATUS), ANSWER(FRAME_COUNTS),
	ANSWER(FRAME_ORG_LIST), ANSWER(FRAME_MEMBER_LIST), ANSWER(FRAME_REVOKE),
	ANSWER(FRAME_LIST) };

#define PAGES ((int)(sizeof(pages) / sizeof(pages[0])))

static uint8_t bytes[2 * FRAME_MAX];

static bool
decode(struct reply *rep, uint8_t type, const uint8_t *body, size_t len)
{
	struct frame f = { 1, type, 7, { body, len } };

	return reply_decode(rep, &f);
}

/* Puts key rows until one does not fit; how many did. */
static uint16_t
fill_page(struct wire_writer *w, struct span cursor)
{
	static const struct key_info key = KEY_SAMPLE;
	struct page_writer p;

	page_begin(&p, w, ANSWER(FRAME_LIST), 7);
	do {
		page_row_begin(&p);
		key_put(w, &key);
	} while (page_row_end(&p));
	page_end(&p, cursor);
	return p.count;
}

/* The page that begins at from has so many whole sample keys. */
static void
check_keys(const uint8_t *from, size_t len, uint16_t count, struct span cursor)
{
	static const struct key_info key = KEY_SAMPLE;
	struct key_info got;
	struct wire_reader r;
	struct reply rep;
	struct frame f;

	ck_assert_int_eq(frame_parse((struct span){ from, len }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(frame_size(&f), len);
	ck_assert(reply_decode(&rep, &f));
	ck_assert_uint_eq(rep.page.count, count);
	ck_assert_uint_eq(rep.page.cursor.len, cursor.len);
	ck_assert_mem_eq(rep.page.cursor.ptr, cursor.ptr, cursor.len);
	r = wire_reader(rep.page.rows.ptr, rep.page.rows.len);
	for (uint16_t i = 0; i < count; i++) {
		key_get(&r, &got);
		key_same(&got, &key);
	}
	ck_assert(wire_done(&r));
}

START_TEST(a_row_that_does_not_fit_is_taken_back)
{
	uint8_t longest[CURSOR_MAX];
	struct span cursor = { longest, sizeof(longest) };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	uint16_t count;

	memset(longest, 0xc5, sizeof(longest));
	count = fill_page(&w, cursor);
	ck_assert(wire_fits(&w));
	ck_assert_uint_gt(count, 10);
	check_keys(bytes, wire_length(&w), count, cursor);
}
END_TEST

START_TEST(a_page_behind_another_frame_is_as_large)
{
	static const struct reply before = { .type = FRAME_ERROR };
	struct span cursor = { cursor_bytes, sizeof(cursor_bytes) };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	uint16_t alone = fill_page(&w, cursor);
	size_t len = wire_length(&w);

	w = wire_writer(bytes, sizeof(bytes));
	reply_encode(&w, &before, 1);
	ck_assert_uint_eq(fill_page(&w, cursor), alone);
	ck_assert(wire_fits(&w));
	check_keys(bytes + wire_length(&w) - len, len, alone, cursor);
}
END_TEST

/* Runs for rooms in which the page itself is not what ends it. */
START_TEST(a_row_without_room_is_taken_back)
{
	size_t cap = FRAME_HEADER + 4 + 300 + 32 * (size_t)_i;
	struct span cursor = { cursor_bytes, sizeof(cursor_bytes) };
	uint8_t *room = malloc(cap);
	struct wire_writer w = wire_writer(room, cap);
	uint16_t count;

	count = fill_page(&w, cursor);
	if (wire_fits(&w))
		check_keys(room, wire_length(&w), count, cursor);
	free(room);
}
END_TEST

START_TEST(a_page_without_rows_is_whole)
{
	static const uint8_t expected[] = { 0x00, 0x00, 0x00, 0x06, 0x01, 0xb2,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00 };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct page_writer p;

	page_begin(&p, &w, ANSWER(FRAME_LIST), 7);
	page_end(&p, (struct span){ NULL, 0 });
	ck_assert(wire_fits(&w));
	ck_assert_uint_eq(wire_length(&w), sizeof(expected));
	ck_assert_mem_eq(bytes, expected, sizeof(expected));
}
END_TEST

/* Runs for each kind of page. */
START_TEST(a_page_cut_short_is_refused)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct page_writer p;
	struct reply rep;

	page_begin(&p, &w, pages[_i], 7);
	page_row_begin(&p);
	wire_put_bytes(&w, row_bytes, sizeof(row_bytes));
	ck_assert(page_row_end(&p));
	page_end(&p, (struct span){ cursor_bytes, sizeof(cursor_bytes) });
	for (size_t len = 0; len < wire_length(&w) - FRAME_HEADER; len++) {
		uint8_t *cut = exact_copy(bytes + FRAME_HEADER, len);

		ck_assert(!decode(&rep, pages[_i], cut, len));
		free(cut);
	}
}
END_TEST

START_TEST(a_cursor_has_at_most_255_bytes)
{
	uint8_t body[6 + 256] = { 0 };
	struct reply rep;

	body[5] = CURSOR_MAX;
	ck_assert(decode(&rep, ANSWER(FRAME_LIST), body, 6 + CURSOR_MAX));
	ck_assert_uint_eq(rep.page.cursor.len, CURSOR_MAX);
	body[4] = 1;
	body[5] = 0;
	ck_assert(!decode(&rep, ANSWER(FRAME_LIST), body, sizeof(body)));
}
END_TEST

START_TEST(a_revoked_row_keeps_all_its_fields)
{
	static const struct revoked_row row = { .id = "key_0123456789abcdef",
		.already = true,
		.revoked = 0x1112131415161718 };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct wire_reader r;
	struct revoked_row got;

	revoked_put(&w, &row);
	ck_assert_uint_eq(wire_length(&w), KEY_ID_LEN + 1 + 8);
	r = wire_reader(bytes, wire_length(&w));
	revoked_get(&r, &got);
	ck_assert(wire_done(&r));
	ck_assert_str_eq(got.id, row.id);
	ck_assert(got.already);
	ck_assert_int_eq(got.revoked, row.revoked);
}
END_TEST

START_TEST(the_answer_to_the_largest_revoke_fits_in_a_page)
{
	static const struct revoked_row row = { .id = "key_0123456789abcdef" };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct page_writer p;

	page_begin(&p, &w, ANSWER(FRAME_REVOKE), 7);
	for (int i = 0; i < 512; i++) {
		page_row_begin(&p);
		revoked_put(&w, &row);
		ck_assert(page_row_end(&p));
	}
	page_end(&p, (struct span){ NULL, 0 });
	ck_assert(wire_fits(&w));
}
END_TEST

START_TEST(a_fact_is_a_number_or_a_text)
{
	static const struct fact_row number = { .name = "keys",
		.number = 0x0102030405060708 };
	static const struct fact_row text = { .name = "version",
		.is_text = true,
		.text = "0.1.0" };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct wire_reader r;
	struct fact_row got;

	fact_put(&w, &number);
	fact_put(&w, &text);
	ck_assert(wire_fits(&w));
	r = wire_reader(bytes, wire_length(&w));
	fact_get(&r, &got);
	ck_assert_str_eq(got.name, "keys");
	ck_assert(!got.is_text);
	ck_assert_uint_eq(got.number, number.number);
	ck_assert_str_eq(got.text, "");
	fact_get(&r, &got);
	ck_assert_str_eq(got.name, "version");
	ck_assert(got.is_text);
	ck_assert_uint_eq(got.number, 0);
	ck_assert_str_eq(got.text, "0.1.0");
	ck_assert(wire_done(&r));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("page");
	TCase *tc = tcase_create("page");

	tcase_add_test(tc, a_row_that_does_not_fit_is_taken_back);
	tcase_add_test(tc, a_page_behind_another_frame_is_as_large);
	tcase_add_loop_test(tc, a_row_without_room_is_taken_back, 0, 32);
	tcase_add_test(tc, a_page_without_rows_is_whole);
	tcase_add_loop_test(tc, a_page_cut_short_is_refused, 0, PAGES);
	tcase_add_test(tc, a_cursor_has_at_most_255_bytes);
	tcase_add_test(tc, a_revoked_row_keeps_all_its_fields);
	tcase_add_test(tc, the_answer_to_the_largest_revoke_fits_in_a_page);
	tcase_add_test(tc, a_fact_is_a_number_or_a_text);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
