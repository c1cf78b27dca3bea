/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "request.h"

#define DIGEST                                                                 \
	{                                                                      \
		0xfe, 0x79, 0x11, 0x90, 0x1f, 0xfe, 0x0f, 0x25, 0xc1, 0xbe,    \
		    0xc1, 0x8d, 0x44, 0xb2, 0x00, 0x86, 0xe6, 0x37, 0x43,      \
		    0x33, 0xb8, 0x4b, 0x62, 0x45, 0xe2, 0x6e, 0xd4, 0xaf,      \
		    0x18, 0x81, 0x38, 0xcd                                     \
	}

static const uint8_t ids[] = "key_0123456789abcdefkey_ghijklmnopqrstuv";
static const uint8_t cursor[] = { 0x00, 0xff, 0x01, 0x80 };

#define ORG_REQUEST                                                            \
	{                                                                      \
		.slug = "acme", .plan = "starter", .rate = 0x01020304,         \
		.burst = 0x05060708                                            \
	}
#define MEMBER_REQUEST                                                         \
	{                                                                      \
		.org = "acme", .user = "alice@example.org", .role = "editor",  \
		.revoke_keys = true                                            \
	}
#define LIST_REQUEST                                                           \
	{                                                                      \
		.org = "acme", .user = "alice", .all = true,                   \
		.unused_since = 0x0102030405060708, .due = true,               \
		.drifted = true, .cursor = {                                   \
			cursor,                                                \
			sizeof(cursor)                                         \
		}                                                              \
	}
#define BACKUP_REQUEST                                                         \
	{                                                                      \
		.at = 0x0102030405060708, .tail = { cursor, sizeof(cursor) }   \
	}
#define RESTORE_REQUEST                                                        \
	{                                                                      \
		.at = 0x0102030405060708, .force = true, .bytes = {            \
			cursor,                                                \
			sizeof(cursor)                                         \
		}                                                              \
	}
#define IMPORT_REQUEST                                                         \
	{                                                                      \
		.id = 0x0102030405060708, .count = 0x1112, .rows = {           \
			cursor,                                                \
			sizeof(cursor)                                         \
		}                                                              \
	}

