/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "backup.h"
#include "last_backup.h"
#include "schema.h"
#include "scratch.h"
#include "suite.h"

#define PIECE_MAX (ARCHIVE_MAGIC_LEN + ARCHIVE_CHUNK_MAX)

static struct scratch s;
static struct backup b;
static uint8_t piece[PIECE_MAX];

static void
set_up(void)
{
	scratch_open(&s);
}

static void
tear_down(void)
{
	scratch_close(&s);
}

static void
put_many(enum table table, unsigned count, size_t size)
{
	struct store_txn *t = scratch_begin(&s);
	static uint8_t value[4096];
	uint8_t key[4];

	for (unsigned i = 0; i < count; i++) {
		struct wire_writer w = wire_writer(key, sizeof(key));

		wire_put_u32(&w, i);
		memset(value, (int)i, size);
		ck_assert_int_eq(store_put(t, table,
				     (struct span){ key, sizeof(key) },
				     (struct span){ value, size }),
		    STORE_OK);
	}
	scratch_commit(t);
}

/* What was read of a file. */
struct found {
	struct archive archive;
	struct archive_head head;
	struct archive_end end;
	unsigned chunks;
	unsigned rows;
	unsigned of[TABLE_COUNT];
	size_t size;
	bool ended;
};

static enum table
table_of(const char *name)
{
	for (unsigned i = 0; i < TABLE_COUNT; i++)
		if (strcmp(store_table_name(i), name) == 0)
			return (enum table)i;
	ck_abort_msg("there is no table %s", name);
	return TABLE_COUNT;
}

/* Each row is in the store that t sees, as it is. */
static void
take_rows(struct found *f, struct store_txn *t, struct wire_reader *r)
{
	char name[ARCHIVE_TABLE_SIZE];
	enum table table;

	wire_get_text(r, name, sizeof(name));
	table = table_of(name);
	ck_assert(r->at < r->end);
	while (!r->bad && r->at < r->end) {
		struct span key = wire_get_span(r, ARCHIVE_KEY_MAX);
		struct span value = wire_get_span(r, PIECE_MAX), there;

		ck_assert_int_eq(store_get(t, table, key, &there), STORE_OK);
		ck_assert_uint_eq(there.len, value.len);
		if (value.len > 0)
			ck_assert_mem_eq(there.ptr, value.ptr, value.len);
		f->rows++;
		f->of[table]++;
	}
	ck_assert(wire_done(r));
}

static void
take_chunk(struct found *f, struct store_txn *t, struct span chunk)
{
	struct wire_reader body;
	uint8_t kind;

	ck_assert_uint_le(chunk.len, ARCHIVE_CHUNK_MAX);
	ck_assert(!f->ended);
	ck_assert(archive_chunk_open(&f->archive, chunk, &kind, &body));
	ck_assert((kind == ARCHIVE_HEAD) == (f->chunks == 0));
	f->chunks++;
	f->size += chunk.len;
	if (kind == ARCHIVE_HEAD) {
		archive_head_get(&body, &f->head);
		ck_assert(wire_done(&body));
	} else if (kind == ARCHIVE_ROWS) {
		take_rows(f, t, &body);
	} else {
		archive_end_get(&body, &f->end);
		ck_assert(wire_done(&body));
		f->ended = true;
	}
}

/* Makes one of the snapshot, and reads it. */
static struct found
make(struct store_txn *t)
{
	struct wire_writer w = wire_writer(piece, sizeof(piece));
	struct found f = { .size = ARCHIVE_MAGIC_LEN };

	archive_begin(&f.archive, s.secret);
	ck_assert_int_eq(backup_begin(&b, t, 12345, &w), STORE_OK);
	ck_assert_mem_eq(piece, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN);
	take_chunk(&f, t,
	    (struct span){ piece + ARCHIVE_MAGIC_LEN,
		wire_length(&w) - ARCHIVE_MAGIC_LEN });
	while (!b.ended) {
		w = wire_writer(piece, ARCHIVE_CHUNK_MAX);
		ck_assert_uint_eq(b.size, f.size);
		ck_assert_int_eq(backup_next(&b, t, &w), STORE_OK);
		take_chunk(&f, t, (struct span){ piece, wire_length(&w) });
	}
	ck_assert(f.ended);
	ck_assert_uint_eq(f.end.rows, f.rows);
	ck_assert_uint_eq(f.end.size, f.size);
	ck_assert_int_eq(f.end.made, 12345);
	return f;
}

static struct store_txn *
snapshot(void)
{
	struct store_txn *t;

	ck_assert_int_eq(store_snapshot(s.store, &t), STORE_OK);
	return t;
}

START_TEST(an_empty_one_has_a_head_and_an_end)
{
	struct store_txn *t = snapshot();
	struct found f = make(t);

	ck_assert_uint_eq(f.rows, 0);
	ck_assert_uint_eq(f.chunks, 2);
	ck_assert_uint_eq(f.head.schema, SCHEMA_VERSION);
	ck_assert_uint_eq(f.head.keys, 0);
	ck_assert_int_eq(f.head.made, 12345);
	ck_assert_mem_eq(f.head.check, secret_check(s.secret), CHECK_SIZE);
	store_snapshot_end(t);
}
END_TEST

