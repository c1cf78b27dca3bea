/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "asked.h"
#include "keys.h"

/* So many keys of eddy in one transaction, all of them revoked or none. */
static void
insert(unsigned first, unsigned count, bool revoked)
{
	struct store_txn *t = scratch_begin(&s);

	for (unsigned n = first; n < first + count; n++) {
		struct record rec = { .key = { .org = "acme",
					  .user = "eddy",
					  .role = "editor",
					  .context = "shared" } };

		memcpy(rec.hash, &n, sizeof(n));
		snprintf(rec.key.name, sizeof(rec.key.name), "name %04u", n);
		memset(rec.key.permissions, 'p', 100);
		rec.key.created = ASK_NOW;
		rec.key.revoked = revoked ? ASK_NOW : 0;
		ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	}
	scratch_commit(t);
}

static struct request
list_of(uint8_t type, const char *in, const char *user, bool all)
{
	struct request req = { .type = type };

	strlcpy(req.list.org, in, sizeof(req.list.org));
	strlcpy(req.list.user, user, sizeof(req.list.user));
	req.list.all = all;
	return req;
}

struct listed {
	unsigned rows;
	unsigned pages;
	unsigned empty; /* pages without a row */
	char last[NAME_SIZE];
};

static void
read_row(struct wire_reader *r, uint8_t type, struct listed *l)
{
	struct member_info m;
	struct org_info o;
	struct key_view k;
	const char *name = k.key.name;

	if (type == FRAME_LIST) {
		view_get(r, &k);
	} else if (type == FRAME_ORG_LIST) {
		org_get(r, &o);
		name = o.slug;
	} else {
		member_get(r, &m);
		name = m.user;
	}
	ck_assert_msg(strcmp(l->last, name) < 0, "%s after %s", name, l->last);
	strlcpy(l->last, name, sizeof(l->last));
	l->rows++;
}

/* All pages; rows come in order, so none comes twice. */
static struct listed
list(struct request *req)
{
	static uint8_t cursor[CURSOR_MAX];
	struct listed l = { .rows = 0 };

	do {
		struct wire_reader r;

		ask_done(ask(&a, req));
		r = ask_rows(&a.rep, a.rep.page.count);
		for (unsigned i = 0; i < a.rep.page.count; i++)
			read_row(&r, req->type, &l);
		ck_assert(wire_done(&r));
		memcpy(cursor, a.rep.page.cursor.ptr, a.rep.page.cursor.len);
		req->list.cursor =
		    (struct span){ cursor, a.rep.page.cursor.len };
		l.pages++;
		l.empty += a.rep.page.count == 0;
	} while (req->list.cursor.len > 0);
	return l;
}

START_TEST(a_list_of_keys_pages_without_gaps)
{
	struct request req = list_of(FRAME_LIST, "", "", false);
	struct listed l;

	insert(1, 700, false);
	l = list(&req);
	ck_assert_uint_eq(l.rows, 700);
	ck_assert_uint_gt(l.pages, 3);
	req = list_of(FRAME_LIST, "acme", "", false);
	ck_assert_uint_eq(list(&req).rows, 700);
	req = list_of(FRAME_LIST, "acme", "eddy", false);
	ck_assert_uint_eq(list(&req).rows, 700);
	req = list_of(FRAME_LIST, "acme", "adam", false);
	ck_assert_uint_eq(list(&req).rows, 0);
	req = list_of(FRAME_LIST, "bell", "", false);
	ck_assert_uint_eq(list(&req).rows, 0);
}
END_TEST

/* A page looks at so many keys and no more, and may be empty. */
START_TEST(dead_keys_are_passed_over_or_listed_with_all)
{
	struct request req = list_of(FRAME_LIST, "acme", "", false);
	struct listed l;

	insert(1, 1300, true);
	insert(2000, 1, false);
	l = list(&req);
	ck_assert_uint_eq(l.rows, 1);
	ck_assert_uint_ge(l.pages, 3);
	ck_assert_uint_ge(l.empty, 2);
	ck_assert_str_eq(l.last, "name 2000");
	req = list_of(FRAME_LIST, "acme", "", true);
	ck_assert_uint_eq(list(&req).rows, 1301);
}
END_TEST