/* One of each type and form, with every field set. */
static const struct request samples[] = {
	{ .type = FRAME_HELLO,
	    .hello = { .lowest = 1, .highest = 3, .software = "demo 1.0" } },
	{ .type = FRAME_VERIFY,
	    .verify = { .digest = DIGEST,
		.permission = "tests:run",
		.org = "acme" } },
	{ .type = FRAME_STATUS },
	{ .type = FRAME_COUNTS },
	{ .type = FRAME_REPORT,
	    .report = { .wanted = true,
		.uses = 0x01020304,
		.count = 2,
		.reports = { { 0x0102030405060708, 0x090a0b0c },
		    { 0x1112131415161718, 0x191a1b1c } } } },
	{ .type = FRAME_ORG_ADD, .org = ORG_REQUEST },
	{ .type = FRAME_ORG_SET, .org = ORG_REQUEST },
	{ .type = FRAME_ORG_LIST, .list = LIST_REQUEST },
	{ .type = FRAME_MEMBER_ADD, .member = MEMBER_REQUEST },
	{ .type = FRAME_MEMBER_SET, .member = MEMBER_REQUEST },
	{ .type = FRAME_MEMBER_REMOVE, .member = MEMBER_REQUEST },
	{ .type = FRAME_MEMBER_LIST, .list = LIST_REQUEST },
	{ .type = FRAME_CREATE,
	    .create = { .dry_run = true,
		.digest = DIGEST,
		.org = "acme",
		.user = "alice",
		.name = "github-actions",
		.role = "tester",
		.context = "production-ci",
		.project = "web",
		.expires = 0x1112131415161718 } },
	{ .type = FRAME_REVOKE,
	    .revoke = { .dry_run = true,
		.by = REVOKE_BY_ID,
		.count = 2,
		.ids = { ids, 2 * KEY_ID_LEN },
		.reason = "left the company" } },
	{ .type = FRAME_REVOKE,
	    .revoke = { .by = REVOKE_BY_DIGEST,
		.digest = DIGEST,
		.reason = "found in a log" } },
	{ .type = FRAME_LIST, .list = LIST_REQUEST },
	{ .type = FRAME_SHOW, .show = { .id = "key_0123456789abcdef" } },
	{ .type = FRAME_REVOKE_ALL,
	    .revoke_all = { .org = "acme",
		.user = "alice",
		.unused_since = 0x0102030405060708,
		.reason = "left the company" } },
	{ .type = FRAME_ROTATE,
	    .rotate = { .digest = DIGEST,
		.id = "key_0123456789abcdef",
		.has_grace = true,
		.grace = 0x01020304 } },
	{ .type = FRAME_EXPLAIN,
	    .explain = { .digest = DIGEST,
		.permission = "tests:run",
		.org = "acme" } },
	{ .type = FRAME_AUDIT,
	    .audit = { .after = 0x0102030405060708,
		.since = 0x1112131415161718,
		.org = "acme",
		.id = "key_0123456789abcdef" } },
	{ .type = FRAME_AUDIT_CHECK,
	    .audit_range = { .after = 0x0102030405060708 } },
	{ .type = FRAME_AUDIT_PRUNE,
	    .audit_range = { .before = 0x1112131415161718 } },
	{ .type = FRAME_IMPORT_BEGIN, .import = IMPORT_REQUEST },
	{ .type = FRAME_IMPORT_ROWS, .import = IMPORT_REQUEST },
	{ .type = FRAME_IMPORT_COMMIT, .import = IMPORT_REQUEST },
	{ .type = FRAME_IMPORT_ABORT, .import = IMPORT_REQUEST },
	{ .type = FRAME_BACKUP_BEGIN, .backup = BACKUP_REQUEST },
	{ .type = FRAME_BACKUP_READ, .backup = BACKUP_REQUEST },
	{ .type = FRAME_BACKUP_DONE, .backup = BACKUP_REQUEST },
	{ .type = FRAME_RESTORE_BEGIN, .restore = RESTORE_REQUEST },
	{ .type = FRAME_RESTORE_CHUNK, .restore = RESTORE_REQUEST },
	{ .type = FRAME_RESTORE_CHECK, .restore = RESTORE_REQUEST },
	{ .type = FRAME_RESTORE_COMMIT, .restore = RESTORE_REQUEST },
	{ .type = FRAME_RESTORE_ABORT, .restore = RESTORE_REQUEST },
};

#define SAMPLES ((int)(sizeof(samples) / sizeof(samples[0])))

/* The verify of doc/PROTOCOL, 5.2. */
static const uint8_t verify[] = { 0x00, 0x00, 0x00, 0x2d, 0x01, 0x02, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x02, 0xfe, 0x79, 0x11, 0x90, 0x1f, 0xfe, 0x0f,
	0x25, 0xc1, 0xbe, 0xc1, 0x8d, 0x44, 0xb2, 0x00, 0x86, 0xe6, 0x37, 0x43,
	0x33, 0xb8, 0x4b, 0x62, 0x45, 0xe2, 0x6e, 0xd4, 0xaf, 0x18, 0x81, 0x38,
	0xcd, 0x00, 0x09, 0x74, 0x65, 0x73, 0x74, 0x73, 0x3a, 0x72, 0x75, 0x6e,
	0x00, 0x00 };

static uint8_t bytes[FRAME_MAX];

/* The sample's frame in bytes; its length. */
static size_t
encode(const struct request *req)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	request_encode(&w, req, 7);
	ck_assert(wire_fits(&w));
	return wire_length(&w);
}

/* The body alone, as decoded from a copy of exactly its length. */
static bool
decode(struct request *req, uint8_t type, const uint8_t *body, size_t len)
{
	struct frame f = { 1, type, 7, { body, len } };

	return request_decode(req, &f);
}

static void
span_same(struct span a, struct span b)
{
	ck_assert_uint_eq(a.len, b.len);
	if (a.len > 0)
		ck_assert_mem_eq(a.ptr, b.ptr, a.len);
}

