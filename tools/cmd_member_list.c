/* SPDX-License-Identifier: ISC */
#include "args.h"
#include "member.h"

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_MEMBER_LIST };
	int code;

	if (!args_copy(call, req.list.org, sizeof(req.list.org),
		call->operand[0], "the org"))
		return EXIT_USAGE;
	code = pages_print(&s, &member_kind, &req, NULL,
	    "it has no members yet; see 'keydctl member add --help'");
	session_close(&s);
	return code;
}

const struct command cmd_member_list = {
	.name = "member list",
	.usage = "ORG",
	.help = "list the members of an organization",
	.min = 1,
	.max = 1,
	.run = run,
};