START_TEST(an_expired_key_is_listed_with_all)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	a.now += DAY;
	req = list_of(FRAME_LIST, "", "", false);
	ck_assert_uint_eq(list(&req).rows, 0);
	req = list_of(FRAME_LIST, "", "", true);
	ck_assert_uint_eq(list(&req).rows, 1);
}
END_TEST

START_TEST(a_list_of_members_pages_without_gaps)
{
	struct request req = list_of(FRAME_MEMBER_LIST, "bell", "", false);
	char user[32];
	struct listed l;

	for (int i = 0; i < 400; i++) {
		snprintf(user, sizeof(user), "%03d-of-four-hundred", i);
		ask_member(&a, "bell", user, "tester");
	}
	l = list(&req);
	ck_assert_uint_eq(l.rows, 400);
	ck_assert_uint_gt(l.pages, 1);
	req = list_of(FRAME_MEMBER_LIST, "acme", "", false);
	ck_assert_uint_eq(list(&req).rows, 4);
}
END_TEST

START_TEST(a_list_of_orgs_pages_without_gaps)
{
	struct request req = list_of(FRAME_ORG_LIST, "", "", false);
	char slug[ORG_SIZE];
	struct listed l;

	for (int i = 0; i < 250; i++) {
		snprintf(slug, sizeof(slug), "%03d-%050d", i % 1000, 0);
		ask_org(&a, slug);
	}
	l = list(&req);
	ck_assert_uint_eq(l.rows, 252);
	ck_assert_uint_gt(l.pages, 1);
}
END_TEST

static const struct {
	uint8_t type;
	const char *org, *user;
	enum error_code code;
} bad_lists[] = {
	{ FRAME_LIST, "", "eddy", ERROR_INVALID },
	{ FRAME_LIST, "none", "", ERROR_NOT_FOUND },
	{ FRAME_MEMBER_LIST, "none", "", ERROR_NOT_FOUND },
	{ FRAME_MEMBER_LIST, "acme", "eddy", ERROR_INVALID },
	{ FRAME_MEMBER_LIST, "", "", ERROR_INVALID },
	{ FRAME_ORG_LIST, "acme", "", ERROR_INVALID },
	{ FRAME_ORG_LIST, "", "eddy", ERROR_INVALID },
};

#define BAD_LISTS ((int)(sizeof(bad_lists) / sizeof(bad_lists[0])))

START_TEST(a_filter_that_cannot_be_is_refused)
{
	struct request req = list_of(bad_lists[_i].type, bad_lists[_i].org,
	    bad_lists[_i].user, false);

	ask_refused(ask(&a, &req), bad_lists[_i].code);
}
END_TEST

static void
try_cursor(const uint8_t *cursor, size_t len)
{
	static const uint8_t listed[] = { FRAME_LIST, FRAME_MEMBER_LIST,
		FRAME_ORG_LIST };

	for (int type = 0; type < 3; type++) {
		struct request req =
		    list_of(listed[type], type == 2 ? "" : "acme", "", true);

		req.list.cursor = (struct span){ cursor, len };
		(void)ask(&a, &req);
		ck_assert(a.rep.type != FRAME_ERROR ||
		    a.rep.error.code == ERROR_INVALID);
	}
}

/* The answer may be anything but a failure. */
START_TEST(a_cursor_of_the_clients_own_does_no_harm)
{
	static const uint8_t fills[] = { 0x00, 'a', 0xff };
	uint8_t cursor[CURSOR_MAX];

	insert(1, 3, false);
	for (int fill = 0; fill < 3; fill++) {
		memset(cursor, fills[fill], sizeof(cursor));
		for (size_t len = 1; len <= sizeof(cursor); len++)
			try_cursor(cursor, len);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("op_list");
	TCase *tc = tcase_create("op_list");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_list_of_keys_pages_without_gaps);
	tcase_add_test(tc, dead_keys_are_passed_over_or_listed_with_all);
	tcase_add_test(tc, an_expired_key_is_listed_with_all);
	tcase_add_test(tc, a_list_of_members_pages_without_gaps);
	tcase_add_test(tc, a_list_of_orgs_pages_without_gaps);
	tcase_add_loop_test(tc, a_filter_that_cannot_be_is_refused, 0,
	    BAD_LISTS);
	tcase_add_test(tc, a_cursor_of_the_clients_own_does_no_harm);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
