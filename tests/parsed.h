/* SPDX-License-Identifier: ISC */
/*
 * parsed.h - a text that is read as keyd.conf: it is taken, or refused with a
 * reason.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_PARSED_H
#define KEYD_TESTS_PARSED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

static char why[CONFIG_WHY_SIZE];

/* The copy has no NUL, so that a read past its end is seen. */
static inline struct config *
parse_bytes(const char *text, size_t len)
{
	char *bytes = malloc(len);
	struct config *c;

	ck_assert(len == 0 || bytes != NULL);
	if (len > 0)
		memcpy(bytes, text, len);
	memset(why, 0, sizeof(why));
	c = config_parse(bytes, len, "FILE", why, sizeof(why));
	free(bytes);
	return c;
}

static inline struct config *
parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static inline struct config *
good(const char *text)
{
	struct config *c = parse(text);

	ck_assert_msg(c != NULL, "%s", why);
	return c;
}

/* Refused, with a reason that begins and goes on like this. */
static inline void
bad(const char *text, const char *begins, const char *contains)
{
	ck_assert_msg(parse(text) == NULL, "accepted: %s", text);
	ck_assert_msg(strncmp(why, begins, strlen(begins)) == 0,
	    "\"%s\" does not begin with \"%s\"", why, begins);
	ck_assert_msg(strstr(why, contains) != NULL,
	    "\"%s\" does not say \"%s\"", why, contains);
}

static inline void
same_policy(const struct policy *a, const struct policy *b)
{
	static const char *const roles[] = { "tester", "editor", "admin",
		"owner" };
	static const char *const plans[] = { "free", "starter", "pro",
		"business", "enterprise" };
	static const char *const contexts[] = { "production-ci", "development",
		"personal", "shared" };

	for (size_t i = 0; i < 4; i++) {
		const struct role *x = policy_role(a, roles[i]);
		const struct role *y = policy_role(b, roles[i]);

		ck_assert(x != NULL && y != NULL);
		ck_assert_str_eq(x->permissions, y->permissions);
		ck_assert_int_eq(x->may_create, y->may_create);
	}
	for (size_t i = 0; i < 5; i++) {
		const struct plan *x = policy_plan(a, plans[i]);
		const struct plan *y = policy_plan(b, plans[i]);

		ck_assert(x != NULL && y != NULL);
		ck_assert_uint_eq(x->rate, y->rate);
		ck_assert_uint_eq(x->burst, y->burst);
		ck_assert_int_eq(x->custom, y->custom);
	}
	for (size_t i = 0; i < 4; i++) {
		const struct context *x = policy_context(a, contexts[i]);
		const struct context *y = policy_context(b, contexts[i]);

		ck_assert(x != NULL && y != NULL);
		ck_assert_int_eq(x->rotate_after, y->rotate_after);
	}
	ck_assert_str_eq(policy_prefix(a), policy_prefix(b));
	ck_assert_int_eq(policy_foreign(a), policy_foreign(b));
	ck_assert_str_eq(policy_default_plan(a), policy_default_plan(b));
	ck_assert_str_eq(policy_default_context(a), policy_default_context(b));
}

static inline void
same_settings(const struct config *a, const struct config *b)
{
	ck_assert_uint_eq(a->verify_mode, b->verify_mode);
	ck_assert_uint_eq(a->admin_mode, b->admin_mode);
	ck_assert_str_eq(a->admin_group, b->admin_group);
	ck_assert_uint_eq(a->map_size, b->map_size);
	ck_assert_uint_eq(a->max_connections, b->max_connections);
	ck_assert_uint_eq(a->max_connections_per_uid,
	    b->max_connections_per_uid);
	ck_assert_uint_eq(a->frame_timeout, b->frame_timeout);
	ck_assert_uint_eq(a->queue, b->queue);
	ck_assert_uint_eq(a->unknown_per_second, b->unknown_per_second);
}

#endif /* KEYD_TESTS_PARSED_H */
