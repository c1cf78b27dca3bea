/* SPDX-License-Identifier: ISC */
#include <err.h>

#include "library.h"

#define DEADLINE_MS 20000 /* what is slow is measured, not given up on */

/* The one place that knows how the cache is switched off.  As long as libkeyd
   has none, each verify asks keyd. */
struct keyd *
bench_handle(const char *runtime_dir, bool cached)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	enum keyd_status status;
	struct keyd *handle;

	(void)cached;
	o.runtime_dir = runtime_dir;
	o.deadline_ms = DEADLINE_MS;
	o.change_deadline_ms = DEADLINE_MS;
	if ((status = keyd_open(&o, &handle)) != KEYD_OK)
		errx(1, "keyd_open: %s", keyd_strerror(status));
	return handle;
}

void
bench_verify(struct keyd *handle, const char *token)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	if (keyd_verify_with(handle, token, BENCH_PERMISSION, &v) != KEYD_OK)
		errx(1, "verify: %s", keyd_strerror(v.status));
}
