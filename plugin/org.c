/* SPDX-License-Identifier: ISC */
#include "argument.h"
#include "errand.h"
#include "guest.h"

static bool
take(struct request_org *q, const char *org, const char *plan, uint32_t rate,
    uint32_t burst)
{
	q->rate = rate;
	q->burst = burst;
	return (rate == 0) == (burst == 0) &&
	    argument_text(q->slug, sizeof(q->slug), org, true) &&
	    argument_text(q->plan, sizeof(q->plan), plan, false);
}

static enum keyd_status
change(struct keyd *h, uint8_t type, const char *org, const char *plan,
    uint32_t rate, uint32_t burst)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;
	struct errand e;

	if (h != NULL) {
		errand_begin(&e, h);
		e.req.type = type;
		if (take(&e.req.org, org, plan, rate, burst))
			status = errand_run(&e);
		errand_end(&e);
	}
	guest_leave(g);
	return status;
}

enum keyd_status
keyd_org_add(struct keyd *handle, const char *org, const char *plan,
    uint32_t rate, uint32_t burst)
{
	return change(handle, FRAME_ORG_ADD, org, plan, rate, burst);
}

enum keyd_status
keyd_org_set(struct keyd *handle, const char *org, const char *plan,
    uint32_t rate, uint32_t burst)
{
	return change(handle, FRAME_ORG_SET, org, plan, rate, burst);
}
