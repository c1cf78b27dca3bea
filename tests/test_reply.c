/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "reply.h"
#include "samples.h"
#include "suite.h"

#define ANSWER(type) (FRAME_ANSWER | (type))

static const uint8_t row_bytes[] = { 0x00, 0xff, 0x01 };
static const uint8_t id_bytes[2 * KEY_ID_LEN] = "key_0123456789abcdef";
static const uint8_t cursor_bytes[] = { 0x80, 0x00 };

#define MEMBER_REPLY                                                           \
	{                                                                      \
		.info = MEMBER_SAMPLE, .live = 0x01020304,                     \
		.revoked = 0x05060708                                          \
	}
#define IMPORT_REPLY                                                           \
	{                                                                      \
		.id = 0x0102030405060708, .done = 0x11121314,                  \
		.left = 0x21222324, .fault = 0x3132, .row = 0x41424344,        \
		.why = "the name is taken"                                     \
	}
#define BACKUP_REPLY                                                           \
	{                                                                      \
		.made = 0x0102030405060708, .keys = 0x1112131415161718,        \
		.size = 0x2122232425262728, .last = true, .piece = {           \
			row_bytes,                                             \
			sizeof(row_bytes)                                      \
		}                                                              \
	}
#define RESTORE_REPLY                                                          \
	{                                                                      \
		.made = 0x0102030405060708, .keys = 0x1112131415161718,        \
		.at = 0x2122232425262728, .whole = true, .needs_force = true,  \
		.present = 0x3132333435363738, .known = 0x4142434445464748,    \
		.changes = 0x5152535455565758, .back = 0x6162636465666768,     \
		.ids = { id_bytes,                                             \
			sizeof(id_bytes) }                                     \
	}
#define PAGE_REPLY                                                             \
	{                                                                      \
		.count = 0x0102, .rows = { row_bytes, sizeof(row_bytes) },     \
		.cursor = {                                                    \
			cursor_bytes,                                          \
			sizeof(cursor_bytes)                                   \
		}                                                              \
	}

/* One of each type but the pages, with every field set. */
static const struct reply samples[] = {
	{ .type = ANSWER(FRAME_HELLO),
	    .welcome = { .major = 1,
		.minor = 0x0203,
		.foreign = true,
		.prefix = "cmk",
		.software = "keyd 0.1.0" } },
	{ .type = ANSWER(FRAME_VERIFY),
	    .verdict = { .code = VERDICT_FORBIDDEN,
		.retry_after = 0x01020304,
		.limit = 0x05060708,
		.remaining = 0x090a0b0c,
		.reset = 0x0d0e0f10,
		.expires = 0x1112131415161718,
		.id = "key_0123456789abcdef",
		.org = "acme",
		.user = "alice",
		.name = "ci",
		.project = "web" } },
	{ .type = ANSWER(FRAME_ORG_ADD), .org = ORG_SAMPLE },
	{ .type = ANSWER(FRAME_ORG_SET), .org = ORG_SAMPLE },
	{ .type = ANSWER(FRAME_MEMBER_ADD), .member = MEMBER_REPLY },
	{ .type = ANSWER(FRAME_MEMBER_SET), .member = MEMBER_REPLY },
	{ .type = ANSWER(FRAME_MEMBER_REMOVE), .member = MEMBER_REPLY },
	{ .type = ANSWER(FRAME_CREATE),
	    .created = { .existed = true, .key = KEY_SAMPLE } },
	{ .type = ANSWER(FRAME_REPORT) },
	{ .type = ANSWER(FRAME_SHOW), .view = VIEW_SAMPLE },
	{ .type = ANSWER(FRAME_ROTATE),
	    .rotated = { .existed = true,
		.key = KEY_SAMPLE,
		.old_expires = 0x0102030405060708 } },
	{ .type = ANSWER(FRAME_REVOKE_ALL), .revoked_all = { 0x01020304 } },
	{ .type = ANSWER(FRAME_EXPLAIN),
	    .explained = { .verdict = { .code = VERDICT_EXPIRED,
			       .limit = 60,
			       .id = "key_0123456789abcdef" },
		.count = 0x0102,
		.steps = { row_bytes, sizeof(row_bytes) } } },
	{ .type = ANSWER(FRAME_AUDIT_CHECK),
	    .checked = { .last = 0x0102030405060708,
		.broken = 0x1112131415161718,
		.why = "its hash is wrong" } },
	{ .type = ANSWER(FRAME_AUDIT_PRUNE),
	    .pruned = { .removed = 0x01020304, .first = 0x1112131415161718 } },
	{ .type = ANSWER(FRAME_IMPORT_BEGIN), .import = IMPORT_REPLY },
	{ .type = ANSWER(FRAME_IMPORT_ROWS), .import = IMPORT_REPLY },
	{ .type = ANSWER(FRAME_IMPORT_COMMIT), .import = IMPORT_REPLY },
	{ .type = ANSWER(FRAME_IMPORT_ABORT), .import = IMPORT_REPLY },
	{ .type = ANSWER(FRAME_BACKUP_BEGIN), .backup = BACKUP_REPLY },
	{ .type = ANSWER(FRAME_BACKUP_READ), .backup = BACKUP_REPLY },
	{ .type = ANSWER(FRAME_BACKUP_DONE), .backup = BACKUP_REPLY },
	{ .type = ANSWER(FRAME_RESTORE_BEGIN), .restore = RESTORE_REPLY },
	{ .type = ANSWER(FRAME_RESTORE_CHUNK), .restore = RESTORE_REPLY },
	{ .type = ANSWER(FRAME_RESTORE_CHECK), .restore = RESTORE_REPLY },
	{ .type = ANSWER(FRAME_RESTORE_COMMIT), .restore = RESTORE_REPLY },
	{ .type = ANSWER(FRAME_RESTORE_ABORT), .restore = RESTORE_REPLY },
	{ .type = FRAME_ERROR,
	    .error = { .code = ERROR_BUSY,
		.lowest = 1,
		.highest = 2,
		.retry_after = 0x0304,
		.message = "too many connections" } },
};

