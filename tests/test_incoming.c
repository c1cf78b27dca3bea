/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "backup_bytes.h"
#include "exact.h"
#include "incoming.h"
#include "schema.h"
#include "suite.h"

#define NOW 1700000000
#define ONE 1 /* clients */
#define OTHER 2

static struct scratch s;
static struct incoming *in;
static struct backup_bytes good, bad;
static char why[MESSAGE_SIZE];

static void
put(enum table table, unsigned count, size_t size)
{
	struct store_txn *t = scratch_begin(&s);
	static uint8_t value[4096];
	uint8_t key[8];

	for (unsigned i = 1; i <= count; i++) {
		struct wire_writer w = wire_writer(key, sizeof(key));

		wire_put_u64(&w, i);
		memset(value, (int)i, size);
		ck_assert_int_eq(store_put(t, table,
				     (struct span){ key, sizeof(key) },
				     (struct span){ value, size }),
		    STORE_OK);
	}
	scratch_commit(t);
}

static void
set_up(void)
{
	scratch_open(&s);
	put(TABLE_ORGS, 3, 20);
	put(TABLE_KEYS, 5, 40);
	backup_bytes_make(&good, &s, NOW);
	in = incoming_new(s.state.dir_fd);
	ck_assert_ptr_nonnull(in);
}

static void
tear_down(void)
{
	incoming_free(in);
	incoming_free(NULL);
	scratch_close(&s);
}

static bool
begin(const struct backup_bytes *b)
{
	return incoming_begin(in, s.secret, ONE, NOW, backup_bytes_piece(b, 0),
	    why);
}

/* As far as it is taken: is it whole? */
static bool
take(const struct backup_bytes *b)
{
	struct span piece = backup_bytes_piece(b, 0);
	size_t at = piece.len;

	if (piece.len == 0 || !begin(b))
		return false;
	while ((piece = backup_bytes_piece(b, at)).len > 0) {
		uint8_t *exact = exact_copy(piece.ptr, piece.len);
		bool taken = incoming_add(in, NOW,
		    (struct span){ exact, piece.len }, why);

		free(exact);
		if (!taken) {
			ck_assert(!incoming_is_of(in, ONE));
			return false;
		}
		at += piece.len;
		ck_assert_uint_eq(incoming_size(in), at);
	}
	return at == b->len && incoming_is_whole(in);
}

/* The rows of each table, all of them or -1. */
static int
count_rows(const char *name)
{
	char table[ARCHIVE_TABLE_SIZE];
	struct span key, value;
	struct wire_reader rows;
	uint64_t at = 0;
	int count = 0;

	while (incoming_rows(in, &at, table, &rows)) {
		while (archive_row_get(&rows, &key, &value))
			count += strcmp(table, name) == 0;
		ck_assert(wire_done(&rows));
	}
	return at == 0 ? count : -1;
}

static unsigned
files(void)
{
	DIR *d = opendir(s.dir);
	unsigned count = 0;

	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		count += strstr(e->d_name, "restore") != NULL;
	closedir(d);
	return count;
}

START_TEST(what_keyd_made_is_taken)
{
	ck_assert(take(&good));
	ck_assert_int_eq(incoming_head(in)->made, NOW);
	ck_assert_uint_eq(incoming_head(in)->keys, 5);
	ck_assert_mem_eq(incoming_hash(in), good.bytes + good.len - CHAIN_SIZE,
	    CHAIN_SIZE);
	ck_assert_int_eq(count_rows("keys"), 5);
	ck_assert_int_eq(count_rows("orgs"), 3);
	ck_assert_int_eq(count_rows("audit"), 0);
	ck_assert_uint_eq(files(), 0);
	ck_assert(take(&good));
}
END_TEST

START_TEST(many_chunks_are_taken)
{
	put(TABLE_KEYS, 500, 1000);
	backup_bytes_make(&good, &s, NOW);
	ck_assert(take(&good));
	ck_assert_int_eq(count_rows("keys"), 500);
}
END_TEST

/* In each byte one bit, and another one each time. */
START_TEST(one_bit_makes_it_another_file)
{
	for (size_t at = 0; at < good.len; at++) {
		bad = good;
		bad.bytes[at] ^= (uint8_t)(1U << at % 8);
		ck_assert_msg(!take(&bad), "byte %zu may be changed", at);
	}
}
END_TEST

START_TEST(a_file_that_is_cut_is_none)
{
	for (size_t len = 0; len < good.len; len++) {
		bad = good;
		bad.len = len;
		ck_assert(!take(&bad));
	}
}
END_TEST

/* Each chunk is left out, or comes twice. */
START_TEST(chunks_may_not_be_moved)
{
	size_t at = backup_bytes_piece(&good, 0).len;
	struct span chunk;

	while ((chunk = backup_bytes_piece(&good, at)).len > 0) {
		bad = good;
		memmove(bad.bytes + at, bad.bytes + at + chunk.len,
		    bad.len - at - chunk.len);
		bad.len -= chunk.len;
		ck_assert(!take(&bad));
		bad = good;
		memmove(bad.bytes + at + chunk.len, bad.bytes + at,
		    bad.len - at);
		bad.len += chunk.len;
		ck_assert(!take(&bad));
		at += chunk.len;
	}
}
END_TEST

START_TEST(two_files_may_not_be_joined)
{
	size_t at = backup_bytes_piece(&good, 0).len;
	struct span end;

	put(TABLE_KEYS, 6, 40);
	backup_bytes_make(&bad, &s, NOW);
	ck_assert(take(&bad));
	end = backup_bytes_piece(&bad, at);
	memcpy(bad.bytes, good.bytes, at);
	ck_assert(!take(&bad));
	ck_assert_uint_gt(end.len, 0);
}
END_TEST