static void
create_same(const struct request_create *a, const struct request_create *b)
{
	ck_assert(a->dry_run == b->dry_run);
	ck_assert_mem_eq(a->digest, b->digest, sizeof(a->digest));
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->role, b->role);
	ck_assert_str_eq(a->context, b->context);
	ck_assert_str_eq(a->project, b->project);
	ck_assert_int_eq(a->expires, b->expires);
}

static void
revoke_same(const struct request_revoke *a, const struct request_revoke *b)
{
	ck_assert(a->dry_run == b->dry_run);
	ck_assert_uint_eq(a->by, b->by);
	ck_assert_mem_eq(a->digest, b->digest, sizeof(a->digest));
	ck_assert_uint_eq(a->count, b->count);
	span_same(a->ids, b->ids);
	ck_assert_str_eq(a->reason, b->reason);
}

static void
list_same(const struct request_list *a, const struct request_list *b)
{
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert(a->all == b->all);
	ck_assert_int_eq(a->unused_since, b->unused_since);
	ck_assert(a->due == b->due);
	ck_assert(a->drifted == b->drifted);
	span_same(a->cursor, b->cursor);
}

static void
org_request_same(const struct request_org *a, const struct request_org *b)
{
	ck_assert_str_eq(a->slug, b->slug);
	ck_assert_str_eq(a->plan, b->plan);
	ck_assert_uint_eq(a->rate, b->rate);
	ck_assert_uint_eq(a->burst, b->burst);
}

static void
member_request_same(const struct request_member *a,
    const struct request_member *b)
{
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->role, b->role);
	ck_assert(a->revoke_keys == b->revoke_keys);
}

static void
verify_same(const struct request_verify *a, const struct request_verify *b)
{
	ck_assert_mem_eq(a->digest, b->digest, DIGEST_SIZE);
	ck_assert_str_eq(a->permission, b->permission);
	ck_assert_str_eq(a->org, b->org);
}

static void
revoke_all_same(const struct request_revoke_all *a,
    const struct request_revoke_all *b)
{
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_int_eq(a->unused_since, b->unused_since);
	ck_assert_str_eq(a->reason, b->reason);
}

static void
rotate_same(const struct request_rotate *a, const struct request_rotate *b)
{
	ck_assert_mem_eq(a->digest, b->digest, DIGEST_SIZE);
	ck_assert_str_eq(a->id, b->id);
	ck_assert(a->has_grace == b->has_grace);
	ck_assert_uint_eq(a->grace, b->grace);
}

static void
audit_same(const struct request_audit *a, const struct request_audit *b)
{
	ck_assert_uint_eq(a->after, b->after);
	ck_assert_int_eq(a->since, b->since);
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->id, b->id);
}

static void
hello_same(const struct request_hello *a, const struct request_hello *b)
{
	ck_assert_uint_eq(a->lowest, b->lowest);
	ck_assert_uint_eq(a->highest, b->highest);
	ck_assert_str_eq(a->software, b->software);
}

static void
import_same(const struct request_import *a, const struct request_import *b)
{
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_uint_eq(a->count, b->count);
	span_same(a->rows, b->rows);
}

static void
report_same(const struct lease_wish *a, const struct lease_wish *b)
{
	ck_assert_uint_eq(a->uses, b->uses);
	ck_assert_uint_eq(a->count, b->count);
	for (unsigned i = 0; i < a->count; i++) {
		ck_assert_uint_eq(a->reports[i].id, b->reports[i].id);
		ck_assert_uint_eq(a->reports[i].used, b->reports[i].used);
	}
}

/* Of the audit log, imports and backups. */
static void
many_same(const struct request *a, const struct request *b)
{
	switch (a->type) {
	case FRAME_AUDIT:
		audit_same(&a->audit, &b->audit);
		break;
	case FRAME_AUDIT_CHECK:
		ck_assert_uint_eq(a->audit_range.after, b->audit_range.after);
		break;
	case FRAME_AUDIT_PRUNE:
		ck_assert_int_eq(a->audit_range.before, b->audit_range.before);
		break;
	case FRAME_IMPORT_BEGIN:
	case FRAME_IMPORT_ROWS:
	case FRAME_IMPORT_COMMIT:
	case FRAME_IMPORT_ABORT:
		import_same(&a->import, &b->import);
		break;
	case FRAME_BACKUP_BEGIN:
	case FRAME_BACKUP_READ:
	case FRAME_BACKUP_DONE:
		ck_assert_uint_eq(a->backup.at, b->backup.at);
		span_same(a->backup.tail, b->backup.tail);
		break;
	case FRAME_RESTORE_BEGIN:
	case FRAME_RESTORE_CHUNK:
	case FRAME_RESTORE_CHECK:
	case FRAME_RESTORE_COMMIT:
	case FRAME_RESTORE_ABORT:
		ck_assert_uint_eq(a->restore.at, b->restore.at);
		ck_assert(a->restore.force == b->restore.force);
		span_same(a->restore.bytes, b->restore.bytes);
		break;
	default:
		ck_abort_msg("no request has type %u", a->type);
	}
}

