/* SPDX-License-Identifier: ISC */
#include "filter.h"
#include "args.h"
#include "clock.h"
#include "duration.h"
#include "fail.h"

static bool
fill_unused(const struct call *call, const char *text, struct request_list *q)
{
	int64_t now = clock_unix();
	int64_t unused;

	if (text == NULL)
		return true;
	if (!duration_parse(text, &unused) || unused >= now) {
		fail_usage(call,
		    "--unused-for takes a duration such as 90d, 24h, 15m or "
		    "30s");
		return false;
	}
	q->unused_since = now - unused;
	return true;
}

bool
filter_fill(const struct call *call, const struct filter *f,
    struct request_list *q)
{
	if (f->user != NULL && f->org == NULL) {
		fail_usage(call,
		    "--user needs --org, such as --org acme --user alice");
		return false;
	}
	return args_copy(call, q->org, sizeof(q->org), f->org, "the org") &&
	    args_copy(call, q->user, sizeof(q->user), f->user, "the user") &&
	    fill_unused(call, f->unused_for, q);
}
