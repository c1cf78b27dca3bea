/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "audit.h"
#include "event.h"
#include "suite.h"
#include "witness.h"

static struct scratch scratch;
static struct asker a;

static void
setup(void)
{
	scratch_open(&scratch);
	asker_open(&a, &scratch);
	a.peer = (struct peer){ .uid = 0, .pid = 42 };
}

static void
teardown(void)
{
	asker_close(&a);
	scratch_close(&scratch);
}

struct last {
	struct event event;
	unsigned count;
};

static bool
take(void *arg, const struct event *e)
{
	struct last *last = arg;

	last->event = *e;
	last->count++;
	return true;
}

/* The last entry, and how many there are. */
static struct last
last_entry(void)
{
	struct last last = { .count = 0 };
	uint64_t at;

	ck_assert_int_eq(audit_walk(scratch_view(&scratch), 0, take, &last,
			     &at),
	    STORE_OK);
	store_view_reset(scratch.store);
	return last;
}

/* One more entry than before, and what it says. */
static struct event
said(unsigned *count, uint8_t what, uint8_t outcome, const char *org,
    const char *user, const char *detail)
{
	struct last last = last_entry();

	ck_assert_uint_eq(last.count, ++*count);
	ck_assert_uint_eq(last.event.what, what);
	ck_assert_uint_eq(last.event.outcome, outcome);
	ck_assert_uint_eq(last.event.uid, 0);
	ck_assert_uint_eq(last.event.pid, 42);
	ck_assert_int_eq(last.event.when, ASK_NOW);
	ck_assert_str_eq(last.event.org, org);
	ck_assert_str_eq(last.event.user, user);
	ck_assert_str_eq(last.event.detail, detail);
	return last.event;
}

static struct request
member(uint8_t type, const char *user, const char *role, bool revoke_keys)
{
	struct request req = { .type = type };

	strlcpy(req.member.org, "acme", sizeof(req.member.org));
	strlcpy(req.member.user, user, sizeof(req.member.user));
	strlcpy(req.member.role, role, sizeof(req.member.role));
	req.member.revoke_keys = revoke_keys;
	return req;
}

static struct request
rotate(const char *id)
{
	struct request req = { .type = FRAME_ROTATE };

	memset(req.rotate.digest, 9, sizeof(req.rotate.digest));
	strlcpy(req.rotate.id, id, sizeof(req.rotate.id));
	req.rotate.has_grace = true;
	req.rotate.grace = 60;
	return req;
}

static struct request
revoke_all(void)
{
	struct request req = { .type = FRAME_REVOKE_ALL };

	strlcpy(req.revoke_all.org, "acme", sizeof(req.revoke_all.org));
	req.revoke_all.unused_since = ASK_NOW - 5;
	strlcpy(req.revoke_all.reason, "idle", sizeof(req.revoke_all.reason));
	return req;
}

