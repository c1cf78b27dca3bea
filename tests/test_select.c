/* SPDX-License-Identifier: ISC */
/*
 * The filters of a list and of a revocation, against a look at every key.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "keys.h"
#include "suite.h"
#include "usage.h"

#define DAY 86400
#define KEYS 120

static struct scratch s;
static struct asker a;

static struct key_view views[2 * KEYS];
static unsigned found;

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ask_org(&a, "acme");
	ask_org(&a, "bell");
	ask_member(&a, "acme", "eddy", "editor");
	ask_member(&a, "acme", "adam", "admin");
	ask_member(&a, "bell", "eddy", "editor");
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

/* Keys of all ages, owners, contexts and fates, the same in each run. */
static void
make_keys(void)
{
	static const char *const contexts[] = { "shared", "development",
		"production-ci" };
	static const char *const owners[][2] = { { "acme", "eddy" },
		{ "acme", "adam" }, { "bell", "eddy" } };
	struct store_txn *t;

	for (unsigned n = 1; n <= KEYS; n++) {
		const char *const *owner = owners[n % 3];
		struct request req;
		char name[16];

		snprintf(name, sizeof(name), "%u", n);
		a.now = ASK_NOW - (int64_t)(n * 7919 % 400) * DAY;
		req = ask_create((uint8_t)n, owner[0], owner[1], name);
		strlcpy(req.create.context, contexts[n % 7 % 3],
		    sizeof(req.create.context));
		if (n % 5 == 0)
			req.create.expires = ASK_NOW + (n % 2 ? DAY : 0);
		if (a.now < ASK_NOW || req.create.expires != ASK_NOW)
			ask_done(ask(&a, &req));
		if (n % 11 == 0)
			ask_done(ask_revoke(&a, a.rep.created.key.id));
	}
	t = scratch_begin(&s);
	for (unsigned serial = 1; serial <= KEYS; serial += 2) {
		struct usage u = { .first = 1,
			.last = ASK_NOW - (int64_t)(serial % 90) * DAY,
			.count = 1 };

		ck_assert_int_eq(usage_store(t, serial, &u), STORE_OK);
	}
	scratch_commit(t);
	a.now = ASK_NOW;
}

static void
demote(const char *org, const char *user)
{
	struct request req = { .type = FRAME_MEMBER_SET };

	strlcpy(req.member.org, org, sizeof(req.member.org));
	strlcpy(req.member.user, user, sizeof(req.member.user));
	strlcpy(req.member.role, "tester", sizeof(req.member.role));
	ask_done(ask(&a, &req));
}

static struct request
list_of(const char *org, const char *user, bool all)
{
	struct request req = { .type = FRAME_LIST };

	strlcpy(req.list.org, org, sizeof(req.list.org));
	strlcpy(req.list.user, user, sizeof(req.list.user));
	req.list.all = all;
	return req;
}

/* Reads all pages into views; between is called before each but the first. */
static unsigned
list_between(struct request *req, void (*between)(unsigned page))
{
	static uint8_t cursor[CURSOR_MAX];
	unsigned page = 0;

	found = 0;
	do {
		struct wire_reader r;

		if (page++ > 0 && between != NULL)
			between(page);
		ask_done(ask(&a, req));
		r = wire_reader(a.rep.page.rows.ptr, a.rep.page.rows.len);
		for (unsigned i = 0; i < a.rep.page.count; i++) {
			ck_assert_uint_lt(found, 2 * KEYS);
			view_get(&r, &views[found++]);
		}
		ck_assert(wire_done(&r));
		memcpy(cursor, a.rep.page.cursor.ptr, a.rep.page.cursor.len);
		req->list.cursor =
		    (struct span){ cursor, a.rep.page.cursor.len };
	} while (req->list.cursor.len > 0);
	return found;
}

static unsigned
list(struct request *req)
{
	return list_between(req, NULL);
}

