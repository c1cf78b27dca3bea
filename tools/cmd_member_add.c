/* SPDX-License-Identifier: ISC */
#include "member.h"

enum { ROLE, OPTIONS };

static const struct cmd_option options[] = {
	[ROLE] = { "role", "R", "tester, editor, admin or owner", true },
	[OPTIONS] = { 0 },
};

static int
run(const struct call *call)
{
	struct member_change change = {
		.type = FRAME_MEMBER_ADD,
		.role = call->value[ROLE],
	};

	return member_send(call, &change);
}

const struct command cmd_member_add = {
	.name = "member add",
	.usage = "ORG USER --role R",
	.help = "add a member to an organization",
	.options = options,
	.min = 2,
	.max = 2,
	.run = run,
};