START_TEST(each_change_leaves_one_entry)
{
	struct request req = { .type = FRAME_ORG_ADD };
	char id[KEY_ID_SIZE], other[KEY_ID_SIZE];
	struct event e;
	unsigned n = 0;

	strlcpy(req.org.slug, "acme", sizeof(req.org.slug));
	strlcpy(req.org.plan, "pro", sizeof(req.org.plan));
	ask_done(ask(&a, &req));
	said(&n, FRAME_ORG_ADD, 0, "acme", "", "pro");
	req = member(FRAME_MEMBER_ADD, "alice", "editor", false);
	ask_done(ask(&a, &req));
	said(&n, FRAME_MEMBER_ADD, 0, "acme", "alice", "editor");
	ask_key(&a, 1, "acme", "alice", "ci", id);
	e = said(&n, FRAME_CREATE, 0, "acme", "alice", "ci");
	ck_assert_uint_eq(e.count, 1);
	ck_assert_str_eq(e.id[0], id);
	req = rotate(id);
	ask_done(ask(&a, &req));
	e = said(&n, FRAME_ROTATE, 0, "acme", "alice",
	    "the old one ends after 60 s");
	ck_assert_uint_eq(e.ids, 2);
	ck_assert_str_eq(e.id[0], id);
	strlcpy(other, a.rep.rotated.key.id, sizeof(other));
	ck_assert_str_eq(e.id[1], other);
	ask_done(ask_revoke(&a, id));
	e = said(&n, FRAME_REVOKE, 0, "acme", "alice", "");
	ck_assert_str_eq(e.id[0], id);
	ck_assert_uint_eq(e.count, 1);
	ask_done(ask_revoke(&a, id));
	e = said(&n, FRAME_REVOKE, 0, "acme", "alice", "");
	ck_assert_uint_eq(e.ids, 1);
	ck_assert_uint_eq(e.count, 0);
	req = revoke_all();
	ask_done(ask(&a, &req));
	said(&n, FRAME_REVOKE_ALL, 0, "acme", "", "not used for 5 s: idle");
	req = member(FRAME_MEMBER_REMOVE, "alice", "", true);
	ask_done(ask(&a, &req));
	e = said(&n, FRAME_MEMBER_REMOVE, 0, "acme", "alice", "keys revoked");
	ck_assert_uint_eq(e.count, 1);
	ck_assert_str_eq(e.id[0], other);
}
END_TEST

START_TEST(a_refused_change_leaves_one_entry_and_nothing_else)
{
	struct request req = member(FRAME_MEMBER_ADD, "alice", "editor", false);
	unsigned n = 0;

	ask_refused(ask(&a, &req), ERROR_NOT_FOUND);
	said(&n, FRAME_MEMBER_ADD, ERROR_NOT_FOUND, "acme", "alice",
	    a.rep.error.message);
	req = rotate("key_0000000000000000");
	ask_refused(ask(&a, &req), ERROR_NOT_FOUND);
	said(&n, FRAME_ROTATE, ERROR_NOT_FOUND, "", "", a.rep.error.message);
	req = rotate("Key_000000000000000X");
	ask_refused(ask(&a, &req), ERROR_INVALID);
	ck_assert_uint_eq(said(&n, FRAME_ROTATE, ERROR_INVALID, "", "",
			      a.rep.error.message)
			      .ids,
	    0);
}
END_TEST

START_TEST(what_only_reads_leaves_none)
{
	struct request req = { .type = FRAME_SHOW };
	unsigned before;

	ask_org(&a, "acme");
	ask_member(&a, "acme", "alice", "editor");
	before = last_entry().count;
	strlcpy(req.show.id, "key_0000000000000000", sizeof(req.show.id));
	ask_refused(ask(&a, &req), ERROR_NOT_FOUND);
	req = ask_create(1, "acme", "alice", "ci");
	req.create.dry_run = true;
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(last_entry().count, before);
	ck_assert(!notes_any(a.notes));
}
END_TEST

START_TEST(what_is_denied_is_noted)
{
	const struct request req = { .type = FRAME_STATUS };
	struct wire_reader r;
	struct span noted;
	struct event e;

	a.peer = (struct peer){ .uid = 1000, .pid = 7 };
	ask_refused(ask(&a, &req), ERROR_DENIED);
	noted = notes_take(a.notes, ASK_NOW, false);
	r = wire_reader(noted.ptr, noted.len);
	event_get(&r, &e);
	ck_assert(wire_done(&r));
	ck_assert_uint_eq(e.what, FRAME_STATUS);
	ck_assert_uint_eq(e.outcome, ERROR_DENIED);
	ck_assert_uint_eq(e.uid, 1000);
	ck_assert_uint_eq(e.pid, 7);
}
END_TEST

#define MANY 300 /* keys: three entries */