static void
request_same(const struct request *a, const struct request *b)
{
	ck_assert_uint_eq(a->type, b->type);
	switch (a->type) {
	case FRAME_HELLO:
		hello_same(&a->hello, &b->hello);
		break;
	case FRAME_VERIFY:
	case FRAME_EXPLAIN:
		verify_same(&a->verify, &b->verify);
		break;
	case FRAME_REVOKE_ALL:
		revoke_all_same(&a->revoke_all, &b->revoke_all);
		break;
	case FRAME_ROTATE:
		rotate_same(&a->rotate, &b->rotate);
		break;
	case FRAME_STATUS:
	case FRAME_COUNTS:
		break;
	case FRAME_REPORT:
		report_same(&a->report, &b->report);
		break;
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
		org_request_same(&a->org, &b->org);
		break;
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
		member_request_same(&a->member, &b->member);
		break;
	case FRAME_CREATE:
		create_same(&a->create, &b->create);
		break;
	case FRAME_REVOKE:
		revoke_same(&a->revoke, &b->revoke);
		break;
	case FRAME_ORG_LIST:
	case FRAME_MEMBER_LIST:
	case FRAME_LIST:
		list_same(&a->list, &b->list);
		break;
	case FRAME_SHOW:
		ck_assert_str_eq(a->show.id, b->show.id);
		break;
	default:
		many_same(a, b);
	}
}