static bool
is_wanted(const struct request_list *q, const struct key_view *v)
{
	int64_t used =
	    v->usage.last > v->key.created ? v->usage.last : v->key.created;

	return (q->org[0] == '\0' || strcmp(q->org, v->key.org) == 0) &&
	    (q->user[0] == '\0' || strcmp(q->user, v->key.user) == 0) &&
	    (q->all || key_is_live(&v->key, ASK_NOW)) &&
	    (q->unused_since == 0 || used < q->unused_since) &&
	    (!q->due || (v->due != 0 && v->due <= ASK_NOW)) &&
	    (!q->drifted || v->drifted);
}

/* What the filter leaves must be what a look at each key leaves. */
static unsigned
ck_filter(struct request req)
{
	static struct key_view everything[2 * KEYS];
	struct request all = list_of("", "", true);
	unsigned total = list(&all), wanted = 0, got;

	memcpy(everything, views, sizeof(views));
	got = list(&req);
	for (unsigned i = 0; i < total; i++) {
		if (!is_wanted(&req.list, &everything[i]))
			continue;
		ck_assert_uint_lt(wanted, got);
		ck_assert_str_eq(views[wanted].key.id, everything[i].key.id);
		wanted++;
	}
	ck_assert_uint_eq(wanted, got);
	return got;
}

/* Runs for every combination of the filters. */
START_TEST(a_list_is_what_a_look_at_every_key_leaves)
{
	struct request req = list_of(_i & 1 || _i & 2 ? "acme" : "",
	    _i & 2 ? "eddy" : "", (_i & 4) != 0);

	make_keys();
	demote("acme", "eddy");
	req.list.unused_since = _i & 8 ? ASK_NOW - 60L * DAY : 0;
	req.list.due = (_i & 16) != 0;
	req.list.drifted = (_i & 32) != 0;
	(void)ck_filter(req);
}
END_TEST

START_TEST(each_filter_leaves_some_and_takes_some)
{
	struct request req = list_of("", "", false);
	unsigned live;

	make_keys();
	demote("acme", "eddy");
	live = ck_filter(req);
	req.list.unused_since = ASK_NOW - 60L * DAY;
	ck_assert_uint_gt(ck_filter(req), 0);
	ck_assert_uint_lt(found, live);
	req = list_of("", "", false);
	req.list.due = true;
	ck_assert_uint_gt(ck_filter(req), 0);
	ck_assert_uint_lt(found, live);
	req = list_of("", "", false);
	req.list.drifted = true;
	ck_assert_uint_gt(ck_filter(req), 0);
	ck_assert_uint_lt(found, live);
}
END_TEST

START_TEST(a_key_that_was_never_used_counts_from_its_creation)
{
	struct request req = list_of("acme", "", false);
	char id[KEY_ID_SIZE];

	ask_key(&a, 1, "acme", "eddy", "new", id);
	req.list.unused_since = ASK_NOW;
	ck_assert_uint_eq(list(&req), 0);
	a.now += 1;
	req.list.unused_since = a.now;
	ck_assert_uint_eq(list(&req), 1);
}
END_TEST

START_TEST(a_key_has_drifted_when_its_owner_is_a_member_no_more)
{
	struct request req = { .type = FRAME_MEMBER_REMOVE };
	char id[KEY_ID_SIZE];

	ask_key(&a, 1, "acme", "eddy", "one", id);
	strlcpy(req.member.org, "acme", sizeof(req.member.org));
	strlcpy(req.member.user, "eddy", sizeof(req.member.user));
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(a.rep.member.live, 1);
	req = list_of("", "", false);
	req.list.drifted = true;
	ck_assert_uint_eq(list(&req), 1);
	ck_assert(views[0].drifted);
}
END_TEST

static void
come_and_go(unsigned page)
{
	char name[32];
	struct request req;

	snprintf(name, sizeof(name), "late %u", page);
	req = ask_create((uint8_t)(200 + page), "acme", "eddy", name);
	ask_done(ask(&a, &req));
	ask_done(ask_revoke(&a, views[0].key.id));
}