#define SAMPLES ((int)(sizeof(samples) / sizeof(samples[0])))

static const uint8_t pages[] = { ANSWER(FRAME_STATUS), ANSWER(FRAME_COUNTS),
	ANSWER(FRAME_ORG_LIST), ANSWER(FRAME_MEMBER_LIST), ANSWER(FRAME_REVOKE),
	ANSWER(FRAME_LIST), ANSWER(FRAME_AUDIT) };

#define PAGES ((int)(sizeof(pages) / sizeof(pages[0])))

/* The verdict of doc/PROTOCOL, 5.2. */
static const uint8_t verdict[] = { 0x00, 0x00, 0x00, 0x42, 0x01, 0x82, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x6b, 0x65, 0x79, 0x5f,
	0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62,
	0x63, 0x64, 0x65, 0x66, 0x00, 0x04, 0x61, 0x63, 0x6d, 0x65, 0x00, 0x05,
	0x61, 0x6c, 0x69, 0x63, 0x65, 0x00, 0x02, 0x63, 0x69, 0x00, 0x00 };

/* The error of doc/PROTOCOL, 5.3. */
static const uint8_t error[] = { 0x00, 0x00, 0x00, 0x2c, 0x01, 0xff, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x01, 0x00, 0x00, 0x00, 0x25, 0x6b,
	0x65, 0x79, 0x64, 0x20, 0x73, 0x70, 0x65, 0x61, 0x6b, 0x73, 0x20, 0x76,
	0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x20, 0x31, 0x20, 0x6f, 0x66, 0x20,
	0x74, 0x68, 0x65, 0x20, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x63, 0x6f,
	0x6c };

/* The welcome of doc/PROTOCOL, 5.1. */
static const uint8_t welcome[] = { 0x00, 0x00, 0x00, 0x15, 0x01, 0x81, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x01, 0x00, 0x00, 0x03, 0x63,
	0x6d, 0x6b, 0x00, 0x0a, 0x6b, 0x65, 0x79, 0x64, 0x20, 0x30, 0x2e, 0x31,
	0x2e, 0x30 };

static uint8_t bytes[2 * FRAME_MAX];

static size_t
encode(const struct reply *rep)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	reply_encode(&w, rep, 7);
	ck_assert(wire_fits(&w));
	return wire_length(&w);
}

static bool
decode(struct reply *rep, uint8_t type, const uint8_t *body, size_t len)
{
	struct frame f = { 1, type, 7, { body, len } };

	return reply_decode(rep, &f);
}

static void
welcome_same(const struct reply_welcome *a, const struct reply_welcome *b)
{
	ck_assert_uint_eq(a->major, b->major);
	ck_assert_uint_eq(a->minor, b->minor);
	ck_assert(a->foreign == b->foreign);
	ck_assert_str_eq(a->prefix, b->prefix);
	ck_assert_str_eq(a->software, b->software);
}