START_TEST(a_request_keeps_all_its_fields)
{
	size_t len = encode(&samples[_i]);
	struct request got;
	struct frame f;

	ck_assert_int_eq(frame_parse((struct span){ bytes, len }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.id, 7);
	ck_assert_uint_eq(f.major, PROTOCOL_MAJOR);
	ck_assert_uint_eq(frame_size(&f), len);
	ck_assert(request_decode(&got, &f));
	request_same(&got, &samples[_i]);
}
END_TEST

START_TEST(a_request_cut_short_is_refused)
{
	size_t whole = encode(&samples[_i]) - FRAME_HEADER;
	struct request req;

	for (size_t len = 0; len < whole; len++) {
		uint8_t *cut = exact_copy(bytes + FRAME_HEADER, len);

		ck_assert(!decode(&req, samples[_i].type, cut, len));
		free(cut);
	}
}
END_TEST

/*
 * What is read is written again as it was, up to where a shorter text has
 * made optional fields of the rest.
 */
static void
check_reads_as_it_is(const struct request *req, const uint8_t *body, size_t len)
{
	size_t again = encode(req) - FRAME_HEADER;
	struct wire_reader rest;

	ck_assert_uint_le(again, len);
	ck_assert_mem_eq(bytes + FRAME_HEADER, body, again);
	rest = wire_reader(body + again, len - again);
	wire_skip_optional(&rest);
	ck_assert(wire_done(&rest));
}

START_TEST(a_flipped_bit_is_refused_or_reads_as_it_is)
{
	size_t len = encode(&samples[_i]) - FRAME_HEADER;
	uint8_t *body = exact_copy(bytes + FRAME_HEADER, len);
	struct request req;

	for (size_t bit = 0; bit < len * 8; bit++) {
		uint8_t *copy = exact_flipped(body, len, bit);

		if (decode(&req, samples[_i].type, copy, len))
			check_reads_as_it_is(&req, copy, len);
		free(copy);
	}
	free(body);
}
END_TEST

START_TEST(optional_fields_of_later_versions_are_passed_over)
{
	static const uint8_t more[] = { 0x7e, 0x00, 0x00, 0x7f, 0x00, 0x03, 'a',
		0x00, 'c' };
	size_t len = encode(&samples[_i]);
	struct request req;

	memcpy(bytes + len, more, sizeof(more));
	ck_assert(decode(&req, samples[_i].type, bytes + FRAME_HEADER,
	    len + sizeof(more) - FRAME_HEADER));
	request_same(&req, &samples[_i]);
}
END_TEST

START_TEST(leftovers_that_are_no_optional_field_are_refused)
{
	static const uint8_t more[] = { 0x01, 0x00, 0x03, 'a', 'b' };
	size_t len = encode(&samples[_i]) - FRAME_HEADER;
	struct request req;

	memcpy(bytes + FRAME_HEADER + len, more, sizeof(more));
	for (size_t n = 1; n <= sizeof(more); n++) {
		uint8_t *body = exact_copy(bytes + FRAME_HEADER, len + n);

		ck_assert(!decode(&req, samples[_i].type, body, len + n));
		free(body);
	}
}
END_TEST

START_TEST(a_request_without_room_does_not_fit)
{
	size_t whole = encode(&samples[_i]);

	for (size_t cap = 0; cap < whole; cap++) {
		uint8_t *room = malloc(cap);
		struct wire_writer w = wire_writer(room, cap);

		request_encode(&w, &samples[_i], 7);
		ck_assert(!wire_fits(&w));
		free(room);
	}
}
END_TEST

START_TEST(the_verify_of_the_document_is_written)
{
	static const struct request req = { .type = FRAME_VERIFY,
		.verify = { .digest = DIGEST, .permission = "tests:run" } };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	request_encode(&w, &req, 2);
	ck_assert(wire_fits(&w));
	ck_assert_uint_eq(wire_length(&w), sizeof(verify));
	ck_assert_mem_eq(bytes, verify, sizeof(verify));
}
END_TEST

START_TEST(the_verify_of_the_document_is_read)
{
	static const uint8_t digest[] = DIGEST;
	struct request req;
	struct frame f;

	ck_assert_int_eq(frame_parse((struct span){ verify, sizeof(verify) },
			     &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.id, 2);
	ck_assert(request_decode(&req, &f));
	ck_assert_uint_eq(req.type, FRAME_VERIFY);
	ck_assert_mem_eq(req.verify.digest, digest, sizeof(digest));
	ck_assert_str_eq(req.verify.permission, "tests:run");
	ck_assert_str_eq(req.verify.org, "");
}
END_TEST

static bool
is_request(int type)
{
	for (int i = 0; i < SAMPLES; i++)
		if (samples[i].type == type)
			return true;
	return false;
}

/* Runs for every type that there can be. */
START_TEST(a_type_that_is_no_request_is_refused)
{
	struct request req;

	if (is_request(_i))
		return;
	ck_assert(!decode(&req, (uint8_t)_i, NULL, 0));
	for (int i = 0; i < SAMPLES; i++) {
		size_t len = encode(&samples[i]) - FRAME_HEADER;

		ck_assert(
		    !decode(&req, (uint8_t)_i, bytes + FRAME_HEADER, len));
	}
}
END_TEST

START_TEST(an_answer_is_not_a_request)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct request req = samples[_i];
	size_t len = encode(&samples[_i]) - FRAME_HEADER;

	ck_assert(!decode(&req, samples[_i].type | FRAME_ANSWER,
	    bytes + FRAME_HEADER, len));
	req.type = samples[_i].type | FRAME_ANSWER;
	request_encode(&w, &req, 7);
	ck_assert(!wire_fits(&w));
}
END_TEST

START_TEST(a_permission_has_at_most_63_bytes)
{
	uint8_t body[DIGEST_SIZE + 2 + 64 + 2] = { 0 };
	struct request req;

	memset(body + DIGEST_SIZE + 2, 'p', 64);
	body[DIGEST_SIZE + 1] = 63;
	body[DIGEST_SIZE + 2 + 63] = 0;
	ck_assert(decode(&req, FRAME_VERIFY, body, sizeof(body) - 1));
	ck_assert_uint_eq(strlen(req.verify.permission), 63);
	body[DIGEST_SIZE + 1] = 64;
	body[DIGEST_SIZE + 2 + 63] = 'p';
	ck_assert(!decode(&req, FRAME_VERIFY, body, sizeof(body)));
}
END_TEST

START_TEST(a_nul_in_a_text_is_refused)
{
	uint8_t body[sizeof(verify) - FRAME_HEADER];
	struct request req;

	memcpy(body, verify + FRAME_HEADER, sizeof(body));
	ck_assert(decode(&req, FRAME_VERIFY, body, sizeof(body)));
	body[DIGEST_SIZE + 2 + 5] = '\0';
	ck_assert(!decode(&req, FRAME_VERIFY, body, sizeof(body)));
}
END_TEST

START_TEST(a_flag_is_0_or_1)
{
	struct request req;
	uint8_t body[7] = { 0 };

	body[6] = 1;
	ck_assert(decode(&req, FRAME_MEMBER_SET, body, sizeof(body)));
	ck_assert(req.member.revoke_keys);
	body[6] = 2;
	ck_assert(!decode(&req, FRAME_MEMBER_SET, body, sizeof(body)));
}
END_TEST

/* Decodes a revoke that says count and brings so many ids. */
static bool
revoke_of(size_t says, size_t brings)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct request req;

	wire_put_u8(&w, 0);
	wire_put_u8(&w, REVOKE_BY_ID);
	wire_put_u16(&w, (uint16_t)says);
	for (size_t i = 0; i < brings; i++)
		wire_put_bytes(&w, ids, KEY_ID_LEN);
	wire_put_text(&w, "");
	ck_assert(wire_fits(&w));
	return decode(&req, FRAME_REVOKE, bytes, wire_length(&w));
}

