/* SPDX-License-Identifier: ISC */
/*
 * samples.h - an org, a member and a key with every field set, and how to
 * tell that all of them came back.
 */
#ifndef KEYD_TESTS_SAMPLES_H
#define KEYD_TESTS_SAMPLES_H

#include <check.h>

#include "event.h"
#include "frame.h"
#include "model.h"

#define ORG_SAMPLE                                                             \
	{                                                                      \
		.slug = "acme", .plan = "starter", .rate = 0x01020304,         \
		.burst = 0x05060708, .created = 0x1112131415161718             \
	}

#define MEMBER_SAMPLE                                                          \
	{                                                                      \
		.org = "acme", .user = "alice@example.org", .role = "editor",  \
		.created = 0x2122232425262728                                  \
	}

#define KEY_SAMPLE                                                             \
	{                                                                      \
		.id = "key_0123456789abcdef", .org = "acme", .user = "alice",  \
		.name = "github-actions", .role = "tester",                    \
		.context = "production-ci", .project = "web",                  \
		.permissions = "tests:run data:read",                          \
		.reason = "left the company", .creator_uid = 0x31323334,       \
		.revoker_uid = 0x35363738, .created = 0x4142434445464748,      \
		.expires = 0x5152535455565758, .revoked = 0x6162636465666768,  \
		.rotated_from = "key_fedcba9876543210",                        \
		.rotated_to = "key_00112233445566ff"                           \
	}

#define VIEW_SAMPLE                                                            \
	{                                                                      \
		.key = KEY_SAMPLE,                                             \
		.usage = { .first = 0x0102030405060708,                        \
			.last = 0x1112131415161718,                            \
			.count = 0x2122232425262728,                           \
			.refused = 0x3132333435363738,                         \
			.refused_last = 0x4142434445464748 },                  \
		.due = 0x5152535455565758, .drifted = true                     \
	}

#define EVENT_SAMPLE                                                           \
	{                                                                      \
		.seq = 0x0102030405060708, .when = 0x1112131415161718,         \
		.what = FRAME_ROTATE, .outcome = 9, .uid = 0x21222324,         \
		.pid = 0x31323334, .count = 0x41424344, .org = "acme",         \
		.user = "alice", .detail = "it leaked", .ids = 2,              \
		.id = { "key_0123456789abcdef", "key_fedcba9876543210" },      \
		.hash = "a hash of exactly thirty-two by"                      \
	}

static inline void
org_same(const struct org_info *a, const struct org_info *b)
{
	ck_assert_str_eq(a->slug, b->slug);
	ck_assert_str_eq(a->plan, b->plan);
	ck_assert_uint_eq(a->rate, b->rate);
	ck_assert_uint_eq(a->burst, b->burst);
	ck_assert_int_eq(a->created, b->created);
}

static inline void
member_same(const struct member_info *a, const struct member_info *b)
{
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->role, b->role);
	ck_assert_int_eq(a->created, b->created);
}

static inline void
key_same(const struct key_info *a, const struct key_info *b)
{
	ck_assert_str_eq(a->id, b->id);
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->role, b->role);
	ck_assert_str_eq(a->context, b->context);
	ck_assert_str_eq(a->project, b->project);
	ck_assert_str_eq(a->permissions, b->permissions);
	ck_assert_str_eq(a->reason, b->reason);
	ck_assert_uint_eq(a->creator_uid, b->creator_uid);
	ck_assert_uint_eq(a->revoker_uid, b->revoker_uid);
	ck_assert_int_eq(a->created, b->created);
	ck_assert_int_eq(a->expires, b->expires);
	ck_assert_int_eq(a->revoked, b->revoked);
	ck_assert_str_eq(a->rotated_from, b->rotated_from);
	ck_assert_str_eq(a->rotated_to, b->rotated_to);
}

static inline void
usage_same(const struct usage *a, const struct usage *b)
{
	ck_assert_int_eq(a->first, b->first);
	ck_assert_int_eq(a->last, b->last);
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->refused, b->refused);
	ck_assert_int_eq(a->refused_last, b->refused_last);
}

static inline void
view_same(const struct key_view *a, const struct key_view *b)
{
	key_same(&a->key, &b->key);
	usage_same(&a->usage, &b->usage);
	ck_assert_int_eq(a->due, b->due);
	ck_assert(a->drifted == b->drifted);
}

static inline void
event_same(const struct event *a, const struct event *b)
{
	ck_assert_uint_eq(a->seq, b->seq);
	ck_assert_int_eq(a->when, b->when);
	ck_assert_uint_eq(a->what, b->what);
	ck_assert_uint_eq(a->outcome, b->outcome);
	ck_assert_uint_eq(a->uid, b->uid);
	ck_assert_uint_eq(a->pid, b->pid);
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->detail, b->detail);
	ck_assert_uint_eq(a->ids, b->ids);
	for (unsigned i = 0; i < a->ids; i++)
		ck_assert_str_eq(a->id[i], b->id[i]);
	ck_assert_mem_eq(a->hash, b->hash, sizeof(a->hash));
}

#endif /* KEYD_TESTS_SAMPLES_H */
