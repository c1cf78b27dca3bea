/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <sodium.h>
#include <string.h>

#include "keyd.h"
#include "scan.h"
#include "suite.h"
#include "token.h"

#define HITS_MAX 64

static struct scan *scan;
static char token[KEYD_TOKEN_SIZE];
static size_t token_len;

struct hits {
	size_t count;
	uint64_t offset[HITS_MAX];
	uint64_t line[HITS_MAX];
	size_t stop_at;
};

static void
setup(void)
{
	ck_assert_int_ge(sodium_init(), 0);
	scan = scan_new("cmk");
	ck_assert_ptr_nonnull(scan);
	ck_assert(token_new("cmk", token));
	token_len = strlen(token);
}

static void
teardown(void)
{
	scan_free(scan);
}

static bool
note(void *arg, const struct scan_hit *hit)
{
	struct hits *h = arg;

	ck_assert_uint_lt(h->count, HITS_MAX);
	ck_assert_uint_eq(hit->len, token_len);
	ck_assert_mem_eq(hit->token, token, token_len);
	h->offset[h->count] = hit->offset;
	h->line[h->count] = hit->line;
	h->count++;
	return h->count != h->stop_at;
}

/* In parts of at most this many bytes. */
static bool
feed(const void *bytes, size_t len, size_t part, struct hits *h)
{
	const char *at = bytes;
	bool go_on = true;
	size_t cap;
	void *room;

	while (len > 0 && go_on) {
		room = scan_room(scan, &cap);
		ck_assert_uint_gt(cap, 0);
		cap = cap < part ? cap : part;
		cap = cap < len ? cap : len;
		memcpy(room, at, cap);
		go_on = scan_filled(scan, cap, note, h);
		at += cap;
		len -= cap;
	}
	return go_on;
}

static struct hits
hits_of(const void *bytes, size_t len, size_t part)
{
	struct hits h = { .count = 0 };

	scan_begin(scan);
	ck_assert(feed(bytes, len, part, &h));
	return h;
}

START_TEST(a_token_is_found_however_the_stream_is_cut)
{
	char text[256] = "one\ntwo\n \"";
	size_t at = strlen(text);
	struct hits h;

	strlcat(text, token, sizeof(text));
	strlcat(text, "\" three\n", sizeof(text));
	for (size_t part = 1; part <= strlen(text); part++) {
		h = hits_of(text, strlen(text), part);
		ck_assert_uint_eq(h.count, 1);
		ck_assert_uint_eq(h.offset[0], at);
		ck_assert_uint_eq(h.line[0], 3);
	}
}
END_TEST

/* Two parts, cut anywhere. */
START_TEST(a_token_is_found_across_any_cut)
{
	struct hits h;

	for (size_t cut = 1; cut < token_len; cut++) {
		h = (struct hits){ .count = 0 };
		scan_begin(scan);
		ck_assert(feed(token, cut, cut, &h));
		ck_assert_uint_eq(h.count, 0);
		ck_assert(feed(token + cut, token_len - cut, 256, &h));
		ck_assert_uint_eq(h.count, 1);
		ck_assert_uint_eq(h.offset[0], 0);
	}
}
END_TEST

START_TEST(what_stands_around_a_token_does_not_hide_it)
{
	char text[512] = "cmk_cmk_abc";
	struct hits h;

	strlcat(text, token, sizeof(text));
	strlcat(text, token, sizeof(text));
	strlcat(text, "zzz", sizeof(text));
	h = hits_of(text, strlen(text), sizeof(text));
	ck_assert_uint_eq(h.count, 2);
	ck_assert_uint_eq(h.offset[0], 11);
	ck_assert_uint_eq(h.offset[1], 11 + token_len);
}
END_TEST

/* The beginning of another: the first 20 characters of one lie before it. */
START_TEST(a_token_may_begin_within_what_is_none)
{
	char text[256] = { 0 };
	struct hits h;

	memcpy(text, token, 20);
	strlcat(text, token, sizeof(text));
	h = hits_of(text, strlen(text), sizeof(text));
	ck_assert_uint_eq(h.count, 1);
	ck_assert_uint_eq(h.offset[0], 20);
}
END_TEST

START_TEST(zeros_are_bytes_like_others)
{
	char text[300] = { 0 };
	struct hits h;

	memcpy(text + 100, token, token_len);
	h = hits_of(text, sizeof(text), 64);
	ck_assert_uint_eq(h.count, 1);
	ck_assert_uint_eq(h.offset[0], 100);
	ck_assert_uint_eq(h.line[0], 1);
}
END_TEST

START_TEST(what_has_another_checksum_is_no_token)
{
	char text[KEYD_TOKEN_SIZE];

	for (size_t i = 0; i < token_len; i++) {
		memcpy(text, token, sizeof(text));
		text[i] = text[i] == '0' ? '1' : '0';
		ck_assert_uint_eq(hits_of(text, token_len, 7).count, 0);
	}
	ck_assert_uint_eq(hits_of(token, token_len - 1, 7).count, 0);
}
END_TEST

/* Far more than is held at once: the numbers stay right. */
START_TEST(lines_and_offsets_are_of_the_whole_stream)
{
	static const char line[] = "a line of the log, with k_ and _ in it\n";
	struct hits h = { .count = 0 };

	scan_begin(scan);
	for (int i = 0; i < 100000; i++)
		ck_assert(feed(line, strlen(line), 1000, &h));
	ck_assert(feed(token, token_len, 1000, &h));
	ck_assert(feed("\n", 1, 1, &h));
	ck_assert(feed(token, token_len, 1000, &h));
	ck_assert_uint_eq(h.count, 2);
	ck_assert_uint_eq(h.offset[0], 100000 * strlen(line));
	ck_assert_uint_eq(h.line[0], 100001);
	ck_assert_uint_eq(h.line[1], 100002);
}
END_TEST

START_TEST(a_caller_may_end_it)
{
	struct hits h = { .stop_at = 1 };
	char text[256] = "";

	strlcat(text, token, sizeof(text));
	strlcat(text, token, sizeof(text));
	scan_begin(scan);
	ck_assert(!feed(text, strlen(text), sizeof(text), &h));
	ck_assert_uint_eq(h.count, 1);
}
END_TEST

START_TEST(a_new_stream_knows_nothing_of_the_last)
{
	struct hits h = { .count = 0 };

	scan_begin(scan);
	ck_assert(feed(token, token_len - 1, 256, &h));
	ck_assert_uint_eq(hits_of(token + token_len - 1, 1, 1).count, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("scan");
	TCase *tc = tcase_create("scan");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_token_is_found_however_the_stream_is_cut);
	tcase_add_test(tc, a_token_is_found_across_any_cut);
	tcase_add_test(tc, what_stands_around_a_token_does_not_hide_it);
	tcase_add_test(tc, a_token_may_begin_within_what_is_none);
	tcase_add_test(tc, zeros_are_bytes_like_others);
	tcase_add_test(tc, what_has_another_checksum_is_no_token);
	tcase_add_test(tc, lines_and_offsets_are_of_the_whole_stream);
	tcase_add_test(tc, a_caller_may_end_it);
	tcase_add_test(tc, a_new_stream_knows_nothing_of_the_last);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
