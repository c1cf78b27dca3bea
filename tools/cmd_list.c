/* SPDX-License-Identifier: ISC */
#include "args.h"
#include "fail.h"
#include "key.h"

enum { ORG, USER, ALL, OPTIONS };

static const struct cmd_option options[] = {
	[ORG] = { "org", "O", "keys of this organization only", false },
	[USER] = { "user", "U", "keys of this member only, with --org", false },
	[ALL] = { "all", NULL, "revoked and expired keys too", false },
	[OPTIONS] = { 0 },
};

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_LIST };
	struct request_list *q = &req.list;
	int code;

	if (call->value[USER] != NULL && call->value[ORG] == NULL)
		return fail_usage(call,
		    "--user needs --org, such as --org acme --user alice");
	if (!args_copy(call, q->org, sizeof(q->org), call->value[ORG],
		"the org") ||
	    !args_copy(call, q->user, sizeof(q->user), call->value[USER],
		"the user"))
		return EXIT_USAGE;
	q->all = call->value[ALL] != NULL;
	code = pages_print(&s, &key_kind, &req, NULL,
	    q->all ? "there are no such keys" : "there are no such live keys");
	session_close(&s);
	return code;
}

const struct command cmd_list = {
	.name = "list",
	.usage = "[--org O] [--user U] [--all]",
	.help = "list keys",
	.options = options,
	.run = run,
};