START_TEST(nothing_is_behind_the_end)
{
	ck_assert(take(&good));
	ck_assert(!incoming_add(in, NOW, (struct span){ good.bytes, 60 }, why));
	ck_assert(!incoming_is_of(in, ONE));
}
END_TEST

START_TEST(another_hash_key_is_named)
{
	struct scratch other;

	scratch_open(&other);
	other.hash_key[0] ^= 1;
	secret_close(other.secret);
	other.secret = secret_of(other.hash_key);
	ck_assert(!incoming_begin(in, other.secret, ONE, NOW,
	    backup_bytes_piece(&good, 0), why));
	ck_assert_ptr_nonnull(strstr(why, "another hash key"));
	bad = good;
	bad.bytes[3] = 'x';
	ck_assert(!begin(&bad));
	ck_assert_ptr_nonnull(strstr(why, "no backup of keyd"));
	bad = good;
	bad.bytes[backup_bytes_piece(&good, 0).len - 1] ^= 1;
	ck_assert(!begin(&bad));
	ck_assert_ptr_nonnull(strstr(why, "changed or cut"));
	scratch_close(&other);
}
END_TEST

/* A file whose hashes are right, with whatever head and end. */
static void
seal(uint32_t schema, uint64_t keys, uint64_t rows, bool second_head)
{
	const struct archive_head head = { .schema = schema,
		.made = NOW,
		.keys = 7 };
	struct archive_head h = head;
	struct wire_writer w = wire_writer(bad.bytes, sizeof(bad.bytes));
	struct archive_end end = { .made = NOW, .keys = keys, .rows = rows };
	struct archive a;
	size_t start;

	memcpy(h.check, secret_check(s.secret), sizeof(h.check));
	archive_begin(&a, s.secret);
	wire_put_bytes(&w, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN);
	for (int i = 0; i < 1 + second_head; i++) {
		start = wire_length(&w);
		archive_chunk_begin(&w, ARCHIVE_HEAD);
		archive_head_put(&w, &h);
		archive_chunk_end(&a, &w, start);
	}
	start = wire_length(&w);
	end.size = start + ARCHIVE_END_SIZE;
	archive_chunk_begin(&w, ARCHIVE_END);
	archive_end_put(&w, &end);
	archive_chunk_end(&a, &w, start);
	bad.len = wire_length(&w);
}

START_TEST(the_end_must_be_that_of_the_head)
{
	seal(SCHEMA_VERSION, 7, 0, false);
	ck_assert(take(&bad));
	seal(SCHEMA_VERSION, 8, 0, false);
	ck_assert(!take(&bad));
	seal(SCHEMA_VERSION, 7, 1, false);
	ck_assert(!take(&bad));
	seal(SCHEMA_VERSION, 7, 0, true);
	ck_assert(!take(&bad));
	seal(SCHEMA_VERSION + 1, 7, 0, false);
	ck_assert(!take(&bad));
	ck_assert_ptr_nonnull(strstr(why, "newer keyd"));
}
END_TEST

START_TEST(it_is_its_clients)
{
	ck_assert(!incoming_is_busy(in, ONE, NOW));
	ck_assert(begin(&good));
	ck_assert(incoming_is_of(in, ONE) && !incoming_is_of(in, OTHER));
	ck_assert(!incoming_is_busy(in, ONE, NOW));
	ck_assert(incoming_is_busy(in, OTHER, NOW));
	ck_assert(incoming_is_busy(in, OTHER, NOW + INCOMING_SILENCE - 1));
	ck_assert(!incoming_is_busy(in, OTHER, NOW + INCOMING_SILENCE));
	ck_assert(!incoming_is_busy(in, OTHER, NOW - 1));
	incoming_drop(in);
	ck_assert(!incoming_is_of(in, ONE));
	ck_assert(!incoming_is_busy(in, OTHER, NOW));
}
END_TEST

/* What cannot be a place of a chunk leads nowhere. */
START_TEST(any_place_may_be_asked_for)
{
	char table[ARCHIVE_TABLE_SIZE];
	size_t first = backup_bytes_piece(&good, 0).len;
	struct wire_reader rows;
	unsigned found = 0;

	ck_assert(take(&good));
	for (uint64_t at = 1; at < good.len + 100; at++) {
		uint64_t next = at;

		if (!incoming_rows(in, &next, table, &rows))
			continue;
		ck_assert_uint_ge(at, first);
		ck_assert_uint_gt(next, at);
		found++;
	}
	ck_assert_uint_eq(found, 2);
	for (uint64_t at = UINT64_MAX; at > UINT64_MAX - 99; at--) {
		uint64_t next = at;

		ck_assert(!incoming_rows(in, &next, table, &rows));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("incoming");
	TCase *tc = tcase_create("incoming");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_keyd_made_is_taken);
	tcase_add_test(tc, many_chunks_are_taken);
	tcase_add_test(tc, one_bit_makes_it_another_file);
	tcase_add_test(tc, a_file_that_is_cut_is_none);
	tcase_add_test(tc, chunks_may_not_be_moved);
	tcase_add_test(tc, two_files_may_not_be_joined);
	tcase_add_test(tc, nothing_is_behind_the_end);
	tcase_add_test(tc, another_hash_key_is_named);
	tcase_add_test(tc, the_end_must_be_that_of_the_head);
	tcase_add_test(tc, it_is_its_clients);
	tcase_add_test(tc, any_place_may_be_asked_for);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
