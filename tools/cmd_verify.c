/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <stdio.h>

#include "args.h"
#include "doc.h"
#include "fail.h"
#include "given.h"
#include "guard.h"
#include "out.h"

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

/* A number that is no status, from a later keyd, is a failure for HTTP. */
static bool
is_verdict(enum keyd_status status)
{
	return status >= KEYD_OK && keyd_http_status(status) < 500;
}

static void
word(const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	printf(" %s=", name);
	out_word(stdout, value);
}

static void
print_line(enum keyd_status status, const struct request_verify *q,
    const struct reply_verdict *a)
{
	if (status == KEYD_OK)
		fputs("allow", stdout);
	else
		printf("deny %d %s", keyd_http_status(status),
		    fail_name(status));
	if (a->id[0] != '\0') {
		fputc(' ', stdout);
		out_word(stdout, a->id);
	}
	if (status == KEYD_OK) {
		word("org", a->org);
		word("user", a->user);
	} else if (status == KEYD_FORBIDDEN) {
		word("permission", q->permission);
	} else if (status == KEYD_RATE_LIMITED) {
		printf(" retry_after=%u", a->retry_after);
	}
	fputc('\n', stdout);
}

static void
print_doc(enum keyd_status status, const struct reply_verdict *a)
{
	json_t *doc = json_pack("{sb so si so so so so so so so so so so}",
	    "allow", status == KEYD_OK ? 1 : 0, "status",
	    doc_text(fail_name(status)), "http_status",
	    keyd_http_status(status), "retry_after", doc_number(a->retry_after),
	    "rate_limit", doc_number(a->limit), "rate_remaining",
	    doc_number(a->remaining), "rate_reset", doc_number(a->reset),
	    "expires", doc_time(a->expires), "id", doc_text(a->id), "org",
	    doc_text(a->org), "user", doc_text(a->user), "name",
	    doc_text(a->name), "project", doc_text(a->project));

	doc_print(doc);
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
		if (!is_verdict(status))
			return session_fail(s, KEYD_EPROTOCOL);
	}
	if (s->call->json)
		print_doc(status, a);
	else
		print_line(status, &req->verify, a);
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
