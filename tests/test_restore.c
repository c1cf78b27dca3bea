/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "audit.h"
#include "backup_bytes.h"
#include "desk.h"
#include "keys.h"
#include "last_backup.h"
#include "last_restore.h"
#include "names.h"
#include "schema.h"
#include "staging.h"
#include "suite.h"
#include "usage.h"

static struct scratch s, other;
static struct asker a, b; /* of the one, and of another with the same key */
static struct backup_bytes file;
static char id[4][KEY_ID_SIZE];
static uint8_t mark[RESTORE_MARK_SIZE] = "drawn for it";

/* Four keys, of which the last is revoked, in the file and in s. */
static void
set_up(void)
{
	char name[] = "key 0";

	scratch_open(&s);
	scratch_open(&other);
	asker_open(&a, &s);
	asker_open(&b, &other);
	ask_people(&a);
	for (uint8_t i = 0; i < 4; i++) {
		name[4] = (char)('0' + i);
		ask_key(&a, (uint8_t)(i + 1), "acme", "eddy", name, id[i]);
	}
	ask_done(ask_revoke(&a, id[3]));
	backup_bytes_make(&file, &s, ASK_NOW);
}

static void
tear_down(void)
{
	asker_close(&a);
	asker_close(&b);
	scratch_close(&s);
	scratch_close(&other);
}

static const struct reply *
step(struct asker *k, uint8_t type, uint64_t at, struct span bytes, bool force)
{
	const struct request req = { .type = type,
		.restore = { .at = at, .force = force, .bytes = bytes } };

	return ask(k, &req);
}

static void
send_file(struct asker *k)
{
	struct span piece = backup_bytes_piece(&file, 0);
	size_t at = 0;

	ask_done(step(k, FRAME_RESTORE_BEGIN, 0, piece, false));
	at += piece.len;
	while ((piece = backup_bytes_piece(&file, at)).len > 0) {
		ck_assert(!k->rep.restore.whole);
		ask_done(step(k, FRAME_RESTORE_CHUNK, at, piece, false));
		at += piece.len;
		ck_assert_uint_eq(k->rep.restore.at, at);
	}
	ck_assert(k->rep.restore.whole);
}

static const struct reply *
commit(struct asker *k, bool force)
{
	return step(k, FRAME_RESTORE_COMMIT, file.len,
	    (struct span){ mark, sizeof(mark) }, force);
}

static void
restore(struct asker *k, bool force)
{
	send_file(k);
	ask_done(commit(k, force));
}

static void
ck_as_in_the_file(struct asker *k)
{
	for (uint8_t i = 0; i < 3; i++)
		ck_assert_int_eq(ask_verify(k, (uint8_t)(i + 1), "", ""),
		    VERDICT_OK);
	ck_assert_int_eq(ask_verify(k, 4, "", ""), VERDICT_REVOKED);
}

static void
ck_log_is_whole(struct scratch *at)
{
	struct reply_checked found;

	ck_assert_int_eq(audit_check(scratch_view(at), 0, 9999, &found),
	    STORE_OK);
	ck_assert_uint_eq(found.broken, 0);
	store_view_reset(at->store);
}

static uint64_t
last_event(struct scratch *at)
{
	uint64_t last, kept;

	ck_assert_int_eq(audit_extent(scratch_view(at), &last, &kept),
	    STORE_OK);
	store_view_reset(at->store);
	return last;
}

START_TEST(a_new_database_becomes_what_the_file_tells)
{
	struct last_backup last;

	restore(&b, false);
	ck_assert_uint_eq(b.rep.restore.keys, 4);
	ck_assert_uint_eq(b.rep.restore.present, 0);
	ck_assert_uint_eq(b.rep.restore.back, 0);
	ck_as_in_the_file(&b);
	ck_log_is_whole(&other);
	ck_assert_uint_eq(last_event(&other), last_event(&s) + 1);
	ck_assert_int_eq(last_backup_get(scratch_view(&other), &last),
	    STORE_OK);
	ck_assert_int_eq(last.made, ASK_NOW);
	ck_assert_uint_eq(last.size, file.len);
	store_view_reset(other.store);
	ask_key(&b, 9, "acme", "eddy", "more", id[0]);
	ck_assert_int_eq(ask_verify(&b, 9, "", ""), VERDICT_OK);
	ck_log_is_whole(&other);
}
END_TEST

