/* SPDX-License-Identifier: ISC */
#include "member.h"

enum { REVOKE_KEYS, OPTIONS };

static const struct cmd_option options[] = {
	[REVOKE_KEYS] = { "revoke-keys", NULL,
	    "revoke the member's keys at the same time", false },
	[OPTIONS] = { 0 },
};

static int
run(const struct call *call)
{
	struct member_change change = {
		.type = FRAME_MEMBER_REMOVE,
		.revoke_keys = call->value[REVOKE_KEYS] != NULL,
	};

	return member_send(call, &change);
}

const struct command cmd_member_remove = {
	.name = "member remove",
	.usage = "ORG USER [--revoke-keys]",
	.help = "remove a member from an organization",
	.options = options,
	.min = 2,
	.max = 2,
	.run = run,
};