/* Runs for sizes of a value up to the greatest there is. */
START_TEST(every_row_is_in_it_once)
{
	size_t size = (size_t)_i * 40;
	struct store_txn *t;
	struct found f;

	for (unsigned i = TABLE_ORGS; i < TABLE_COUNT; i++)
		put_many(i, 97, size);
	t = snapshot();
	f = make(t);
	for (unsigned i = TABLE_ORGS; i < TABLE_COUNT; i++)
		ck_assert_uint_eq(f.of[i],
		    i == TABLE_LIMITS || i == TABLE_IDS ? 0 : 97);
	ck_assert_uint_eq(f.head.keys, 97);
	ck_assert_uint_eq(f.end.keys, 97);
	store_snapshot_end(t);
}
END_TEST

START_TEST(what_is_of_this_database_alone_is_left_out)
{
	struct store_txn *t = scratch_begin(&s);
	struct last_backup last = { .made = 1 };
	struct found f;

	ck_assert_int_eq(last_backup_put(t, &last), STORE_OK);
	ck_assert_int_eq(store_put_number(t, TABLE_META, text_span("uses"), 7),
	    STORE_OK);
	ck_assert_int_eq(store_put_number(t, TABLE_META, text_span("serial"),
			     9),
	    STORE_OK);
	ck_assert_int_eq(store_put_number(t, TABLE_META, text_span("revoked"),
			     3),
	    STORE_OK);
	scratch_commit(t);
	t = snapshot();
	f = make(t);
	ck_assert_uint_eq(f.of[TABLE_META], 2);
	ck_assert_uint_eq(f.head.serial, 9);
	ck_assert_uint_eq(f.head.revoked, 3);
	ck_assert(backup_leaves_out(TABLE_META, text_span("schema")));
	ck_assert(!backup_leaves_out(TABLE_META, text_span("schema2")));
	ck_assert(!backup_leaves_out(TABLE_META, text_span("schem")));
	ck_assert(!backup_leaves_out(TABLE_ORGS, text_span("schema")));
	store_snapshot_end(t);
}
END_TEST

START_TEST(a_snapshot_does_not_see_what_comes_after_it)
{
	struct store_txn *t;
	struct found f;

	put_many(TABLE_KEYS, 50, 100);
	t = snapshot();
	put_many(TABLE_KEYS, 300, 200);
	put_many(TABLE_ORGS, 300, 200);
	f = make(t);
	ck_assert_uint_eq(f.of[TABLE_KEYS], 50);
	ck_assert_uint_eq(f.of[TABLE_ORGS], 0);
	store_snapshot_end(t);
	t = snapshot();
	f = make(t);
	ck_assert_uint_eq(f.of[TABLE_KEYS], 300);
	store_snapshot_end(t);
	store_snapshot_end(NULL);
}
END_TEST

START_TEST(a_damaged_row_ends_it)
{
	struct wire_writer w = wire_writer(piece, sizeof(piece));
	struct store_txn *t;
	struct span value;
	const uint8_t key[4] = { 0, 0, 0, 5 };

	put_many(TABLE_KEYS, 9, 100);
	t = scratch_view(&s);
	ck_assert_int_eq(store_get(t, TABLE_KEYS,
			     (struct span){ key, sizeof(key) }, &value),
	    STORE_OK);
	scratch_flip(&s, value.ptr, 77);
	store_view_reset(s.store);
	t = snapshot();
	ck_assert_int_eq(backup_begin(&b, t, 1, &w), STORE_OK);
	ck_assert_int_eq(backup_next(&b, t, &w), STORE_DAMAGED);
	store_snapshot_end(t);
}
END_TEST

START_TEST(the_last_one_is_remembered)
{
	struct last_backup last, got;
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(last_backup_get(t, &got), STORE_OK);
	ck_assert_int_eq(got.made, 0);
	last = (struct last_backup){ .made = 0x0102030405060708,
		.keys = 0x1112131415161718,
		.size = 0x2122232425262728 };
	memset(last.hash, 'h', sizeof(last.hash));
	ck_assert_int_eq(last_backup_put(t, &last), STORE_OK);
	scratch_commit(t);
	t = scratch_begin(&s);
	ck_assert_int_eq(last_backup_get(t, &got), STORE_OK);
	ck_assert_int_eq(got.made, last.made);
	ck_assert_uint_eq(got.keys, last.keys);
	ck_assert_uint_eq(got.size, last.size);
	ck_assert_mem_eq(got.hash, last.hash, sizeof(got.hash));
	ck_assert_int_eq(store_put(t, TABLE_META, text_span(LAST_BACKUP),
			     text_span("x")),
	    STORE_OK);
	ck_assert_int_eq(last_backup_get(t, &got), STORE_DAMAGED);
	store_abort(t);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("backup");
	TCase *tc = tcase_create("backup");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, an_empty_one_has_a_head_and_an_end);
	tcase_add_loop_test(tc, every_row_is_in_it_once, 1, 100);
	tcase_add_test(tc, what_is_of_this_database_alone_is_left_out);
	tcase_add_test(tc, a_snapshot_does_not_see_what_comes_after_it);
	tcase_add_test(tc, a_damaged_row_ends_it);
	tcase_add_test(tc, the_last_one_is_remembered);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