/* What the new one had in its log comes behind that of the file. */
START_TEST(the_log_of_a_new_one_goes_on)
{
	const struct request stranger = { .type = FRAME_ORG_ADD,
		.org = { .slug = "NO" } };

	ask_refused(ask(&b, &stranger), ERROR_INVALID);
	ask_refused(ask(&b, &stranger), ERROR_INVALID);
	ck_assert_uint_eq(last_event(&other), 2);
	restore(&b, false);
	ck_log_is_whole(&other);
	ck_assert_uint_eq(last_event(&other), last_event(&s) + 3);
}
END_TEST

START_TEST(the_same_again_changes_nothing)
{
	restore(&a, false);
	ck_as_in_the_file(&a);
	ck_log_is_whole(&s);
}
END_TEST

/* What is to be said of a file, all parts together. */
static struct reply_restore
check(struct asker *k)
{
	struct reply_restore all;
	uint64_t at = 0;

	ask_done(
	    step(k, FRAME_RESTORE_CHECK, 0, (struct span){ NULL, 0 }, false));
	all = k->rep.restore;
	while ((at = k->rep.restore.at) != 0) {
		ask_done(step(k, FRAME_RESTORE_CHECK, at,
		    (struct span){ NULL, 0 }, false));
		all.known += k->rep.restore.known;
		all.back += k->rep.restore.back;
	}
	return all;
}

START_TEST(a_revoked_key_does_not_come_back_unasked)
{
	struct reply_restore is;
	uint64_t last;

	ask_done(ask_revoke(&a, id[1]));
	send_file(&a);
	is = check(&a);
	ck_assert(is.needs_force);
	ck_assert_uint_eq(is.present, 4);
	ck_assert_uint_eq(is.known, 4);
	ck_assert_uint_eq(is.back, 1);
	ck_assert_uint_eq(is.changes, 1);
	ck_assert_uint_eq(is.ids.len, KEY_ID_LEN);
	ck_assert_mem_eq(is.ids.ptr, id[1], KEY_ID_LEN);
	last = last_event(&s);
	ask_refused(commit(&a, false), ERROR_EXISTS);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_REVOKED);
	ck_assert_uint_eq(last_event(&s), last + 1);
	ask_done(commit(&a, true));
	ck_assert_uint_eq(a.rep.restore.back, 1);
	ck_as_in_the_file(&a);
	ck_log_is_whole(&s);
}
END_TEST

static bool
find_restore(void *arg, const struct event *e)
{
	if (e->what == FRAME_RESTORE_COMMIT && e->outcome == 0)
		*(struct event *)arg = *e;
	return true;
}

START_TEST(the_log_names_who_came_back)
{
	struct event e = { .seq = 0 };
	uint64_t at;

	ask_done(ask_revoke(&a, id[0]));
	ask_done(ask_revoke(&a, id[2]));
	restore(&a, true);
	ck_assert_int_eq(audit_walk(scratch_view(&s), 0, find_restore, &e, &at),
	    STORE_OK);
	store_view_reset(s.store);
	ck_assert_uint_eq(e.ids, 2);
	ck_assert_str_eq(e.id[0], id[0]);
	ck_assert_str_eq(e.id[1], id[2]);
	ck_assert_uint_eq(e.count, 4);
	ck_assert_str_eq(e.org, "acme");
}
END_TEST

START_TEST(an_expired_key_comes_back_by_a_later_end)
{
	struct request req = { .type = FRAME_ROTATE };

	strlcpy(req.rotate.id, id[0], sizeof(req.rotate.id));
	memset(req.rotate.digest, 77, sizeof(req.rotate.digest));
	req.rotate.has_grace = true;
	ask_done(ask(&a, &req));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_EXPIRED);
	send_file(&a);
	ck_assert_uint_eq(check(&a).back, 1);
	ask_refused(commit(&a, false), ERROR_EXISTS);
	ask_done(commit(&a, true));
	ck_as_in_the_file(&a);
	ck_assert_int_eq(ask_verify(&a, 77, "", ""), VERDICT_UNKNOWN);
}
END_TEST

