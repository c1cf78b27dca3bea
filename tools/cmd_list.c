/* SPDX-License-Identifier: ISC */
#include "fail.h"
#include "filter.h"
#include "key.h"

enum { ORG, USER, UNUSED_FOR, DUE, DRIFTED, ALL, OPTIONS };

static const struct cmd_option options[] = {
	[ORG] = { "org", "O", "keys of this organization only", false },
	[USER] = { "user", "U", "keys of this member only, with --org", false },
	[UNUSED_FOR] = { "unused-for", "D", "keys that nobody used for so long",
	    false },
	[DUE] = { "due", NULL, "keys past their context's time for rotation",
	    false },
	[DRIFTED] = { "drifted", NULL,
	    "keys that may more than their owner's role does now", false },
	[ALL] = { "all", NULL, "revoked and expired keys too", false },
	[OPTIONS] = { 0 },
};

static const struct page_kind *
kind_of(const struct request_list *q)
{
	if (q->due)
		return &key_due_kind;
	return q->all ? &key_all_kind : &key_kind;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_LIST };
	struct request_list *q = &req.list;
	struct filter f = { call->value[ORG], call->value[USER],
		call->value[UNUSED_FOR] };
	int code;

	if (!filter_fill(call, &f, q))
		return EXIT_USAGE;
	q->due = call->value[DUE] != NULL;
	q->drifted = call->value[DRIFTED] != NULL;
	q->all = call->value[ALL] != NULL;
	code = pages_print(&s, kind_of(q), &req, NULL,
	    q->all ? "there are no such keys" : "there are no such live keys");
	session_close(&s);
	return code;
}

const struct command cmd_list = {
	.name = "list",
	.usage = "[--org O] [--user U] [--unused-for D] [--due] [--drifted] "
		 "[--all]",
	.help = "list keys",
	.options = options,
	.run = run,
};
