/* SPDX-License-Identifier: ISC */
#include "ahead.h"
#include "limiter.h"
#include "request.h"
#include "uses.h"

bool
ahead_is_full(const struct ahead *a)
{
	return a->count == DESK_FETCH;
}

bool
ahead_note(struct ahead *a, const struct frame *f)
{
	struct span digest = request_peek_digest(f);

	if (ahead_is_full(a))
		return false;
	if (digest.len > 0)
		a->digests[a->count++] = digest;
	return true;
}

void
ahead_fetch(const struct ahead *a, const struct desk *d,
    const struct limiter *l, const struct uses *u)
{
	uint64_t serials[DESK_FETCH];

	if (a->count < 2)
		return;
	desk_fetch(d, a->digests, a->count, serials);
	for (unsigned i = 0; i < a->count; i++) {
		limiter_fetch(l, serials[i]);
		uses_fetch_place(u, serials[i]);
	}
	for (unsigned i = 0; i < a->count; i++)
		uses_fetch(u, serials[i]);
}