START_TEST(a_later_key_is_not_lost_unasked)
{
	struct reply_restore is;
	char more[KEY_ID_SIZE];

	ask_key(&a, 9, "acme", "eddy", "more", more);
	send_file(&a);
	is = check(&a);
	ck_assert_uint_eq(is.present - is.known, 1);
	ck_assert_uint_eq(is.back, 0);
	ask_refused(commit(&a, false), ERROR_EXISTS);
	ck_assert_int_eq(ask_verify(&a, 9, "", ""), VERDICT_OK);
	ask_done(commit(&a, true));
	ck_assert_int_eq(ask_verify(&a, 9, "", ""), VERDICT_UNKNOWN);
	ck_as_in_the_file(&a);
}
END_TEST

START_TEST(no_later_change_is_undone_unasked)
{
	struct request req = { .type = FRAME_ORG_SET,
		.org = { .slug = "acme", .plan = "pro" } };

	ask_done(ask(&a, &req));
	send_file(&a);
	ck_assert_uint_eq(check(&a).changes, 1);
	ask_refused(commit(&a, false), ERROR_EXISTS);
}
END_TEST

START_TEST(a_database_of_another_life_is_not_replaced_unasked)
{
	ask_org(&b, "initech");
	send_file(&b);
	ck_assert(check(&b).needs_force);
	ask_refused(commit(&b, false), ERROR_EXISTS);
	ask_done(commit(&b, true));
	ck_as_in_the_file(&b);
	ck_log_is_whole(&other);
}
END_TEST

/* A serial names one key, whatever is restored, so that what is known by it is
   never another's. */
START_TEST(serials_are_new)
{
	uint64_t before, after;
	struct record rec;
	char more[KEY_ID_SIZE];

	ask_key(&a, 9, "acme", "eddy", "more", more);
	ck_assert_int_eq(counter_get(scratch_view(&s), COUNTER_SERIAL, &before),
	    STORE_OK);
	restore(&a, true);
	ck_assert_uint_eq(store_renewed(s.store), before + 4);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_eq(keys_find_id(scratch_view(&s), id[i], &rec),
		    STORE_OK);
		ck_assert_uint_eq(rec.serial, before + 1 + i);
	}
	ask_key(&a, 10, "acme", "eddy", "still more", more);
	ck_assert_int_eq(keys_find_id(scratch_view(&s), more, &rec), STORE_OK);
	ck_assert_int_eq(counter_get(scratch_view(&s), COUNTER_SERIAL, &after),
	    STORE_OK);
	ck_assert_uint_eq(rec.serial, after);
	ck_assert_uint_eq(after, before + 5);
	store_view_reset(s.store);
}
END_TEST

static uint64_t
kept_ids(struct scratch *at)
{
	struct store_size size;

	ck_assert_int_eq(store_measure(scratch_view(at), &size), STORE_OK);
	store_view_reset(at->store);
	return size.entries[TABLE_IDS];
}

/* Where a key has the serial that it had, its id leads to it as it is. */
START_TEST(ids_are_kept_where_serials_are_others)
{
	struct record rec;

	restore(&b, false);
	ck_assert_uint_eq(kept_ids(&other), 0);
	restore(&a, false);
	ck_assert_uint_eq(kept_ids(&s), 4);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_eq(keys_find_id(scratch_view(&s), id[i], &rec),
		    STORE_OK);
		ck_assert_int_eq(keys_find_id(scratch_view(&other), id[i],
				     &rec),
		    STORE_OK);
	}
	store_view_reset(s.store);
	store_view_reset(other.store);
}
END_TEST

