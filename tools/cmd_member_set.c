/* SPDX-License-Identifier: ISC */
#include "member.h"

enum { ROLE, REVOKE_KEYS, OPTIONS };

static const struct cmd_option options[] = {
	[ROLE] = { "role", "R", "tester, editor, admin or owner", true },
	[REVOKE_KEYS] = { "revoke-keys", NULL,
	    "revoke the member's keys at the same time", false },
	[OPTIONS] = { 0 },
};

static int
run(const struct call *call)
{
	struct member_change change = {
		.type = FRAME_MEMBER_SET,
		.role = call->value[ROLE],
		.revoke_keys = call->value[REVOKE_KEYS] != NULL,
	};

	return member_send(call, &change);
}

const struct command cmd_member_set = {
	.name = "member set",
	.usage = "ORG USER --role R [--revoke-keys]",
	.help = "change a member's role",
	.options = options,
	.min = 2,
	.max = 2,
	.run = run,
};
