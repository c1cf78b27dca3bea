/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "reply.h"
#include "request.h"
#include "suite.h"

#define TAG_AND_LENGTH 3 /* bytes before an optional field */
#define LEASE_SIZE 52

static const struct lease sample = {
	.id = 0x0102030405060708,
	.uses = 0x11121314,
	.us = 0x21222324,
	.stamp = { .page = 0x3132333435363738,
	    .key_at = BULLETIN_COUNTERS - 1,
	    .org_at = 7,
	    .key = 0x4142434445464748,
	    .org = 0x5152535455565758,
	    .policy = 0x6162636465666768 },
};

static uint8_t bytes[FRAME_MAX];

static void
ck_lease_same(const struct lease *a, const struct lease *b)
{
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_uint_eq(a->uses, b->uses);
	ck_assert_uint_eq(a->us, b->us);
	ck_assert_uint_eq(a->stamp.page, b->stamp.page);
	ck_assert_uint_eq(a->stamp.key_at, b->stamp.key_at);
	ck_assert_uint_eq(a->stamp.org_at, b->stamp.org_at);
	ck_assert_uint_eq(a->stamp.key, b->stamp.key);
	ck_assert_uint_eq(a->stamp.org, b->stamp.org);
	ck_assert_uint_eq(a->stamp.policy, b->stamp.policy);
}

static size_t
encode_verdict(const struct lease *l)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	reply_encode_verdict(&w, VERDICT_OK, NULL, NULL, l, false, 1);
	ck_assert(wire_fits(&w));
	return wire_length(&w);
}

static bool
decode_verdict(size_t len, struct reply *rep)
{
	uint8_t *body = exact_copy(bytes + FRAME_HEADER, len - FRAME_HEADER);
	const struct frame f = { .major = 1,
		.type = FRAME_ANSWER | FRAME_VERIFY,
		.id = 1,
		.body = { body, len - FRAME_HEADER } };
	bool good = reply_decode(rep, &f);

	free(body);
	return good;
}

START_TEST(a_lease_comes_with_its_verdict)
{
	struct reply rep;

	ck_assert(decode_verdict(encode_verdict(&sample), &rep));
	ck_lease_same(&rep.verdict.lease, &sample);
}
END_TEST

START_TEST(a_verdict_written_whole_has_its_lease_too)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_VERIFY }, got;
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	rep.verdict.lease = sample;
	reply_encode(&w, &rep, 1);
	ck_assert(decode_verdict(wire_length(&w), &got));
	ck_lease_same(&got.verdict.lease, &sample);
}
END_TEST

START_TEST(no_lease_takes_no_byte)
{
	const struct lease none = { .uses = 9 };
	size_t without = encode_verdict(NULL);
	struct reply rep;

	ck_assert_uint_eq(encode_verdict(&none), without);
	ck_assert(decode_verdict(without, &rep));
	ck_assert_uint_eq(rep.verdict.lease.us, 0);
	ck_assert_uint_eq(encode_verdict(&sample),
	    without + TAG_AND_LENGTH + LEASE_SIZE);
}
END_TEST

START_TEST(details_come_behind_the_lease)
{
	const struct key_info key = { .id = "key_0123456789abcdef",
		.permissions = "tests:run data:read",
		.created = 1700000000 };
	const struct key_brief brief = key_brief(&key);
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct reply rep;
	size_t whole;

	reply_encode_verdict(&w, VERDICT_OK, &brief, NULL, &sample, true, 1);
	whole = wire_length(&w);
	ck_assert(decode_verdict(whole, &rep));
	ck_lease_same(&rep.verdict.lease, &sample);
	ck_assert_int_eq(rep.verdict.created, key.created);
	ck_assert_str_eq(rep.verdict.permissions, key.permissions);
	for (size_t cut = 1; cut < 32; cut++)
		ck_assert(!decode_verdict(whole - cut, &rep));
}
END_TEST

START_TEST(a_lease_cut_short_is_refused)
{
	size_t whole = encode_verdict(&sample);
	size_t without = whole - TAG_AND_LENGTH - LEASE_SIZE;
	struct reply rep;

	for (size_t len = without + 1; len < whole; len++)
		ck_assert(!decode_verdict(len, &rep));
}
END_TEST

/* One byte less or more than the field has, its length telling the truth. */
START_TEST(a_lease_of_another_length_is_refused)
{
	size_t whole = encode_verdict(&sample);
	uint8_t *length = bytes + whole - LEASE_SIZE - 1;
	struct reply rep;

	ck_assert_uint_eq(*length, LEASE_SIZE);
	*length = LEASE_SIZE - 1;
	ck_assert(!decode_verdict(whole - 1, &rep));
	*length = LEASE_SIZE + 1;
	ck_assert(!decode_verdict(whole + 1, &rep));
}
END_TEST