START_TEST(uses_and_names_come_along)
{
	struct store_txn *t = scratch_begin(&s);
	struct usage usage = { .first = 1, .last = 2, .count = 3 };
	struct record rec;

	ck_assert_int_eq(keys_find_id(t, id[1], &rec), STORE_OK);
	ck_assert_int_eq(usage_store(t, rec.serial, &usage), STORE_OK);
	scratch_commit(t);
	backup_bytes_make(&file, &s, ASK_NOW);
	for (unsigned i = 0; i < 3; i++)
		restore(&a, true);
	t = scratch_view(&s);
	ck_assert_int_eq(keys_find_name(t, "acme", "key 1", &rec), STORE_OK);
	ck_assert_str_eq(rec.key.id, id[1]);
	ck_assert_int_eq(usage_load(t, rec.serial, &usage), STORE_OK);
	ck_assert_uint_eq(usage.count, 3);
	ck_assert_int_eq(keys_find_name(t, "acme", "key 3", &rec), STORE_NONE);
	store_view_reset(s.store);
	ck_as_in_the_file(&a);
	ck_log_is_whole(&s);
}
END_TEST

START_TEST(what_clients_and_keyd_have_in_memory_is_void)
{
	struct stamp before[4], after;
	struct record rec;

	for (uint8_t i = 0; i < 3; i++)
		ck_assert_int_eq(ask_verify(&a, (uint8_t)(i + 1), "", ""),
		    VERDICT_OK);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_eq(keys_find_id(scratch_view(&s), id[i], &rec),
		    STORE_OK);
		ck_assert(store_stamp(scratch_view(&s), rec.serial, "acme",
		    &before[i]));
	}
	store_view_reset(s.store);
	restore(&a, false);
	for (unsigned i = 0; i < 4; i++) {
		after = before[i];
		ck_assert_uint_ne(atomic_load(
				      &a.bulletin->counters[after.key_at]),
		    after.key);
		ck_assert_uint_ne(atomic_load(
				      &a.bulletin->counters[after.org_at]),
		    after.org);
	}
	for (unsigned i = 0; i < BULLETIN_COUNTERS; i++)
		ck_assert_uint_eq(atomic_load(&a.bulletin->counters[i]) % 2, 0);
}
END_TEST

/* Of a half import nothing is there, and who was at it cannot go on. */
START_TEST(an_import_that_was_under_way_is_not)
{
	struct import_row row = { .org = "acme",
		.user = "eddy",
		.name = "imported" };
	uint8_t bytes[512];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct request req = { .type = FRAME_IMPORT_BEGIN };
	struct staging staging;

	memset(row.digest, 99, sizeof(row.digest));
	import_row_put(&w, &row);
	ask_done(ask(&a, &req));
	req = (struct request){ .type = FRAME_IMPORT_ROWS,
		.import = { .id = a.rep.import.id,
		    .count = 1,
		    .rows = { bytes, wire_length(&w) } } };
	ask_done(ask(&a, &req));
	ck_assert_str_eq(a.rep.import.why, "");
	backup_bytes_make(&file, &s, ASK_NOW);
	restore(&a, true);
	ck_assert_uint_eq(a.rep.restore.keys, 4);
	req.type = FRAME_IMPORT_COMMIT;
	req.import.count = 0;
	req.import.rows.len = 0;
	ask_refused(ask(&a, &req), ERROR_NOT_FOUND);
	ck_assert_int_eq(ask_verify(&a, 99, "", ""), VERDICT_UNKNOWN);
	ck_assert_int_eq(staging_get(scratch_view(&s), &staging), STORE_OK);
	ck_assert_uint_eq(staging.id, 1);
	store_view_reset(s.store);
	ck_as_in_the_file(&a);
}
END_TEST

START_TEST(it_is_one_clients_at_a_time)
{
	const struct span none = { NULL, 0 };

	send_file(&a);
	a.session.number = 2;
	ask_refused(step(&a, FRAME_RESTORE_BEGIN, 0,
			backup_bytes_piece(&file, 0), false),
	    ERROR_BUSY);
	ask_refused(step(&a, FRAME_RESTORE_CHECK, 0, none, false),
	    ERROR_NOT_FOUND);
	ask_refused(step(&a, FRAME_RESTORE_CHUNK, file.len, none, false),
	    ERROR_NOT_FOUND);
	ask_refused(commit(&a, true), ERROR_NOT_FOUND);
	ask_done(step(&a, FRAME_RESTORE_ABORT, 0, none, false));
	a.session.number = 1;
	ask_done(step(&a, FRAME_RESTORE_CHECK, 0, none, false));
	ask_done(step(&a, FRAME_RESTORE_ABORT, 0, none, false));
	ask_refused(commit(&a, true), ERROR_NOT_FOUND);
	a.session.number = 2;
	restore(&a, false);
}
END_TEST

