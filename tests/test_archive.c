/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "exact.h"
#include "suite.h"

static const uint8_t key[HASH_KEY_SIZE] = "a hash key of 32 bytes of text.";
static struct secret *secret;
static uint8_t bytes[2 * ARCHIVE_CHUNK_MAX];
static struct wire_writer w;

static void
set_up(void)
{
	ck_assert_int_ge(sodium_init(), 0);
	secret = secret_of(key);
	ck_assert_ptr_nonnull(secret);
	w = wire_writer(bytes, sizeof(bytes));
}

static void
tear_down(void)
{
	secret_close(secret);
}

static const struct archive_end end = { .made = 0x0102030405060708,
	.keys = 0x1112131415161718,
	.rows = 0x2122232425262728,
	.size = 0x3132333435363738 };

/* A chunk with a body of len bytes; where it is. */
static struct span
put_chunk(struct archive *a, enum archive_kind kind, size_t len)
{
	size_t start = wire_length(&w);

	archive_chunk_begin(&w, kind);
	for (size_t i = 0; i < len; i++)
		wire_put_u8(&w, (uint8_t)(i + len));
	archive_chunk_end(a, &w, start);
	ck_assert(wire_fits(&w));
	return (struct span){ bytes + start, wire_length(&w) - start };
}

static struct span
put_end(struct archive *a)
{
	size_t start = wire_length(&w);

	archive_chunk_begin(&w, ARCHIVE_END);
	archive_end_put(&w, &end);
	archive_chunk_end(a, &w, start);
	ck_assert(wire_fits(&w));
	return (struct span){ bytes + start, wire_length(&w) - start };
}

static bool
opens(struct archive a, struct span chunk)
{
	uint8_t *exact = exact_copy(chunk.ptr, chunk.len);
	struct wire_reader body;
	uint8_t kind;
	bool good = archive_chunk_open(&a, (struct span){ exact, chunk.len },
	    &kind, &body);

	free(exact);
	return good;
}

START_TEST(a_chunk_comes_back)
{
	struct archive a, b;
	struct wire_reader body;
	struct span chunk;
	uint8_t kind;

	archive_begin(&a, secret);
	b = a;
	for (size_t len = 0; len < 40; len++) {
		chunk = put_chunk(&a, ARCHIVE_ROWS, len);
		ck_assert(archive_chunk_open(&b, chunk, &kind, &body));
		ck_assert_uint_eq(kind, ARCHIVE_ROWS);
		for (size_t i = 0; i < len; i++)
			ck_assert_uint_eq(wire_get_u8(&body),
			    (uint8_t)(i + len));
		ck_assert(wire_done(&body));
		ck_assert_mem_eq(a.hash, b.hash, sizeof(a.hash));
	}
}
END_TEST

START_TEST(a_chunk_that_is_cut_longer_or_changed_is_none)
{
	struct archive a, before;
	struct span chunk;

	archive_begin(&a, secret);
	before = a;
	chunk = put_chunk(&a, ARCHIVE_ROWS, 21);
	ck_assert(opens(before, chunk));
	for (size_t len = 0; len < chunk.len; len++)
		ck_assert(!opens(before, (struct span){ chunk.ptr, len }));
	ck_assert(!opens(before, (struct span){ chunk.ptr, chunk.len + 1 }));
	for (size_t bit = 0; bit < chunk.len * 8; bit++) {
		uint8_t *flipped = exact_flipped(chunk.ptr, chunk.len, bit);

		ck_assert(!opens(before, (struct span){ flipped, chunk.len }));
		free(flipped);
	}
}
END_TEST

START_TEST(a_chunk_is_good_in_its_place_alone)
{
	struct archive a, first, second;
	struct span one, two;

	archive_begin(&a, secret);
	first = a;
	one = put_chunk(&a, ARCHIVE_ROWS, 5);
	second = a;
	two = put_chunk(&a, ARCHIVE_ROWS, 5);
	ck_assert(opens(first, one) && opens(second, two));
	ck_assert(!opens(first, two) && !opens(second, one));
	ck_assert(!opens(a, one) && !opens(a, two));
}
END_TEST

START_TEST(another_hash_key_has_other_hashes)
{
	uint8_t changed[HASH_KEY_SIZE];
	struct archive a, b;
	struct secret *other;

	memcpy(changed, key, sizeof(changed));
	changed[0] ^= 1;
	other = secret_of(changed);
	archive_begin(&a, secret);
	archive_begin(&b, other);
	ck_assert(!opens(b, put_chunk(&a, ARCHIVE_ROWS, 5)));
	memcpy(b.hash, a.hash, sizeof(b.hash));
	ck_assert(!opens(b, put_chunk(&a, ARCHIVE_ROWS, 5)));
	secret_close(other);
}
END_TEST

START_TEST(a_chunk_without_a_kind_is_none)
{
	struct archive a, before;
	uint8_t hash[CHAIN_SIZE];

	archive_begin(&a, secret);
	before = a;
	wire_put_u32(&w, 0);
	secret_backup(secret, (struct span){ a.hash, CHAIN_SIZE },
	    (struct span){ bytes, wire_length(&w) }, hash);
	wire_put_bytes(&w, hash, sizeof(hash));
	ck_assert(!opens(before, (struct span){ bytes, wire_length(&w) }));
}
END_TEST

