/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "samples.h"
#include "suite.h"

static const struct org_info org = ORG_SAMPLE;
static const struct member_info member = MEMBER_SAMPLE;
static const struct key_info key = KEY_SAMPLE;
static const struct key_view view = VIEW_SAMPLE;

/* Of one row: its bytes, and whether the first len of them are a row. */
struct row {
	void (*put)(struct wire_writer *w);
	bool (*get)(struct wire_reader *r);
};

static void
put_org(struct wire_writer *w)
{
	org_put(w, &org);
}

static bool
get_org(struct wire_reader *r)
{
	struct org_info o;

	org_get(r, &o);
	return wire_done(r);
}

static void
put_member(struct wire_writer *w)
{
	member_put(w, &member);
}

static bool
get_member(struct wire_reader *r)
{
	struct member_info m;

	member_get(r, &m);
	return wire_done(r);
}

static void
put_key(struct wire_writer *w)
{
	key_put(w, &key);
}

static bool
get_key(struct wire_reader *r)
{
	struct key_info k;

	key_get(r, &k);
	return wire_done(r);
}

static void
put_view(struct wire_writer *w)
{
	view_put(w, &view);
}

static bool
get_view(struct wire_reader *r)
{
	struct key_view v;

	view_get(r, &v);
	return wire_done(r);
}

static const struct row rows[] = {
	{ put_org, get_org },
	{ put_member, get_member },
	{ put_key, get_key },
	{ put_view, get_view },
};

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))
#define ROW_MAX 2048

START_TEST(an_org_keeps_all_its_fields)
{
	uint8_t buf[ROW_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r;
	struct org_info got;

	org_put(&w, &org);
	ck_assert(wire_fits(&w));
	r = wire_reader(buf, wire_length(&w));
	org_get(&r, &got);
	ck_assert(wire_done(&r));
	org_same(&got, &org);
}
END_TEST

START_TEST(a_member_keeps_all_its_fields)
{
	uint8_t buf[ROW_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r;
	struct member_info got;

	member_put(&w, &member);
	ck_assert(wire_fits(&w));
	r = wire_reader(buf, wire_length(&w));
	member_get(&r, &got);
	ck_assert(wire_done(&r));
	member_same(&got, &member);
}
END_TEST

START_TEST(a_key_keeps_all_its_fields)
{
	uint8_t buf[ROW_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r;
	struct key_info got;

	key_put(&w, &key);
	ck_assert(wire_fits(&w));
	r = wire_reader(buf, wire_length(&w));
	key_get(&r, &got);
	ck_assert(wire_done(&r));
	key_same(&got, &key);
}
END_TEST

START_TEST(a_view_keeps_all_its_fields)
{
	uint8_t buf[ROW_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r;
	struct key_view got;

	view_put(&w, &view);
	ck_assert(wire_fits(&w));
	r = wire_reader(buf, wire_length(&w));
	view_get(&r, &got);
	ck_assert(wire_done(&r));
	view_same(&got, &view);
}
END_TEST

/* As records of version 1 have it. */
START_TEST(a_key_without_links_is_read_up_to_them)
{
	uint8_t buf[ROW_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct key_info unlinked = key, got = { .id = "" };
	struct wire_reader r;

	unlinked.rotated_from[0] = unlinked.rotated_to[0] = '\0';
	key_put(&w, &unlinked);
	r = wire_reader(buf, wire_length(&w) - 2 * sizeof(uint16_t));
	key_get_unlinked(&r, &got);
	ck_assert(wire_done(&r));
	key_same(&got, &unlinked);
}
END_TEST

START_TEST(a_member_is_the_bytes_that_the_document_says)
{
	static const struct member_info alice = { .org = "acme",
		.user = "alice",
		.role = "editor",
		.created = 0x0102030405060708 };
	static const uint8_t expected[] = { 0x00, 0x04, 'a', 'c', 'm', 'e',
		0x00, 0x05, 'a', 'l', 'i', 'c', 'e', 0x00, 0x06, 'e', 'd', 'i',
		't', 'o', 'r', 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08 };
	uint8_t buf[sizeof(expected)];
	struct wire_writer w = wire_writer(buf, sizeof(buf));

	member_put(&w, &alice);
	ck_assert(wire_fits(&w));
	ck_assert_uint_eq(wire_length(&w), sizeof(expected));
	ck_assert_mem_eq(buf, expected, sizeof(expected));
}
END_TEST

/* Runs for each kind of row. */
START_TEST(a_row_cut_short_is_refused)
{
	uint8_t buf[ROW_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));

	rows[_i].put(&w);
	for (size_t len = 0; len < wire_length(&w); len++) {
		uint8_t *cut = exact_copy(buf, len);
		struct wire_reader r = wire_reader(cut, len);

		ck_assert(!rows[_i].get(&r));
		free(cut);
	}
}
END_TEST

/* Runs for each kind of row. */
START_TEST(a_row_without_room_does_not_fit)
{
	uint8_t buf[ROW_MAX];
	struct wire_writer whole = wire_writer(buf, sizeof(buf));

	rows[_i].put(&whole);
	for (size_t cap = 0; cap < wire_length(&whole); cap++) {
		uint8_t *room = malloc(cap);
		struct wire_writer w = wire_writer(room, cap);

		rows[_i].put(&w);
		ck_assert(!wire_fits(&w));
		free(room);
	}
}
END_TEST

START_TEST(the_longest_key_fits_in_a_row)
{
	struct key_info k = KEY_SAMPLE;
	uint8_t buf[ROW_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct wire_reader r;
	struct key_info got;

	memset(k.name, 'n', sizeof(k.name) - 1);
	memset(k.project, 'p', sizeof(k.project) - 1);
	memset(k.permissions, 'q', sizeof(k.permissions) - 1);
	memset(k.reason, 'r', sizeof(k.reason) - 1);
	key_put(&w, &k);
	ck_assert(wire_fits(&w));
	r = wire_reader(buf, wire_length(&w));
	key_get(&r, &got);
	ck_assert(wire_done(&r));
	key_same(&got, &k);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("model");
	TCase *tc = tcase_create("model");

	tcase_add_test(tc, an_org_keeps_all_its_fields);
	tcase_add_test(tc, a_member_keeps_all_its_fields);
	tcase_add_test(tc, a_key_keeps_all_its_fields);
	tcase_add_test(tc, a_view_keeps_all_its_fields);
	tcase_add_test(tc, a_key_without_links_is_read_up_to_them);
	tcase_add_test(tc, a_member_is_the_bytes_that_the_document_says);
	tcase_add_loop_test(tc, a_row_cut_short_is_refused, 0, ROWS);
	tcase_add_loop_test(tc, a_row_without_room_does_not_fit, 0, ROWS);
	tcase_add_test(tc, the_longest_key_fits_in_a_row);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
