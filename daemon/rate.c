/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "log.h"
#include "orgs.h"
#include "rate.h"

static struct log_throttle throttle;

static const struct plan *
plan_of(const struct policy *p, const struct org_info *org)
{
	const struct plan *plan = policy_plan(p, org->plan);

	/* Without a rate it is now one of those that are set for each org. */
	if (plan != NULL && plan->rate != 0)
		return plan;
	plan = policy_plan(p, policy_default_plan(p));
	log_throttled(&throttle,
	    "keyd.conf has no rate of the plan %s any more: %s has that of %s; "
	    "set another plan, or a rate of its own",
	    org->plan, org->slug, plan->name);
	return plan;
}

enum store_status
rate_of(struct store_txn *t, const struct policy *p, const char *slug,
    struct rate *rate, char name[PLAN_SIZE])
{
	struct org_info org;
	const struct plan *plan;
	enum store_status rc = orgs_get(t, slug, &org);

	if (rc != STORE_OK)
		return rc == STORE_NONE ? STORE_DAMAGED : rc;
	if (org.rate != 0) {
		*rate = (struct rate){ org.rate, org.burst };
		if (name != NULL)
			name[0] = '\0';
		return STORE_OK;
	}
	plan = plan_of(p, &org);
	*rate = (struct rate){ plan->rate, plan->burst };
	if (name != NULL)
		strlcpy(name, plan->name, PLAN_SIZE);
	return STORE_OK;
}