static void
verdict_same(const struct reply_verdict *a, const struct reply_verdict *b)
{
	ck_assert_uint_eq(a->code, b->code);
	ck_assert_uint_eq(a->retry_after, b->retry_after);
	ck_assert_uint_eq(a->limit, b->limit);
	ck_assert_uint_eq(a->remaining, b->remaining);
	ck_assert_uint_eq(a->reset, b->reset);
	ck_assert_int_eq(a->expires, b->expires);
	ck_assert_str_eq(a->id, b->id);
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->project, b->project);
}

static void
error_same(const struct reply_error *a, const struct reply_error *b)
{
	ck_assert_uint_eq(a->code, b->code);
	ck_assert_uint_eq(a->lowest, b->lowest);
	ck_assert_uint_eq(a->highest, b->highest);
	ck_assert_uint_eq(a->retry_after, b->retry_after);
	ck_assert_str_eq(a->message, b->message);
}

static void
import_same(const struct reply_import *a, const struct reply_import *b)
{
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_uint_eq(a->done, b->done);
	ck_assert_uint_eq(a->left, b->left);
	ck_assert_uint_eq(a->fault, b->fault);
	ck_assert_uint_eq(a->row, b->row);
	ck_assert_str_eq(a->why, b->why);
}

static void
backup_same(const struct reply_backup *a, const struct reply_backup *b)
{
	ck_assert_int_eq(a->made, b->made);
	ck_assert_uint_eq(a->keys, b->keys);
	ck_assert_uint_eq(a->size, b->size);
	ck_assert(a->last == b->last);
	ck_assert_uint_eq(a->piece.len, b->piece.len);
	if (a->piece.len > 0)
		ck_assert_mem_eq(a->piece.ptr, b->piece.ptr, a->piece.len);
}

static void
restore_same(const struct reply_restore *a, const struct reply_restore *b)
{
	ck_assert_int_eq(a->made, b->made);
	ck_assert_uint_eq(a->keys, b->keys);
	ck_assert_uint_eq(a->at, b->at);
	ck_assert(a->whole == b->whole);
	ck_assert(a->needs_force == b->needs_force);
	ck_assert_uint_eq(a->present, b->present);
	ck_assert_uint_eq(a->known, b->known);
	ck_assert_uint_eq(a->changes, b->changes);
	ck_assert_uint_eq(a->back, b->back);
	ck_assert_uint_eq(a->ids.len, b->ids.len);
	if (a->ids.len > 0)
		ck_assert_mem_eq(a->ids.ptr, b->ids.ptr, a->ids.len);
}

static void
explained_same(const struct reply_explained *a, const struct reply_explained *b)
{
	verdict_same(&a->verdict, &b->verdict);
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->steps.len, b->steps.len);
	if (a->steps.len > 0)
		ck_assert_mem_eq(a->steps.ptr, b->steps.ptr, a->steps.len);
}

static void
checked_same(const struct reply_checked *a, const struct reply_checked *b)
{
	ck_assert_uint_eq(a->last, b->last);
	ck_assert_uint_eq(a->broken, b->broken);
	ck_assert_str_eq(a->why, b->why);
}

static void
changed_same(const struct reply_member *a, const struct reply_member *b)
{
	member_same(&a->info, &b->info);
	ck_assert_uint_eq(a->live, b->live);
	ck_assert_uint_eq(a->revoked, b->revoked);
}

static void
rotated_same(const struct reply_rotated *a, const struct reply_rotated *b)
{
	ck_assert(a->existed == b->existed);
	key_same(&a->key, &b->key);
	ck_assert_int_eq(a->old_expires, b->old_expires);
}

/* Of the audit log, imports and backups. */
static void
bulk_same(const struct reply *a, const struct reply *b)
{
	switch (a->type) {
	case ANSWER(FRAME_AUDIT_CHECK):
		checked_same(&a->checked, &b->checked);
		break;
	case ANSWER(FRAME_AUDIT_PRUNE):
		ck_assert_uint_eq(a->pruned.removed, b->pruned.removed);
		ck_assert_uint_eq(a->pruned.first, b->pruned.first);
		break;
	case ANSWER(FRAME_IMPORT_BEGIN):
	case ANSWER(FRAME_IMPORT_ROWS):
	case ANSWER(FRAME_IMPORT_COMMIT):
	case ANSWER(FRAME_IMPORT_ABORT):
		import_same(&a->import, &b->import);
		break;
	case ANSWER(FRAME_BACKUP_BEGIN):
	case ANSWER(FRAME_BACKUP_READ):
	case ANSWER(FRAME_BACKUP_DONE):
		backup_same(&a->backup, &b->backup);
		break;
	case ANSWER(FRAME_RESTORE_BEGIN):
	case ANSWER(FRAME_RESTORE_CHUNK):
	case ANSWER(FRAME_RESTORE_CHECK):
	case ANSWER(FRAME_RESTORE_COMMIT):
	case ANSWER(FRAME_RESTORE_ABORT):
		restore_same(&a->restore, &b->restore);
		break;
	default:
		ck_abort_msg("no sample has type %u", a->type);
	}
}

