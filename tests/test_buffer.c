/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "buffer.h"
#include "suite.h"

static struct buffer *
take(void)
{
	struct buffer *b = buffer_take();

	ck_assert_ptr_nonnull(b);
	return b;
}

static void
put(struct buffer *b, const char *text)
{
	memcpy(b->bytes + b->end, text, strlen(text));
	b->end += strlen(text);
}

static void
ck_content(const struct buffer *b, const char *text)
{
	struct span s = buffer_content(b);

	ck_assert_uint_eq(s.len, strlen(text));
	ck_assert_mem_eq(s.ptr, text, s.len);
}

static void
ck_wiped(const struct buffer *b, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		ck_assert_uint_eq(b->bytes[i], 0);
}

START_TEST(a_new_buffer_is_all_room)
{
	struct buffer *b = take();

	ck_content(b, "");
	ck_assert_uint_eq(buffer_room(b), BUFFER_SIZE);
	ck_assert_uint_ge(BUFFER_SIZE, FRAME_MAX);
	buffer_give(b);
	buffer_give(NULL);
	buffer_free_all();
}
END_TEST

START_TEST(what_is_put_is_there_until_it_is_taken)
{
	struct buffer *b = take();

	put(b, "one two");
	ck_content(b, "one two");
	ck_assert_uint_eq(buffer_room(b), BUFFER_SIZE - 7);
	b->start += 4;
	ck_content(b, "two");
	ck_assert_uint_eq(buffer_room(b), BUFFER_SIZE - 7);
	buffer_give(b);
	buffer_free_all();
}
END_TEST

START_TEST(a_packed_buffer_has_its_content_at_the_front)
{
	struct buffer *b = take();

	put(b, "secret two");
	b->start += 7;
	buffer_pack(b);
	ck_content(b, "two");
	ck_assert_uint_eq(buffer_room(b), BUFFER_SIZE - 3);
	ck_wiped(b, 3, 10);
	buffer_pack(b);
	ck_content(b, "two");
	b->start = b->end;
	buffer_pack(b);
	ck_content(b, "");
	ck_assert_uint_eq(buffer_room(b), BUFFER_SIZE);
	ck_wiped(b, 0, 10);
	buffer_give(b);
	buffer_free_all();
}
END_TEST

START_TEST(a_full_buffer_is_packed_over_itself)
{
	struct buffer *b = take();

	memset(b->bytes, 'x', BUFFER_SIZE);
	b->bytes[1] = 'a';
	b->bytes[BUFFER_SIZE - 1] = 'z';
	b->end = BUFFER_SIZE;
	ck_assert_uint_eq(buffer_room(b), 0);
	b->start = 1;
	buffer_pack(b);
	ck_assert_uint_eq(buffer_room(b), 1);
	ck_assert_uint_eq(b->bytes[0], 'a');
	ck_assert_uint_eq(b->bytes[BUFFER_SIZE - 2], 'z');
	ck_wiped(b, BUFFER_SIZE - 1, BUFFER_SIZE);
	buffer_give(b);
	buffer_free_all();
}
END_TEST

/* One that is given back is the next that is taken. */
START_TEST(nothing_of_one_client_is_left_for_the_next)
{
	struct buffer *b = take(), *again;

	put(b, "a digest and more");
	b->start = b->end;
	buffer_give(b);
	again = take();
	ck_assert_ptr_eq(again, b);
	ck_content(again, "");
	ck_wiped(again, 0, 17);
	buffer_give(again);
	buffer_free_all();
}
END_TEST

START_TEST(any_number_can_be_taken_and_given_back)
{
	static struct buffer *many[1000];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000; i++) {
			many[i] = take();
			ck_content(many[i], "");
			put(many[i], "x");
		}
		for (int i = 0; i < 1000; i++)
			buffer_give(many[i]);
	}
	buffer_free_all();
	buffer_free_all();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("buffer");
	TCase *tc = tcase_create("buffer");

	tcase_add_test(tc, a_new_buffer_is_all_room);
	tcase_add_test(tc, what_is_put_is_there_until_it_is_taken);
	tcase_add_test(tc, a_packed_buffer_has_its_content_at_the_front);
	tcase_add_test(tc, a_full_buffer_is_packed_over_itself);
	tcase_add_test(tc, nothing_of_one_client_is_left_for_the_next);
	tcase_add_test(tc, any_number_can_be_taken_and_given_back);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