START_TEST(a_revoke_has_1_to_512_ids)
{
	ck_assert(!revoke_of(0, 0));
	ck_assert(revoke_of(1, 1));
	ck_assert(revoke_of(REVOKE_IDS_MAX, REVOKE_IDS_MAX));
	ck_assert(!revoke_of(REVOKE_IDS_MAX + 1, REVOKE_IDS_MAX + 1));
	ck_assert(!revoke_of(2, 1));
	ck_assert(!revoke_of(1, 2));
}
END_TEST

START_TEST(a_revoke_is_by_id_or_by_digest)
{
	uint8_t body[2 + DIGEST_SIZE + 2] = { 0 };
	struct request req;

	for (unsigned by = 0; by <= UINT8_MAX; by++) {
		body[1] = (uint8_t)by;
		ck_assert(decode(&req, FRAME_REVOKE, body, sizeof(body)) ==
		    (by == REVOKE_BY_DIGEST));
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("request");
	TCase *tc = tcase_create("request");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_loop_test(tc, a_request_keeps_all_its_fields, 0, SAMPLES);
	tcase_add_loop_test(tc, a_request_cut_short_is_refused, 0, SAMPLES);
	tcase_add_loop_test(tc, a_flipped_bit_is_refused_or_reads_as_it_is, 0,
	    SAMPLES);
	tcase_add_loop_test(tc,
	    optional_fields_of_later_versions_are_passed_over, 0, SAMPLES);
	tcase_add_loop_test(tc,
	    leftovers_that_are_no_optional_field_are_refused, 0, SAMPLES);
	tcase_add_loop_test(tc, a_request_without_room_does_not_fit, 0,
	    SAMPLES);
	tcase_add_test(tc, the_verify_of_the_document_is_written);
	tcase_add_test(tc, the_verify_of_the_document_is_read);
	tcase_add_loop_test(tc, a_type_that_is_no_request_is_refused, 0, 256);
	tcase_add_loop_test(tc, an_answer_is_not_a_request, 0, SAMPLES);
	tcase_add_test(tc, a_permission_has_at_most_63_bytes);
	tcase_add_test(tc, a_nul_in_a_text_is_refused);
	tcase_add_test(tc, a_flag_is_0_or_1);
	tcase_add_test(tc, a_revoke_has_1_to_512_ids);
	tcase_add_test(tc, a_revoke_is_by_id_or_by_digest);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
