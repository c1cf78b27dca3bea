/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "argument.h"
#include "filter_keys.h"
#include "handle.h"

bool
filter_keys(struct request_list *q, const struct keyd_filter *given)
{
	struct keyd_filter f = { .size = 0 };

	if (given != NULL &&
	    !handle_options(&f, sizeof(f), given,
		offsetof(struct keyd_filter, unused_since)))
		return false;
	q->unused_since = f.unused_since;
	q->all = f.all != 0;
	q->due = f.due != 0;
	q->drifted = f.drifted != 0;
	return f.unused_since >= 0 &&
	    argument_text(q->org, sizeof(q->org), f.org, false) &&
	    argument_text(q->user, sizeof(q->user), f.user, false);
}
