/* SPDX-License-Identifier: ISC */
#include <search.h>
#include <stdlib.h>

#include "quota.h"

static int
compare(const void *a, const void *b)
{
	const struct quota *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

static struct quota *
add(struct quotas *all, uid_t uid)
{
	struct quota *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->uid = uid;
	if (tsearch(q, &all->root, compare) != NULL)
		return q;
	free(q);
	return NULL;
}

static struct quota *
find_or_add(struct quotas *all, uid_t uid)
{
	struct quota key = { .uid = uid };
	struct quota **found = tfind(&key, &all->root, compare);

	return found != NULL ? *found : add(all, uid);
}

static void
drop_if_unused(struct quotas *all, struct quota *q)
{
	if (q->connections > 0)
		return;
	(void)tdelete(q, &all->root, compare);
	free(q);
}

struct quota *
quota_open(struct quotas *all, uid_t uid, uint32_t max)
{
	struct quota *q = find_or_add(all, uid);

	if (q == NULL)
		return NULL;
	if (q->connections < max) {
		q->connections++;
		return q;
	}
	drop_if_unused(all, q);
	return NULL;
}

void
quota_close(struct quotas *all, struct quota *q)
{
	q->connections--;
	drop_if_unused(all, q);
}

static void
roll(struct quota *q, int64_t now_ms)
{
	if (now_ms - q->since < 1000)
		return;
	q->since = now_ms;
	q->unknown = 0;
}

void
quota_count_unknown(struct quota *q, int64_t now_ms)
{
	roll(q, now_ms);
	q->unknown++;
}

bool
quota_is_over(struct quota *q, uint32_t per_second, int64_t now_ms)
{
	roll(q, now_ms);
	return q->unknown > per_second;
}