START_TEST(no_key_is_missed_or_doubled_while_others_come_and_go)
{
	struct request req = list_of("", "", true);
	unsigned before;

	make_keys();
	before = list(&req);
	req = list_of("", "", true);
	ck_assert_uint_ge(list_between(&req, come_and_go), before);
	for (unsigned i = 0; i < found; i++)
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(views[i].key.id, views[j].key.id);
}
END_TEST

/* Revokes by the filters of the list. */
static const struct reply *
revoke_all(const struct request_list *q, const char *reason)
{
	struct request req = { .type = FRAME_REVOKE_ALL };

	strlcpy(req.revoke_all.org, q->org, sizeof(req.revoke_all.org));
	strlcpy(req.revoke_all.user, q->user, sizeof(req.revoke_all.user));
	req.revoke_all.unused_since = q->unused_since;
	strlcpy(req.revoke_all.reason, reason, sizeof(req.revoke_all.reason));
	return ask(&a, &req);
}

static void
ck_all_revoked(const struct key_view *gone, unsigned count)
{
	struct request req = { .type = FRAME_SHOW };

	for (unsigned i = 0; i < count; i++) {
		strlcpy(req.show.id, gone[i].key.id, sizeof(req.show.id));
		ask_done(ask(&a, &req));
		ck_assert_int_eq(a.rep.view.key.revoked, ASK_NOW);
		ck_assert_str_eq(a.rep.view.key.reason, "left");
	}
}

/* Runs for each form of the filters. */
START_TEST(what_was_listed_is_what_is_revoked)
{
	static struct key_view listed[2 * KEYS];
	struct request req =
	    list_of(_i == 2 ? "" : "acme", _i == 1 ? "eddy" : "", false);
	unsigned wanted, live;

	make_keys();
	if (_i >= 2)
		req.list.unused_since = ASK_NOW - 60L * DAY;
	wanted = list(&req);
	ck_assert_uint_gt(wanted, 0);
	memcpy(listed, views, sizeof(views));
	req.list.cursor.len = 0;
	struct request all = list_of("", "", false);
	live = list(&all);
	ask_done(revoke_all(&req.list, "left"));
	ck_assert_uint_eq(a.rep.revoked_all.revoked, wanted);
	ck_all_revoked(listed, wanted);
	all = list_of("", "", false);
	ck_assert_uint_eq(list(&all), live - wanted);
	ask_done(revoke_all(&req.list, "again"));
	ck_assert_uint_eq(a.rep.revoked_all.revoked, 0);
}
END_TEST

START_TEST(a_revocation_of_everything_must_be_meant)
{
	struct request_list q = { .org = "" };

	make_keys();
	ask_refused(revoke_all(&q, ""), ERROR_INVALID);
	strlcpy(q.user, "eddy", sizeof(q.user));
	ask_refused(revoke_all(&q, ""), ERROR_INVALID);
	strlcpy(q.org, "none", sizeof(q.org));
	ask_refused(revoke_all(&q, ""), ERROR_NOT_FOUND);
	strlcpy(q.org, "acme", sizeof(q.org));
	ask_refused(revoke_all(&q, "a\nb"), ERROR_INVALID);
	q.unused_since = ASK_NOW + 1;
	ask_refused(revoke_all(&q, ""), ERROR_INVALID);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("select");
	TCase *tc = tcase_create("select");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, a_list_is_what_a_look_at_every_key_leaves, 0,
	    64);
	tcase_add_test(tc, each_filter_leaves_some_and_takes_some);
	tcase_add_test(tc, a_key_that_was_never_used_counts_from_its_creation);
	tcase_add_test(tc,
	    a_key_has_drifted_when_its_owner_is_a_member_no_more);
	tcase_add_test(tc,
	    no_key_is_missed_or_doubled_while_others_come_and_go);
	tcase_add_loop_test(tc, what_was_listed_is_what_is_revoked, 0, 4);
	tcase_add_test(tc, a_revocation_of_everything_must_be_meant);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
