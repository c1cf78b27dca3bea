/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include "doc.h"
#include "fail.h"
#include "session.h"

static int
broken(const struct call *call, const struct reply_checked *a)
{
	return fail(call, KEYD_ESTORE,
	    "entry %" PRIu64 " of the audit log is broken: %s", a->broken,
	    a->why);
}

static int
whole(const struct call *call, uint64_t last)
{
	if (call->json)
		doc_print(
		    json_pack("{sb so}", "whole", 1, "last", doc_number(last)));
	else
		printf("the audit log is whole, up to entry %" PRIu64 "\n",
		    last);
	return EXIT_DONE;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_AUDIT_CHECK };
	struct reply rep;
	uint64_t *after = &req.audit_range.after;
	uint64_t before;
	int code;

	do {
		before = *after;
		if ((code = session_get(&s, &req, &rep)) != EXIT_DONE)
			break;
		if (rep.checked.broken != 0) {
			code = broken(call, &rep.checked);
			break;
		}
		*after = rep.checked.last;
	} while (*after > before);
	if (code == EXIT_DONE)
		code = whole(call, *after);
	session_close(&s);
	return code;
}

const struct command cmd_audit_check = {
	.name = "audit check",
	.usage = "",
	.help = "prove that the audit log is whole, or name what is not",
	.run = run,
};