START_TEST(many_keys_make_several_entries)
{
	struct request req = revoke_all();
	char id[KEY_ID_SIZE], name[16];
	struct request make;
	unsigned n;

	ask_org(&a, "acme");
	ask_member(&a, "acme", "alice", "editor");
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		make = ask_create(0, "acme", "alice", name);
		memcpy(make.create.digest, &i, sizeof(i));
		ask_done(ask(&a, &make));
	}
	strlcpy(id, a.rep.created.key.id, sizeof(id));
	n = last_entry().count;
	req.revoke_all.unused_since = 0;
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(a.rep.revoked_all.revoked, MANY);
	ck_assert_uint_eq(last_entry().count, n + 3);
	ck_assert_uint_eq(last_entry().event.count, MANY - 2 * EVENT_IDS_MAX);
	ck_assert_str_eq(last_entry().event.id[last_entry().event.ids - 1], id);
}
END_TEST

/* Eight bytes of it cannot be there by chance. */
static bool
has_no_digest(void *arg, const struct event *e)
{
	uint8_t bytes[EVENT_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	event_put(&w, e);
	ck_assert(wire_fits(&w));
	ck_assert_ptr_null(memmem(bytes, wire_length(&w), arg, 8));
	return true;
}

START_TEST(no_digest_gets_into_the_log)
{
	uint8_t digest[8];
	struct request req;
	uint64_t at;
	char id[KEY_ID_SIZE];

	ask_org(&a, "acme");
	ask_member(&a, "acme", "alice", "editor");
	ask_key(&a, 7, "acme", "alice", "ci", id);
	req = (struct request){ .type = FRAME_REVOKE };
	req.revoke.by = REVOKE_BY_DIGEST;
	memset(req.revoke.digest, 7, sizeof(req.revoke.digest));
	ask_done(ask(&a, &req));
	ck_assert_str_eq(last_entry().event.id[0], id);
	memset(digest, 7, sizeof(digest));
	ck_assert_int_eq(audit_walk(scratch_view(&scratch), 0, has_no_digest,
			     digest, &at),
	    STORE_OK);
}
END_TEST

/* A leaked key must be revoked whatever became of the log. */
START_TEST(a_damaged_log_keeps_no_revocation_back)
{
	struct request req = ask_create(2, "acme", "alice", "other");
	char id[KEY_ID_SIZE];
	struct span value;

	ask_org(&a, "acme");
	ask_member(&a, "acme", "alice", "editor");
	ask_key(&a, 1, "acme", "alice", "ci", id);
	ck_assert_int_eq(store_get(scratch_view(&scratch), TABLE_META,
			     text_span("audit-head"), &value),
	    STORE_OK);
	store_view_reset(scratch.store);
	scratch_flip(&scratch, value.ptr, 3);
	ask_refused(ask(&a, &req), ERROR_STORE);
	ask_done(ask_revoke(&a, id));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_UNKNOWN);
}
END_TEST

START_TEST(a_long_detail_is_cut_between_characters)
{
	struct event e;
	char long_text[2 * REASON_SIZE];

	for (size_t i = 0; i + 3 < sizeof(long_text); i += 3)
		memcpy(long_text + i, "\xe2\x82\xac", 4);
	witness_refusal(&e, ERROR_INVALID, long_text + 0);
	ck_assert_uint_lt(strlen(e.detail), sizeof(e.detail));
	ck_assert_uint_eq(strlen(e.detail) % 3, 0);
	ck_assert_uint_gt(strlen(e.detail), sizeof(e.detail) - 5);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("witness");
	TCase *tc = tcase_create("witness");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, each_change_leaves_one_entry);
	tcase_add_test(tc, a_refused_change_leaves_one_entry_and_nothing_else);
	tcase_add_test(tc, what_only_reads_leaves_none);
	tcase_add_test(tc, what_is_denied_is_noted);
	tcase_add_test(tc, many_keys_make_several_entries);
	tcase_add_test(tc, no_digest_gets_into_the_log);
	tcase_add_test(tc, a_damaged_log_keeps_no_revocation_back);
	tcase_add_test(tc, a_long_detail_is_cut_between_characters);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
