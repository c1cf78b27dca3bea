/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "archive.h"
#include "ask.h"
#include "suite.h"

static struct scratch s;
static struct asker a;
static uint8_t file[1 << 20];
static size_t len;

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ask_people(&a);
	len = 0;
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

static const struct reply *
step(uint8_t type, uint64_t at, struct span tail)
{
	const struct request req = { .type = type,
		.backup = { .at = at, .tail = tail } };

	return ask(&a, &req);
}

static const struct reply *
take(uint8_t type)
{
	const struct reply *rep = step(type, len, (struct span){ NULL, 0 });

	if (rep->type == FRAME_ERROR)
		return rep;
	ck_assert(!a.was_change);
	ck_assert_uint_le(len + rep->backup.piece.len, sizeof(file));
	memcpy(file + len, rep->backup.piece.ptr, rep->backup.piece.len);
	len += rep->backup.piece.len;
	ck_assert_uint_eq(rep->backup.size, len);
	return rep;
}

static void
take_all(void)
{
	ask_done(take(FRAME_BACKUP_BEGIN));
	ck_assert(!a.rep.backup.last);
	while (!a.rep.backup.last)
		ask_done(take(FRAME_BACKUP_READ));
}

static struct span
tail(size_t size)
{
	return (struct span){ file + len - size, size };
}

static uint64_t
last_backup(void)
{
	struct request req = { .type = FRAME_STATUS };
	struct fact_row row = { .number = 0 };
	struct wire_reader r;

	ask_done(ask(&a, &req));
	r = ask_rows(&a.rep, a.rep.page.count);
	while (strcmp(row.name, "last_backup") != 0) {
		fact_get(&r, &row);
		ck_assert(!r.bad);
	}
	return row.number;
}

START_TEST(it_is_read_from_its_beginning_to_its_end)
{
	char id[KEY_ID_SIZE];

	for (uint8_t i = 1; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "key %u", i);
		ask_key(&a, i, "acme", "eddy", name, id);
	}
	take_all();
	ck_assert_uint_eq(a.rep.backup.keys, 99);
	ck_assert_int_eq(a.rep.backup.made, ASK_NOW);
	ask_refused(take(FRAME_BACKUP_READ), ERROR_NOT_FOUND);
	len = 0;
	take_all();
}
END_TEST

START_TEST(there_is_one_at_a_time)
{
	ask_done(take(FRAME_BACKUP_BEGIN));
	ask_refused(take(FRAME_BACKUP_BEGIN), ERROR_BUSY);
	snapshot_leave(a.snapshot, &a.session);
	ask_refused(take(FRAME_BACKUP_READ), ERROR_NOT_FOUND);
	len = 0;
	ask_done(take(FRAME_BACKUP_BEGIN));
}
END_TEST

START_TEST(another_place_is_refused)
{
	ask_done(take(FRAME_BACKUP_BEGIN));
	for (size_t at = len - 1; at <= len + 1; at += 2)
		ask_refused(step(FRAME_BACKUP_READ, at,
				(struct span){ NULL, 0 }),
		    ERROR_INVALID);
	ask_done(take(FRAME_BACKUP_READ));
}
END_TEST

START_TEST(it_is_known_once_it_is_done)
{
	take_all();
	ck_assert_uint_eq(last_backup(), 0);
	for (unsigned i = 0; i < 2; i++) {
		ask_done(step(FRAME_BACKUP_DONE, len, tail(200)));
		ck_assert(a.was_change);
		ck_assert_uint_eq(a.rep.backup.size, len);
		ck_assert_int_eq(a.rep.backup.made, ASK_NOW);
		ck_assert_uint_eq(last_backup(), ASK_NOW);
	}
	a.now += 10;
	len = 0;
	take_all();
	ask_done(step(FRAME_BACKUP_DONE, len, tail(ARCHIVE_TAIL_SIZE)));
	ck_assert_uint_eq(last_backup(), ASK_NOW + 10);
}
END_TEST

START_TEST(what_is_no_end_of_one_is_refused)
{
	take_all();
	ask_refused(step(FRAME_BACKUP_DONE, len, tail(0)), ERROR_INVALID);
	ask_refused(step(FRAME_BACKUP_DONE, len, tail(ARCHIVE_TAIL_SIZE - 1)),
	    ERROR_INVALID);
	ask_refused(step(FRAME_BACKUP_DONE, len + 1, tail(200)), ERROR_INVALID);
	file[len - CHAIN_SIZE - 1] ^= 1;
	ask_refused(step(FRAME_BACKUP_DONE, len, tail(200)), ERROR_INVALID);
	ck_assert_uint_eq(last_backup(), 0);
}
END_TEST

/* Runs for each request. */
START_TEST(it_is_for_administrators)
{
	a.peer.uid = ASK_STRANGER;
	ask_refused(step((uint8_t)_i, 0, tail(0)), ERROR_DENIED);
	ck_assert(!snapshot_lives(a.snapshot));
	asker_close(&a);
	asker_open(&a, &s);
	a.socket = SOCKET_VERIFY;
	ask_refused(step((uint8_t)_i, 0, tail(0)), ERROR_TYPE);
}
END_TEST

START_TEST(the_log_has_it_from_the_beginning)
{
	struct wire_reader r;
	struct span entries;
	struct event e;

	ask_done(take(FRAME_BACKUP_BEGIN));
	entries = notes_take(a.notes, a.now, false);
	r = wire_reader(entries.ptr, entries.len);
	event_get(&r, &e);
	ck_assert(wire_done(&r));
	ck_assert_uint_eq(e.what, FRAME_BACKUP_BEGIN);
	ck_assert_uint_eq(e.outcome, 0);
	ck_assert_uint_eq(e.uid, a.peer.uid);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_backup");
	TCase *tc = tcase_create("op_backup");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, it_is_read_from_its_beginning_to_its_end);
	tcase_add_test(tc, there_is_one_at_a_time);
	tcase_add_test(tc, another_place_is_refused);
	tcase_add_test(tc, it_is_known_once_it_is_done);
	tcase_add_test(tc, what_is_no_end_of_one_is_refused);
	tcase_add_loop_test(tc, it_is_for_administrators, FRAME_BACKUP_BEGIN,
	    FRAME_BACKUP_DONE + 1);
	tcase_add_test(tc, the_log_has_it_from_the_beginning);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
