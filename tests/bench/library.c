/* SPDX-License-Identifier: ISC */
#include <err.h>

#include "library.h"

#define DEADLINE_MS 20000 /* what is slow is measured, not given up on */

/* For 100,000 keys with room to spare: a cache that is nearly full forgets. */
#define CACHE_SIZE (1U << 18)

/* The one place that knows how the cache is switched off. */
struct keyd *
bench_handle(const char *runtime_dir, bool cached)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	enum keyd_status status;
	struct keyd *handle;

	o.runtime_dir = runtime_dir;
	o.cache_size = cached ? CACHE_SIZE : KEYD_CACHE_NONE;
	o.deadline_ms = DEADLINE_MS;
	o.change_deadline_ms = DEADLINE_MS;
	if ((status = keyd_open(&o, &handle)) != KEYD_OK)
		errx(1, "keyd_open: %s", keyd_strerror(status));
	return handle;
}

static void
verify_into(struct keyd_verdict *v, struct keyd *handle, const char *token)
{
	if (keyd_verify_with(handle, token, BENCH_PERMISSION, v) != KEYD_OK)
		errx(1, "verify: %s", keyd_strerror(v->status));
}

void
bench_verify(struct keyd *handle, const char *token)
{
	struct keyd_verdict v;

	v.size = sizeof(v);
	verify_into(&v, handle, token);
}

void
bench_verify_cleared(struct keyd *handle, const char *token)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	verify_into(&v, handle, token);
}