static void
reply_same(const struct reply *a, const struct reply *b)
{
	ck_assert_uint_eq(a->type, b->type);
	switch (a->type) {
	case ANSWER(FRAME_REPORT):
		break;
	case ANSWER(FRAME_HELLO):
		welcome_same(&a->welcome, &b->welcome);
		break;
	case ANSWER(FRAME_VERIFY):
		verdict_same(&a->verdict, &b->verdict);
		break;
	case ANSWER(FRAME_ORG_ADD):
	case ANSWER(FRAME_ORG_SET):
		org_same(&a->org, &b->org);
		break;
	case ANSWER(FRAME_MEMBER_ADD):
	case ANSWER(FRAME_MEMBER_SET):
	case ANSWER(FRAME_MEMBER_REMOVE):
		changed_same(&a->member, &b->member);
		break;
	case ANSWER(FRAME_CREATE):
		ck_assert(a->created.existed == b->created.existed);
		key_same(&a->created.key, &b->created.key);
		break;
	case ANSWER(FRAME_SHOW):
		view_same(&a->view, &b->view);
		break;
	case ANSWER(FRAME_ROTATE):
		rotated_same(&a->rotated, &b->rotated);
		break;
	case ANSWER(FRAME_REVOKE_ALL):
		ck_assert_uint_eq(a->revoked_all.revoked,
		    b->revoked_all.revoked);
		break;
	case ANSWER(FRAME_EXPLAIN):
		explained_same(&a->explained, &b->explained);
		break;
	case FRAME_ERROR:
		error_same(&a->error, &b->error);
		break;
	default:
		bulk_same(a, b);
	}
}

