/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "keys.h"
#include "suite.h"

#define DAY (INT64_C(24) * 60 * 60)

static struct scratch s;
static struct asker a;
static char id[KEY_ID_SIZE];

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ask_org(&a, "acme");
	ask_member(&a, "acme", "eddy", "editor");
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

static void
read_counts(void)
{
	struct request req = { .type = FRAME_COUNTS };

	a.socket = SOCKET_VERIFY;
	ask_done(ask(&a, &req));
	a.socket = SOCKET_ADMIN;
	ck_assert_int_eq(a.rep.type, FRAME_ANSWER | FRAME_COUNTS);
	ck_assert_uint_eq(a.rep.page.cursor.len, 0);
}

/* One of the answer; false when it is not there. */
static bool
find(const char *name, struct fact_row *row)
{
	struct span rows = a.rep.page.rows;
	struct wire_reader r = wire_reader(rows.ptr, rows.len);

	for (unsigned i = 0; i < a.rep.page.count; i++) {
		fact_get(&r, row);
		ck_assert(!r.bad);
		if (strcmp(row->name, name) == 0)
			return true;
	}
	ck_assert(wire_done(&r));
	return false;
}

static uint64_t
count(const char *name)
{
	struct fact_row row;

	ck_assert_msg(find(name, &row), "there is no %s", name);
	ck_assert(!row.is_text);
	return row.number;
}

/* So many keys in one transaction. */
static void
insert(unsigned first, unsigned keys, int64_t expires)
{
	struct store_txn *t = scratch_begin(&s);

	for (unsigned n = first; n < first + keys; n++) {
		struct record rec = { .key = { .org = "acme",
					  .user = "eddy",
					  .role = "editor",
					  .context = "shared",
					  .created = ASK_NOW,
					  .expires = expires } };

		memcpy(rec.hash, &n, sizeof(n));
		snprintf(rec.key.name, sizeof(rec.key.name), "name %u", n);
		ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	}
	scratch_commit(t);
}

static void
ck_keys(uint64_t live, uint64_t expired, uint64_t revoked)
{
	read_counts();
	ck_assert_uint_eq(count("live_keys"), live);
	ck_assert_uint_eq(count("expired_keys"), expired);
	ck_assert_uint_eq(count("revoked_keys"), revoked);
}

START_TEST(keys_are_counted_by_their_state)
{
	ck_keys(0, 0, 0);
	insert(1, 3, 0);
	insert(4, 2, ASK_NOW + DAY);
	ask_key(&a, 9, "acme", "eddy", "ci", id);
	ck_keys(6, 0, 0);
	ask_done(ask_revoke(&a, id));
	ck_keys(5, 0, 1);
	a.now += DAY;
	ck_keys(3, 2, 1);
	ck_assert_uint_eq(count("orgs"), 1);
	ck_assert_uint_eq(count("members"), 1);
	ck_assert_uint_ge(count("audit_entries"), 4);
}
END_TEST

START_TEST(a_key_that_is_revoked_and_past_its_end_is_revoked)
{
	struct request req = ask_create(1, "acme", "eddy", "ci");

	req.create.expires = ASK_NOW + DAY;
	ask_done(ask(&a, &req));
	ask_done(ask_revoke(&a, a.rep.created.key.id));
	a.now += DAY;
	ck_keys(0, 0, 1);
}
END_TEST

/* However long it takes: each answer looks at some more of them. */
START_TEST(many_keys_are_counted_a_part_at_a_time)
{
	struct fact_row row;
	int answers = 1;

	insert(1, 1500, ASK_NOW);
	insert(1501, 1500, 0);
	read_counts();
	ck_assert(!find("expired_keys", &row));
	ck_assert(!find("live_keys", &row));
	ck_assert_uint_eq(count("revoked_keys"), 0);
	for (; !find("expired_keys", &row); answers++)
		read_counts();
	ck_assert_uint_eq(count("expired_keys"), 1500);
	ck_assert_uint_eq(count("live_keys"), 1500);
	ck_assert_int_ge(answers, 3);
	for (int i = 0; i < answers; i++) {
		read_counts();
		ck_assert_uint_eq(count("expired_keys"), 1500);
	}
}
END_TEST

