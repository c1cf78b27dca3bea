/* SPDX-License-Identifier: ISC */
#include "org.h"

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_ORG_LIST };
	int code;

	code = pages_print(&s, &org_kind, &req, NULL,
	    "there are no organizations yet; see 'keydctl org add --help'");
	session_close(&s);
	return code;
}

const struct command cmd_org_list = {
	.name = "org list",
	.usage = "",
	.help = "list the organizations",
	.run = run,
};
