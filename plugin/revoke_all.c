/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "argument.h"
#include "errand.h"
#include "filter_keys.h"
#include "guest.h"

/* What a revocation cannot choose by must not look as if it were chosen. */
static bool
take_filter(struct request_revoke_all *q, const struct keyd_filter *filter)
{
	struct request_list list = { .all = false };

	if (!filter_keys(&list, filter) || list.all || list.due || list.drifted)
		return false;
	memcpy(q->org, list.org, sizeof(q->org));
	memcpy(q->user, list.user, sizeof(q->user));
	q->unused_since = list.unused_since;
	return true;
}

enum keyd_status
keyd_revoke_all(struct keyd *handle, const struct keyd_filter *filter,
    const char *reason, unsigned *revoked)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;
	struct errand e;

	if (revoked != NULL)
		*revoked = 0;
	if (handle != NULL) {
		errand_begin(&e, handle);
		e.req.type = FRAME_REVOKE_ALL;
		if (take_filter(&e.req.revoke_all, filter) &&
		    argument_text(e.req.revoke_all.reason,
			sizeof(e.req.revoke_all.reason), reason, false))
			status = errand_run(&e);
		if (status == KEYD_OK && revoked != NULL)
			*revoked = e.rep.revoked_all.revoked;
		errand_end(&e);
	}
	guest_leave(g);
	return status;
}