START_TEST(a_head_keeps_all_its_fields)
{
	struct archive_head h = { .schema = 0x01020304,
		.made = 0x0102030405060708,
		.software = "keyd 1.2.3",
		.audit_seq = 0x1112131415161718,
		.serial = 0x2122232425262728,
		.keys = 0x3132333435363738,
		.revoked = 0x4142434445464748 };
	struct archive_head got;
	struct wire_reader r;

	memset(h.check, 'c', sizeof(h.check));
	memset(h.audit_hash, 'a', sizeof(h.audit_hash));
	archive_head_put(&w, &h);
	for (size_t len = 0; len <= wire_length(&w); len++) {
		uint8_t *exact = exact_copy(bytes, len);

		r = wire_reader(exact, len);
		archive_head_get(&r, &got);
		ck_assert(wire_done(&r) == (len == wire_length(&w)));
		free(exact);
	}
	ck_assert_uint_eq(got.schema, h.schema);
	ck_assert_int_eq(got.made, h.made);
	ck_assert_str_eq(got.software, h.software);
	ck_assert_mem_eq(got.check, h.check, sizeof(h.check));
	ck_assert_uint_eq(got.audit_seq, h.audit_seq);
	ck_assert_mem_eq(got.audit_hash, h.audit_hash, sizeof(h.audit_hash));
	ck_assert_uint_eq(got.serial, h.serial);
	ck_assert_uint_eq(got.keys, h.keys);
	ck_assert_uint_eq(got.revoked, h.revoked);
}
END_TEST

START_TEST(the_end_is_known_by_its_last_bytes)
{
	uint8_t hash[CHAIN_SIZE];
	struct archive_end got;
	struct archive a;
	struct span last;

	archive_begin(&a, secret);
	(void)put_chunk(&a, ARCHIVE_ROWS, 5);
	last = put_end(&a);
	ck_assert_uint_eq(last.len, ARCHIVE_END_SIZE);
	for (size_t len = 0; len <= wire_length(&w); len++) {
		const uint8_t *from = bytes + wire_length(&w) - len;
		uint8_t *exact = exact_copy(from, len);

		ck_assert(archive_tail_open(secret, (struct span){ exact, len },
			      &got, hash) == (len >= ARCHIVE_TAIL_SIZE));
		free(exact);
	}
	ck_assert_int_eq(got.made, end.made);
	ck_assert_uint_eq(got.keys, end.keys);
	ck_assert_uint_eq(got.rows, end.rows);
	ck_assert_uint_eq(got.size, end.size);
	ck_assert_mem_eq(hash, a.hash, sizeof(hash));
}
END_TEST

START_TEST(an_end_that_was_changed_is_none)
{
	uint8_t hash[CHAIN_SIZE];
	struct archive_end got;
	struct archive a;
	const uint8_t *tail;

	archive_begin(&a, secret);
	(void)put_end(&a);
	memmove(bytes + CHAIN_SIZE, bytes, wire_length(&w));
	archive_begin(&a, secret);
	memcpy(bytes, a.hash, CHAIN_SIZE);
	tail = bytes;
	ck_assert(archive_tail_open(secret,
	    (struct span){ tail, ARCHIVE_TAIL_SIZE }, &got, hash));
	for (size_t bit = 0; bit < ARCHIVE_TAIL_SIZE * 8; bit++) {
		uint8_t *flipped = exact_flipped(tail, ARCHIVE_TAIL_SIZE, bit);

		ck_assert(!archive_tail_open(secret,
		    (struct span){ flipped, ARCHIVE_TAIL_SIZE }, &got, hash));
		free(flipped);
	}
}
END_TEST

/* Rows of the same length are no end. */
START_TEST(what_is_no_end_is_none)
{
	uint8_t hash[CHAIN_SIZE];
	struct archive_end got;
	struct archive a;

	archive_begin(&a, secret);
	wire_put_bytes(&w, a.hash, CHAIN_SIZE);
	(void)put_chunk(&a, ARCHIVE_ROWS, 4 * sizeof(uint64_t));
	ck_assert_uint_eq(wire_length(&w), ARCHIVE_TAIL_SIZE);
	ck_assert(!archive_tail_open(secret,
	    (struct span){ bytes, wire_length(&w) }, &got, hash));
}
END_TEST

START_TEST(a_chunk_has_room_to_its_last_byte)
{
	struct archive a;
	size_t row = 7;

	archive_begin(&a, secret);
	wire_put_u32(&w, 0);
	archive_chunk_begin(&w, ARCHIVE_ROWS);
	while (archive_has_room(&w, 4, row)) {
		wire_put_span(&w, (struct span){ bytes, row });
		wire_put_span(&w, (struct span){ bytes, 0 });
	}
	while (archive_has_room(&w, 4, 0)) {
		wire_put_u16(&w, 0);
		wire_put_u16(&w, 0);
	}
	archive_chunk_end(&a, &w, 4);
	ck_assert_uint_le(wire_length(&w) - 4, ARCHIVE_CHUNK_MAX);
	ck_assert_uint_gt(wire_length(&w) - 4, ARCHIVE_CHUNK_MAX - 4);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("archive");
	TCase *tc = tcase_create("archive");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_chunk_comes_back);
	tcase_add_test(tc, a_chunk_that_is_cut_longer_or_changed_is_none);
	tcase_add_test(tc, a_chunk_is_good_in_its_place_alone);
	tcase_add_test(tc, another_hash_key_has_other_hashes);
	tcase_add_test(tc, a_chunk_without_a_kind_is_none);
	tcase_add_test(tc, a_head_keeps_all_its_fields);
	tcase_add_test(tc, the_end_is_known_by_its_last_bytes);
	tcase_add_test(tc, an_end_that_was_changed_is_none);
	tcase_add_test(tc, what_is_no_end_is_none);
	tcase_add_test(tc, a_chunk_has_room_to_its_last_byte);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
