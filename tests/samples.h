/* SPDX-License-Identifier: ISC */
/*
 * samples.h - an org, a member and a key with every field set, and how to
 * tell that all of them came back.
 */
#ifndef KEYD_TESTS_SAMPLES_H
#define KEYD_TESTS_SAMPLES_H

#include <check.h>

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
		.expires = 0x5152535455565758, .revoked = 0x6162636465666768   \
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
}

#endif /* KEYD_TESTS_SAMPLES_H */