START_TEST(verdicts_are_counted_by_their_code)
{
	ask_key(&a, 1, "acme", "eddy", "one", id);
	(void)ask_verify(&a, 1, "tests:run", "acme");
	(void)ask_verify(&a, 1, "", "");
	(void)ask_verify(&a, 1, "billing:manage", "");
	(void)ask_verify(&a, 1, "", "globex");
	(void)ask_verify(&a, 2, "", "");
	ask_done(ask_revoke(&a, id));
	(void)ask_verify(&a, 1, "", "");
	read_counts();
	ck_assert_uint_eq(count("verdicts_ok"), 2);
	ck_assert_uint_eq(count("verdicts_forbidden"), 1);
	ck_assert_uint_eq(count("verdicts_wrong_org"), 1);
	ck_assert_uint_eq(count("verdicts_unknown"), 1);
	ck_assert_uint_eq(count("verdicts_revoked"), 1);
	ck_assert_uint_eq(count("verdicts_expired"), 0);
	ck_assert_uint_eq(count("verdicts_rate_limited"), 0);
	ck_assert_uint_eq(count("cache_hits"), 0);
	ck_assert_uint_eq(count("record_hits"), 3);
}
END_TEST

START_TEST(the_rest_is_there_too)
{
	struct fact_row row;

	a.health.connections = 7;
	strcpy(a.health.config_error, "FILE:1: no");
	read_counts();
	ck_assert(find("version", &row) && row.is_text);
	ck_assert_str_eq(row.text, PACKAGE_VERSION);
	ck_assert_uint_eq(count("connections"), 7);
	ck_assert_uint_eq(count("configuration_good"), 0);
	ck_assert_uint_eq(count("store_failures"), 0);
	ck_assert_uint_eq(count("database_limit"), SCRATCH_MAP_SIZE << 20);
	ck_assert_uint_gt(count("database_used"), 0);
	ck_assert(!find("config_error", &row));
}
END_TEST

/* Anything that names a key, an org or a member would be text. */
START_TEST(nothing_is_told_of_a_single_key)
{
	struct wire_reader r;
	struct fact_row row;

	ask_key(&a, 1, "acme", "eddy", "ci", id);
	(void)ask_verify(&a, 1, "", "");
	read_counts();
	r = wire_reader(a.rep.page.rows.ptr, a.rep.page.rows.len);
	for (unsigned i = 0; i < a.rep.page.count; i++) {
		fact_get(&r, &row);
		ck_assert(!row.is_text || strcmp(row.name, "version") == 0);
	}
}
END_TEST

START_TEST(a_time_is_in_the_first_bucket_that_it_fits)
{
	struct latency l = { .sum_ns = 0 };
	uint64_t sum = 0;

	latency_count(&l, 1, -5);
	latency_count(&l, 1, 0);
	for (int i = 0; i < LATENCY_BOUNDS; i++) {
		int64_t ns = (int64_t)latency_bounds[i] * 1000;

		latency_count(&l, 1, ns);
		latency_count(&l, 1, ns + 1);
		sum += 2 * (uint64_t)ns + 1;
		ck_assert(i == 0 || latency_bounds[i] > latency_bounds[i - 1]);
	}
	ck_assert_uint_eq(l.counts[0], 3);
	for (int i = 1; i < LATENCY_BOUNDS; i++)
		ck_assert_uint_eq(l.counts[i], 2);
	ck_assert_uint_eq(l.counts[LATENCY_BOUNDS], 1);
	ck_assert_uint_eq(l.sum_ns, sum);
}
END_TEST

START_TEST(a_bucket_counts_those_before_it_as_well)
{
	latency_count(&a.health.latency, 1, 1000);
	latency_count(&a.health.latency, 1, 9000);
	latency_count(&a.health.latency, 1, INT64_C(3000000000));
	read_counts();
	ck_assert_uint_eq(count("verify_us_5"), 1);
	ck_assert_uint_eq(count("verify_us_10"), 2);
	ck_assert_uint_eq(count("verify_us_100000"), 2);
	ck_assert_uint_eq(count("verify_count"), 3);
	ck_assert_uint_eq(count("verify_ns"), UINT64_C(3000010000));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("counts");
	TCase *tc = tcase_create("counts");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, keys_are_counted_by_their_state);
	tcase_add_test(tc, a_key_that_is_revoked_and_past_its_end_is_revoked);
	tcase_add_test(tc, many_keys_are_counted_a_part_at_a_time);
	tcase_add_test(tc, verdicts_are_counted_by_their_code);
	tcase_add_test(tc, the_rest_is_there_too);
	tcase_add_test(tc, nothing_is_told_of_a_single_key);
	tcase_add_test(tc, a_time_is_in_the_first_bucket_that_it_fits);
	tcase_add_test(tc, a_bucket_counts_those_before_it_as_well);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
