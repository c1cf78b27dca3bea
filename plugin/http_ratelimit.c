/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "keyd.h"

#define WINDOW 60 /* s that rate_limit counts over */

/* False, and text "", when it does not fit. */
static bool
fits(int length, char *text, size_t size)
{
	if (length >= 0 && (size_t)length < size)
		return true;
	text[0] = '\0';
	return false;
}

int
keyd_http_ratelimit(const struct keyd_verdict *verdict, char *limit,
    size_t limit_size, char *policy, size_t policy_size)
{
	const struct keyd_verdict *v = verdict;

	if (limit == NULL || limit_size == 0 || policy == NULL ||
	    policy_size == 0)
		return 0;
	limit[0] = policy[0] = '\0';
	if (v == NULL || v->size < offsetof(struct keyd_verdict, expires) ||
	    v->rate_limit == 0)
		return 0;
	if (fits(snprintf(limit, limit_size,
		     "\"default\";r=%" PRIu32 ";t=%" PRIu32, v->rate_remaining,
		     v->rate_reset),
		limit, limit_size) &&
	    fits(snprintf(policy, policy_size, "\"default\";q=%" PRIu32 ";w=%d",
		     v->rate_limit, WINDOW),
		policy, policy_size))
		return 1;
	limit[0] = policy[0] = '\0';
	return 0;
}