START_TEST(a_reply_keeps_all_its_fields)
{
	size_t len = encode(&samples[_i]);
	struct reply got;
	struct frame f;

	ck_assert_int_eq(frame_parse((struct span){ bytes, len }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.id, 7);
	ck_assert_uint_eq(f.major, PROTOCOL_MAJOR);
	ck_assert_uint_eq(frame_size(&f), len);
	ck_assert(reply_decode(&got, &f));
	reply_same(&got, &samples[_i]);
}
END_TEST

START_TEST(a_reply_cut_short_is_refused)
{
	size_t whole = encode(&samples[_i]) - FRAME_HEADER;
	struct reply rep;

	for (size_t len = 0; len < whole; len++) {
		uint8_t *cut = exact_copy(bytes + FRAME_HEADER, len);

		ck_assert(!decode(&rep, samples[_i].type, cut, len));
		free(cut);
	}
}
END_TEST

/*
 * What is read is written again as it was but for flags, of which any bit
 * means true, and up to where a shorter text has made optional fields of the
 * rest.  So what was written says the same again.
 */
START_TEST(a_flipped_bit_is_refused_or_reads_as_it_is)
{
	size_t len = encode(&samples[_i]) - FRAME_HEADER;
	uint8_t *body = exact_copy(bytes + FRAME_HEADER, len);
	struct reply rep;
	struct reply again;

	for (size_t bit = 0; bit < len * 8; bit++) {
		uint8_t *copy = exact_flipped(body, len, bit);

		if (decode(&rep, samples[_i].type, copy, len)) {
			size_t n = encode(&rep) - FRAME_HEADER;

			ck_assert_uint_le(n, len);
			ck_assert(decode(&again, samples[_i].type,
			    bytes + FRAME_HEADER, n));
			reply_same(&again, &rep);
		}
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
	struct reply rep;

	memcpy(bytes + len, more, sizeof(more));
	ck_assert(decode(&rep, samples[_i].type, bytes + FRAME_HEADER,
	    len + sizeof(more) - FRAME_HEADER));
	reply_same(&rep, &samples[_i]);
}
END_TEST

START_TEST(leftovers_that_are_no_optional_field_are_refused)
{
	static const uint8_t more[] = { 0x01, 0x00, 0x03, 'a', 'b' };
	size_t len = encode(&samples[_i]) - FRAME_HEADER;
	struct reply rep;

	memcpy(bytes + FRAME_HEADER + len, more, sizeof(more));
	for (size_t n = 1; n <= sizeof(more); n++) {
		uint8_t *body = exact_copy(bytes + FRAME_HEADER, len + n);

		ck_assert(!decode(&rep, samples[_i].type, body, len + n));
		free(body);
	}
}
END_TEST

START_TEST(a_reply_without_room_does_not_fit)
{
	size_t whole = encode(&samples[_i]);

	for (size_t cap = 0; cap < whole; cap++) {
		uint8_t *room = malloc(cap);
		struct wire_writer w = wire_writer(room, cap);

		reply_encode(&w, &samples[_i], 7);
		ck_assert(!wire_fits(&w));
		free(room);
	}
}
END_TEST

static bool
is_reply(int type)
{
	for (int i = 0; i < SAMPLES; i++)
		if (samples[i].type == type)
			return true;
	for (int i = 0; i < PAGES; i++)
		if (pages[i] == type)
			return true;
	return false;
}

/* Runs for every type that there can be. */
START_TEST(a_type_that_is_no_reply_is_refused)
{
	struct reply rep;

	if (is_reply(_i))
		return;
	ck_assert(!decode(&rep, (uint8_t)_i, NULL, 0));
	for (int i = 0; i < SAMPLES; i++) {
		size_t len = encode(&samples[i]) - FRAME_HEADER;

		ck_assert(
		    !decode(&rep, (uint8_t)_i, bytes + FRAME_HEADER, len));
	}
}
END_TEST

/* Runs for each kind of page: reply_encode writes none of them. */
START_TEST(a_page_is_written_by_its_own_writer_only)
{
	struct reply rep = { .type = pages[_i], .page = PAGE_REPLY };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	reply_encode(&w, &rep, 7);
	ck_assert(!wire_fits(&w));
}
END_TEST

static void
check_written(const struct reply *rep, uint32_t id, const uint8_t *expected,
    size_t len)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct reply got;
	struct frame f;

	reply_encode(&w, rep, id);
	ck_assert(wire_fits(&w));
	ck_assert_uint_eq(wire_length(&w), len);
	ck_assert_mem_eq(bytes, expected, len);
	ck_assert_int_eq(frame_parse((struct span){ expected, len }, &f),
	    FRAME_WHOLE);
	ck_assert(reply_decode(&got, &f));
	reply_same(&got, rep);
}

START_TEST(the_verdict_of_the_document_is_written_and_read)
{
	static const struct reply rep = { .type = ANSWER(FRAME_VERIFY),
		.verdict = { .code = VERDICT_OK,
		    .id = "key_0123456789abcdef",
		    .org = "acme",
		    .user = "alice",
		    .name = "ci" } };

	check_written(&rep, 2, verdict, sizeof(verdict));
}
END_TEST

START_TEST(the_error_of_the_document_is_written_and_read)
{
	static const struct reply rep = { .type = FRAME_ERROR,
		.error = { .code = ERROR_VERSION,
		    .lowest = 1,
		    .highest = 1,
		    .message = "keyd speaks version 1 of the protocol" } };

	check_written(&rep, 1, error, sizeof(error));
}
END_TEST

START_TEST(the_welcome_of_the_document_is_written_and_read)
{
	static const struct reply rep = { .type = ANSWER(FRAME_HELLO),
		.welcome = { .major = 1,
		    .minor = 1,
		    .prefix = "cmk",
		    .software = "keyd 0.1.0" } };

	check_written(&rep, 1, welcome, sizeof(welcome));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reply");
	TCase *tc = tcase_create("reply");

	tcase_add_loop_test(tc, a_reply_keeps_all_its_fields, 0, SAMPLES);
	tcase_add_loop_test(tc, a_reply_cut_short_is_refused, 0, SAMPLES);
	tcase_add_loop_test(tc, a_flipped_bit_is_refused_or_reads_as_it_is, 0,
	    SAMPLES);
	tcase_add_loop_test(tc,
	    optional_fields_of_later_versions_are_passed_over, 0, SAMPLES);
	tcase_add_loop_test(tc,
	    leftovers_that_are_no_optional_field_are_refused, 0, SAMPLES);
	tcase_add_loop_test(tc, a_reply_without_room_does_not_fit, 0, SAMPLES);
	tcase_add_loop_test(tc, a_type_that_is_no_reply_is_refused, 0, 256);
	tcase_add_test(tc, the_verdict_of_the_document_is_written_and_read);
	tcase_add_test(tc, the_error_of_the_document_is_written_and_read);
	tcase_add_test(tc, the_welcome_of_the_document_is_written_and_read);
	tcase_add_loop_test(tc, a_page_is_written_by_its_own_writer_only, 0,
	    PAGES);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
