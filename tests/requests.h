/* SPDX-License-Identifier: ISC */
/*
 * requests.h - one request of each type and form, with every field set, and its
 * bytes.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_REQUESTS_H
#define KEYD_TESTS_REQUESTS_H

#include <check.h>

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

static uint8_t bytes[FRAME_MAX];

/* The sample's frame in bytes; its length. */
static inline size_t
encode(const struct request *req)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	request_encode(&w, req, 7);
	ck_assert(wire_fits(&w));
	return wire_length(&w);
}

/* The body alone, as decoded from a copy of exactly its length. */
static inline bool
decode(struct request *req, uint8_t type, const uint8_t *body, size_t len)
{
	struct frame f = { 1, type, 7, { body, len } };

	return request_decode(req, &f);
}

#endif /* KEYD_TESTS_REQUESTS_H */
