/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <stdio.h>

#include "args.h"
#include "doc.h"
#include "fail.h"
#include "given.h"
#include "guard.h"
#include "verdict_line.h"

enum { PERMISSION, ORG, OPTIONS };

static const struct cmd_option options[] = {
	[PERMISSION] = { "permission", "P",
	    "must allow this, such as "
	    "tests:run",
	    false },
	[ORG] = { "org", "O", "must be of this organization", false },
	[OPTIONS] = { 0 },
};

static bool
fill(const struct call *call, struct request_verify *q)
{
	return args_copy(call, q->permission, sizeof(q->permission),
		   call->value[PERMISSION], "the permission") &&
	    args_copy(call, q->org, sizeof(q->org), call->value[ORG],
		"the org");
}

static int
verdict(struct session *s, const struct request *req, enum keyd_status status)
{
	static const struct reply_verdict unknown;
	const struct reply_verdict *a = &unknown;
	struct reply rep;

	if (status == KEYD_OK) {
		if ((status = session_ask(s, req, &rep)) != KEYD_OK)
			return session_fail(s, status);
		a = &rep.verdict;
		/* The numbers are the same; see reply.h. */
		status = (enum keyd_status)a->code;
		if (!verdict_is(status))
			return session_fail(s, KEYD_EPROTOCOL);
	}
	if (s->call->json)
		doc_print(verdict_doc(status, a));
	else
		verdict_line(status, &req->verify, a);
	return status == KEYD_OK ? EXIT_DONE : EXIT_NO;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_VERIFY);
	struct request req = { .type = FRAME_VERIFY };
	enum keyd_status status;
	int code;

	if (call->operands > 0)
		return guard_refuse(call);
	if (!fill(call, &req.verify))
		return EXIT_USAGE;
	code = given_digest(&s, req.verify.digest, &status);
	if (code == EXIT_DONE)
		code = verdict(&s, &req, status);
	session_close(&s);
	return code;
}

const struct command cmd_verify = {
	.name = "verify",
	.usage = "[--permission P] [--org O] <TOKEN-FILE",
	.help = "say whether a token, from standard input, is accepted",
	.options = options,
	.max = INT_MAX, /* each is refused as what it probably is */
	.run = run,
};
