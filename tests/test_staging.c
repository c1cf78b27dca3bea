/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "keys.h"
#include "names.h"
#include "staging.h"
#include "suite.h"

static struct scratch scratch;
static struct asker a;

static void
setup(void)
{
	scratch_open(&scratch);
	asker_open(&a, &scratch);
	ask_org(&a, "acme");
	ask_member(&a, "acme", "alice", "editor");
	ask_member(&a, "acme", "tom", "tester");
}

static void
teardown(void)
{
	asker_close(&a);
	scratch_close(&scratch);
}

static const struct reply *
step(uint8_t type, uint64_t id)
{
	const struct request req = { .type = type, .import = { .id = id } };

	return ask(&a, &req);
}

static uint64_t
begin(void)
{
	ask_done(step(FRAME_IMPORT_BEGIN, 0));
	ck_assert_uint_eq(a.rep.import.left, 0);
	return a.rep.import.id;
}

static struct import_row
row_of(uint8_t n, const char *name)
{
	struct import_row row = { .created = ASK_NOW - 5 };

	memset(row.digest, n, sizeof(row.digest));
	strlcpy(row.org, "acme", sizeof(row.org));
	strlcpy(row.user, "alice", sizeof(row.user));
	strlcpy(row.name, name, sizeof(row.name));
	return row;
}

static const struct reply *
send_rows(uint64_t id, const struct import_row *rows, uint16_t count)
{
	static uint8_t bytes[8192];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct request req = { .type = FRAME_IMPORT_ROWS,
		.import = { .id = id, .count = count } };

	for (unsigned i = 0; i < count; i++)
		import_row_put(&w, &rows[i]);
	ck_assert(wire_fits(&w));
	req.import.rows = (struct span){ bytes, wire_length(&w) };
	return ask(&a, &req);
}

static void
send_good(uint64_t id, uint8_t from, unsigned count)
{
	struct import_row rows[16];
	char name[16];

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "n%u", from + i);
		rows[i] = row_of((uint8_t)(from + i), name);
	}
	ask_done(send_rows(id, rows, (uint16_t)count));
	ck_assert_uint_eq(a.rep.import.fault, 0);
}

static unsigned
listed(void)
{
	struct request req = { .type = FRAME_LIST };

	ask_done(ask(&a, &req));
	return a.rep.page.count;
}

START_TEST(keys_are_there_when_the_import_is_done_and_not_before)
{
	uint64_t id = begin();

	send_good(id, 10, 3);
	send_good(id, 13, 2);
	ck_assert_uint_eq(a.rep.import.done, 5);
	ck_assert_int_eq(ask_verify(&a, 10, "", ""), VERDICT_UNKNOWN);
	ck_assert_uint_eq(listed(), 0);
	ask_done(step(FRAME_IMPORT_COMMIT, id));
	ck_assert_uint_eq(a.rep.import.done, 5);
	ck_assert_int_eq(ask_verify(&a, 10, "", ""), VERDICT_OK);
	ck_assert_int_eq(ask_verify(&a, 14, "", ""), VERDICT_OK);
	ck_assert_uint_eq(listed(), 5);
	/* A lost answer is asked for again. */
	ask_done(step(FRAME_IMPORT_COMMIT, id));
	ck_assert_uint_eq(a.rep.import.done, 5);
	ask_refused(step(FRAME_IMPORT_COMMIT, id + 1), ERROR_NOT_FOUND);
	ask_refused(step(FRAME_IMPORT_ABORT, id), ERROR_NOT_FOUND);
}
END_TEST

START_TEST(what_is_aborted_leaves_nothing)
{
	struct store_size size;
	uint64_t id = begin();
	char key[KEY_ID_SIZE];

	send_good(id, 10, 8);
	ask_done(step(FRAME_IMPORT_ABORT, id));
	ck_assert_uint_eq(a.rep.import.left, 0);
	ck_assert_int_eq(store_measure(scratch_view(&scratch), &size),
	    STORE_OK);
	store_view_reset(scratch.store);
	ck_assert_uint_eq(size.entries[TABLE_KEYS], 0);
	ck_assert_uint_eq(size.entries[TABLE_HASHES], 0);
	ck_assert_uint_eq(size.entries[TABLE_NAMES], 0);
	ck_assert_uint_eq(size.entries[TABLE_OWNERS], 0);
	ask_refused(send_rows(id, NULL, 0), ERROR_NOT_FOUND);
	ask_refused(step(FRAME_IMPORT_COMMIT, id), ERROR_NOT_FOUND);
	ask_key(&a, 10, "acme", "alice", "n10", key);
	ck_assert_int_eq(ask_verify(&a, 10, "", ""), VERDICT_OK);
}
END_TEST