START_TEST(it_is_known_to_be_done_on_another_connection)
{
	restore(&b, false);
	b.session.number = 2;
	ask_done(commit(&b, false));
	ck_assert_uint_eq(b.rep.restore.keys, 4);
	mark[0] ^= 1;
	ask_refused(commit(&b, true), ERROR_NOT_FOUND);
	ask_refused(step(&b, FRAME_RESTORE_COMMIT, file.len,
			(struct span){ mark, sizeof(mark) - 1 }, true),
	    ERROR_INVALID);
}
END_TEST

START_TEST(a_half_file_is_not_committed)
{
	struct span piece = backup_bytes_piece(&file, 0);

	ask_done(step(&b, FRAME_RESTORE_BEGIN, 0, piece, false));
	ask_refused(commit(&b, true), ERROR_NOT_FOUND);
	ask_refused(step(&b, FRAME_RESTORE_CHUNK, piece.len + 1,
			backup_bytes_piece(&file, piece.len), false),
	    ERROR_INVALID);
	ask_done(step(&b, FRAME_RESTORE_CHUNK, piece.len,
	    backup_bytes_piece(&file, piece.len), false));
	file.bytes[piece.len + 9] ^= 1;
	ask_refused(step(&b, FRAME_RESTORE_CHUNK, b.rep.restore.at,
			backup_bytes_piece(&file, piece.len), false),
	    ERROR_INVALID);
	ask_refused(commit(&b, true), ERROR_NOT_FOUND);
}
END_TEST

START_TEST(there_must_be_room)
{
	static uint8_t value[1024];
	struct store_txn *t = scratch_begin(&s);
	uint8_t key[8];

	for (uint64_t i = 1; i <= 3000; i++) {
		struct wire_writer w = wire_writer(key, sizeof(key));

		wire_put_u64(&w, i);
		ck_assert_int_eq(store_put(t, TABLE_USAGE,
				     (struct span){ key, 8 },
				     (struct span){ value, sizeof(value) }),
		    STORE_OK);
	}
	scratch_commit(t);
	backup_bytes_make(&file, &s, ASK_NOW);
	send_file(&a);
	ask_refused(commit(&a, true), ERROR_STORE);
	ck_assert_ptr_nonnull(strstr(a.rep.error.message, "map_size"));
	ck_as_in_the_file(&a);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("restore");
	TCase *tc = tcase_create("restore");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_new_database_becomes_what_the_file_tells);
	tcase_add_test(tc, the_log_of_a_new_one_goes_on);
	tcase_add_test(tc, the_same_again_changes_nothing);
	tcase_add_test(tc, a_revoked_key_does_not_come_back_unasked);
	tcase_add_test(tc, the_log_names_who_came_back);
	tcase_add_test(tc, an_expired_key_comes_back_by_a_later_end);
	tcase_add_test(tc, a_later_key_is_not_lost_unasked);
	tcase_add_test(tc, no_later_change_is_undone_unasked);
	tcase_add_test(tc, a_database_of_another_life_is_not_replaced_unasked);
	tcase_add_test(tc, serials_are_new);
	tcase_add_test(tc, ids_are_kept_where_serials_are_others);
	tcase_add_test(tc, uses_and_names_come_along);
	tcase_add_test(tc, what_clients_and_keyd_have_in_memory_is_void);
	tcase_add_test(tc, an_import_that_was_under_way_is_not);
	tcase_add_test(tc, it_is_one_clients_at_a_time);
	tcase_add_test(tc, it_is_known_to_be_done_on_another_connection);
	tcase_add_test(tc, a_half_file_is_not_committed);
	tcase_add_test(tc, there_must_be_room);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
