/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "keyd.h"

#define WINDOW 60 /* s that rate_limit counts over */
#define DIGITS 10 /* of a uint32_t, at most */

/* By hand, since servers ask for this with each request. */
struct part {
	const char *name;
	size_t len;
	uint32_t number;
};

#define PART(name, number)                                                     \
	{                                                                      \
		name, sizeof(name) - 1, number                                 \
	}

static char *
put_number(char *at, uint32_t n)
{
	char digits[DIGITS];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	while (len > 0)
		*at++ = digits[--len];
	return at;
}

static char *
put_part(char *at, const struct part *p)
{
	memcpy(at, p->name, p->len);
	return put_number(at + p->len, p->number);
}

/* False, and text "", when it does not fit. */
static bool
put(char *text, size_t size, const struct part *first,
    const struct part *second)
{
	char whole[KEYD_RATELIMIT_SIZE];
	size_t len = (size_t)(put_part(put_part(whole, first), second) - whole);

	if (len >= size) {
		text[0] = '\0';
		return false;
	}
	memcpy(text, whole, len);
	text[len] = '\0';
	return true;
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
	const struct part left = PART("\"default\";r=", v->rate_remaining);
	const struct part reset = PART(";t=", v->rate_reset);
	const struct part quota = PART("\"default\";q=", v->rate_limit);
	const struct part window = PART(";w=", WINDOW);

	if (put(limit, limit_size, &left, &reset) &&
	    put(policy, policy_size, &quota, &window))
		return 1;
	limit[0] = policy[0] = '\0';
	return 0;
}