START_TEST(an_abandoned_import_is_cleaned_up_by_the_next)
{
	uint64_t id = begin();

	send_good(id, 10, 8);
	ask_refused(step(FRAME_IMPORT_BEGIN, 0), ERROR_BUSY);
	a.now += 31;
	ck_assert_uint_eq(begin(), id + 1);
	ask_refused(step(FRAME_IMPORT_COMMIT, id), ERROR_NOT_FOUND);
	send_good(id + 1, 10, 8);
	ask_done(step(FRAME_IMPORT_COMMIT, id + 1));
	ck_assert_uint_eq(a.rep.import.done, 8);
	ck_assert_uint_eq(listed(), 8);
}
END_TEST

/* Keys that were made in the meantime stay. */
START_TEST(only_its_own_keys_are_taken_back)
{
	uint64_t id = begin();
	char key[KEY_ID_SIZE];

	send_good(id, 10, 4);
	ask_key(&a, 1, "acme", "alice", "ci", key);
	send_good(id, 14, 4);
	ask_done(step(FRAME_IMPORT_ABORT, id));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	ck_assert_uint_eq(listed(), 1);
}
END_TEST

START_TEST(a_name_or_hash_that_is_staged_is_taken)
{
	uint64_t id = begin();
	struct request req = ask_create(50, "acme", "alice", "n10");
	struct import_row row;

	send_good(id, 10, 1);
	ask_refused(ask(&a, &req), ERROR_EXISTS);
	ck_assert_ptr_nonnull(strstr(a.rep.error.message, "keydctl import"));
	row = row_of(10, "other");
	ask_done(send_rows(id, &row, 1));
	ck_assert_uint_eq(a.rep.import.fault, 1);
	row = row_of(11, "n10");
	ask_done(send_rows(id, &row, 1));
	ck_assert_uint_eq(a.rep.import.fault, 1);
	ck_assert_ptr_nonnull(strstr(a.rep.import.why, "a row before"));
	ck_assert_uint_eq(a.rep.import.done, 1);
}
END_TEST

static void
spoil(struct import_row *row, int how)
{
	switch (how) {
	case 0:
		strlcpy(row->org, "nowhere", sizeof(row->org));
		break;
	case 1:
		strlcpy(row->user, "nobody", sizeof(row->user));
		break;
	case 2:
		strlcpy(row->user, "tom", sizeof(row->user));
		break;
	case 3:
		strlcpy(row->role, "owner", sizeof(row->role));
		break;
	case 4:
		strlcpy(row->context, "none", sizeof(row->context));
		break;
	case 5:
		row->name[0] = '\0';
		break;
	case 6:
		row->created = ASK_NOW + 1;
		break;
	case 7:
		row->expires = ASK_NOW;
		break;
	case 8:
		strlcpy(row->name, "first", sizeof(row->name));
		break;
	case 9:
		memset(row->digest, 30, sizeof(row->digest));
		break;
	default:
		strlcpy(row->project, "\x1b", sizeof(row->project));
		break;
	}
}

START_TEST(the_first_fault_is_named_and_nothing_of_the_request_kept)
{
	uint64_t id = begin();
	struct import_row rows[4] = { row_of(30, "first"), row_of(31, "second"),
		row_of(32, "third"), row_of(33, "fourth") };

	spoil(&rows[2], _i);
	spoil(&rows[3], 0);
	ask_done(send_rows(id, rows, 4));
	ck_assert_uint_eq(a.rep.import.fault, 3);
	ck_assert_str_ne(a.rep.import.why, "");
	ck_assert_uint_eq(a.rep.import.done, 0);
	ask_done(step(FRAME_IMPORT_COMMIT, id));
	ck_assert_uint_eq(listed(), 0);
}
END_TEST

START_TEST(bytes_that_are_no_rows_are_refused)
{
	uint64_t id = begin();
	struct request req = { .type = FRAME_IMPORT_ROWS,
		.import = { .id = id,
		    .count = 1,
		    .rows = { (const uint8_t *)"abc", 3 } } };

	ask_refused(ask(&a, &req), ERROR_MALFORMED);
	req.import.count = 0;
	ask_refused(ask(&a, &req), ERROR_MALFORMED);
	req.import.count = 2000;
	ask_refused(ask(&a, &req), ERROR_INVALID);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("staging");
	TCase *tc = tcase_create("staging");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc,
	    keys_are_there_when_the_import_is_done_and_not_before);
	tcase_add_test(tc, what_is_aborted_leaves_nothing);
	tcase_add_test(tc, an_abandoned_import_is_cleaned_up_by_the_next);
	tcase_add_test(tc, only_its_own_keys_are_taken_back);
	tcase_add_test(tc, a_name_or_hash_that_is_staged_is_taken);
	tcase_add_loop_test(tc,
	    the_first_fault_is_named_and_nothing_of_the_request_kept, 0, 11);
	tcase_add_test(tc, bytes_that_are_no_rows_are_refused);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
