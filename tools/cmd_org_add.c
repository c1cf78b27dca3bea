/* SPDX-License-Identifier: ISC */
#include "org.h"

static int
run(const struct call *call)
{
	return org_send(call, FRAME_ORG_ADD, "added");
}

const struct command cmd_org_add = {
	.name = "org add",
	.usage = "SLUG [--plan P] [--rate N --burst N]",
	.help = "add an organization",
	.options = org_options,
	.min = 1,
	.max = 1,
	.run = run,
};