START_TEST(a_counter_that_is_not_on_the_page_is_refused)
{
	struct lease l = sample;
	struct reply rep;

	l.stamp.key_at = BULLETIN_COUNTERS;
	ck_assert(!decode_verdict(encode_verdict(&l), &rep));
	l = sample;
	l.stamp.org_at = UINT16_MAX;
	ck_assert(!decode_verdict(encode_verdict(&l), &rep));
}
END_TEST

static size_t
encode_verify(unsigned reports)
{
	struct request req = { .type = FRAME_VERIFY };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	req.verify.lease = (struct lease_wish){ .wanted = true,
		.uses = 0x01020304,
		.count = (uint8_t)reports };
	for (unsigned i = 0; i < reports; i++)
		req.verify.lease.reports[i] =
		    (struct lease_report){ i + 1, i * 2 };
	request_encode(&w, &req, 1);
	ck_assert(wire_fits(&w));
	return wire_length(&w);
}

static bool
decode_verify(size_t len, struct request *req)
{
	uint8_t *body = exact_copy(bytes + FRAME_HEADER, len - FRAME_HEADER);
	const struct frame f = { .major = 1,
		.type = FRAME_VERIFY,
		.id = 1,
		.body = { body, len - FRAME_HEADER } };
	bool good = request_decode(req, &f);

	free(body);
	return good;
}

START_TEST(a_wish_comes_with_its_reports)
{
	struct request req;

	ck_assert(decode_verify(encode_verify((unsigned)_i), &req));
	ck_assert(req.verify.lease.wanted);
	ck_assert_uint_eq(req.verify.lease.uses, 0x01020304);
	ck_assert_uint_eq(req.verify.lease.count, (unsigned)_i);
	for (unsigned i = 0; i < (unsigned)_i; i++) {
		ck_assert_uint_eq(req.verify.lease.reports[i].id, i + 1);
		ck_assert_uint_eq(req.verify.lease.reports[i].used, i * 2);
	}
}
END_TEST

START_TEST(a_wish_cut_short_is_refused)
{
	size_t whole = encode_verify(2);
	size_t field = TAG_AND_LENGTH + 5 + 2 * 12;
	struct request req;

	ck_assert(decode_verify(whole - field, &req));
	ck_assert(!req.verify.lease.wanted);
	for (size_t len = whole - field + 1; len < whole; len++)
		ck_assert(!decode_verify(len, &req));
}
END_TEST

START_TEST(more_reports_than_may_be_are_refused)
{
	size_t whole = encode_verify(LEASE_REPORTS_MAX);
	uint8_t *count = bytes + whole - LEASE_REPORTS_MAX * 12 - 1;
	struct request req;

	ck_assert_uint_eq(*count, LEASE_REPORTS_MAX);
	for (unsigned wrong = 0; wrong <= UINT8_MAX; wrong++) {
		*count = (uint8_t)wrong;
		ck_assert(
		    decode_verify(whole, &req) == (wrong == LEASE_REPORTS_MAX));
	}
}
END_TEST

START_TEST(hello_asks_for_the_page)
{
	struct request req = { .type = FRAME_HELLO,
		.hello = { .lowest = 1,
		    .highest = 1,
		    .software = "x",
		    .page = true } };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct request got;
	struct frame f;

	request_encode(&w, &req, 1);
	ck_assert_int_eq(frame_parse((struct span){ bytes, wire_length(&w) },
			     &f),
	    FRAME_WHOLE);
	ck_assert(request_decode(&got, &f));
	ck_assert(got.hello.page);
	/* Something in a field that has nothing. */
	memcpy(bytes + wire_length(&w) - 2, "\0\1x", 3);
	f.body.len++;
	ck_assert(!request_decode(&got, &f));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lease");
	TCase *tc = tcase_create("lease");

	tcase_add_test(tc, a_lease_comes_with_its_verdict);
	tcase_add_test(tc, a_verdict_written_whole_has_its_lease_too);
	tcase_add_test(tc, no_lease_takes_no_byte);
	tcase_add_test(tc, details_come_behind_the_lease);
	tcase_add_test(tc, a_lease_cut_short_is_refused);
	tcase_add_test(tc, a_lease_of_another_length_is_refused);
	tcase_add_test(tc, a_counter_that_is_not_on_the_page_is_refused);
	tcase_add_loop_test(tc, a_wish_comes_with_its_reports, 0,
	    LEASE_REPORTS_MAX + 1);
	tcase_add_test(tc, a_wish_cut_short_is_refused);
	tcase_add_test(tc, more_reports_than_may_be_are_refused);
	tcase_add_test(tc, hello_asks_for_the_page);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
