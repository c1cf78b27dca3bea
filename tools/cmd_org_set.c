/* SPDX-License-Identifier: ISC */
#include "fail.h"
#include "org.h"

static int
run(const struct call *call)
{
	if (call->value[ORG_PLAN] == NULL && call->value[ORG_RATE] == NULL &&
	    call->value[ORG_BURST] == NULL)
		return fail_usage(call,
		    "org set needs something to change: --plan, or --rate and "
		    "--burst");
	return org_send(call, FRAME_ORG_SET, "changed");
}

const struct command cmd_org_set = {
	.name = "org set",
	.usage = "SLUG [--plan P] [--rate N --burst N]",
	.help = "change an organization's plan or rate",
	.options = org_options,
	.min = 1,
	.max = 1,
	.run = run,
};
