/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <stdio.h>

#include "args.h"
#include "doc.h"
#include "fail.h"
#include "given.h"
#include "guard.h"
#include "out.h"
#include "verdict_line.h"

#define WIDTH 12 /* of "permission: " */

enum { PERMISSION, ORG, OPTIONS };

static const struct cmd_option options[] = {
	[PERMISSION] = { "permission", "P",
	    "must allow this, such as tests:run", false },
	[ORG] = { "org", "O", "must be of this organization", false },
	[OPTIONS] = { 0 },
};

/* The first step is keydctl's own: a token of another form never gets to
   keyd. */
static const struct step_row format_steps[] = {
	[KEYD_OK] = { "format", STEP_PASSED,
	    "it has the length, characters and checksum of a token" },
	[KEYD_MISSING] = { "format", STEP_FAILED,
	    "there is no token on standard input" },
	[KEYD_MALFORMED] = { "format", STEP_FAILED,
	    "its length, characters or checksum are not those of a token of "
	    "this keyd" },
};

static const char *
result_text(uint8_t result)
{
	static const char *const texts[] = { [STEP_PASSED] = "passed",
		[STEP_FAILED] = "FAILED",
		[STEP_NOT_REACHED] = "not reached" };

	return result < sizeof(texts) / sizeof(texts[0]) ? texts[result]
							 : "unknown";
}

static void
print_step(const struct call *call, const struct step_row *step)
{
	char text[sizeof(step->text) + 16];

	if (call->json) {
		doc_row(json_pack("{so so so}", "step", doc_text(step->name),
		    "result", doc_text(result_text(step->result)), "text",
		    doc_text(step->text)));
		return;
	}
	snprintf(text, sizeof(text), "%s%s%s", result_text(step->result),
	    step->text[0] != '\0' ? ": " : "", step->text);
	out_field(stdout, WIDTH, step->name, text);
}

static enum keyd_status
print_steps(const struct call *call, const struct reply_explained *a)
{
	struct wire_reader r = wire_reader(a->steps.ptr, a->steps.len);
	struct step_row step;

	for (unsigned i = 0; i < a->count; i++) {
		step_get(&r, &step);
		if (r.bad)
			break;
		print_step(call, &step);
	}
	return wire_done(&r) ? KEYD_OK : KEYD_EPROTOCOL;
}

/* format: what given_digest found. */
static int
print(struct session *s, const struct request *req, enum keyd_status format,
    enum keyd_status verdict, const struct reply_explained *a)
{
	const struct call *call = s->call;

	if (call->json)
		doc_list_begin(verdict_doc(verdict, &a->verdict), "steps");
	print_step(call, &format_steps[format]);
	if (print_steps(call, a) != KEYD_OK)
		return session_fail(s, KEYD_EPROTOCOL);
	if (call->json)
		doc_list_end();
	else
		verdict_line(verdict, &req->explain, &a->verdict);
	return verdict == KEYD_OK ? EXIT_DONE : EXIT_NO;
}

static int
explain(struct session *s, const struct request *req, enum keyd_status format)
{
	static const struct reply_explained nothing;
	enum keyd_status verdict;
	struct reply rep;
	int code;

	if (format != KEYD_OK)
		return print(s, req, format, format, &nothing);
	if ((code = session_get(s, req, &rep)) != EXIT_DONE)
		return code;
	/* The numbers are the same; see reply.h. */
	verdict = (enum keyd_status)rep.explained.verdict.code;
	if (!verdict_is(verdict))
		return session_fail(s, KEYD_EPROTOCOL);
	return print(s, req, format, verdict, &rep.explained);
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_EXPLAIN };
	struct request_verify *q = &req.explain;
	enum keyd_status status;
	int code;

	if (call->operands > 0)
		return guard_refuse(call);
	if (!args_copy(call, q->permission, sizeof(q->permission),
		call->value[PERMISSION], "the permission") ||
	    !args_copy(call, q->org, sizeof(q->org), call->value[ORG],
		"the org"))
		return EXIT_USAGE;
	code = given_digest(&s, q->digest, &status);
	if (code == EXIT_DONE)
		code = explain(&s, &req, status);
	session_close(&s);
	return code;
}

const struct command cmd_explain = {
	.name = "explain",
	.usage = "[--permission P] [--org O] <TOKEN-FILE",
	.help = "say step by step why a token, from standard input, is "
		"accepted or not",
	.options = options,
	.max = INT_MAX, /* each is refused as what it probably is */
	.run = run,
};
