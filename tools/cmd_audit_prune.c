/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include "doc.h"
#include "fail.h"
#include "moment.h"
#include "prompt.h"
#include "session.h"
#include "when.h"

enum { BEFORE, YES, OPTIONS };

static const struct cmd_option options[] = {
	[BEFORE] = { "before", "T",
	    "entries older than 90d, or than 2030-01-31T12:00:00Z", true },
	[YES] = { "yes", NULL, "do not ask", false },
	[OPTIONS] = { 0 },
};

static int
ask(const struct call *call, int64_t before)
{
	char question[128];
	char when[MOMENT_SIZE];

	snprintf(question, sizeof(question),
	    "Remove the entries of the audit log from before %s, for good?",
	    moment_text(before, when));
	if (prompt_yes(question))
		return EXIT_DONE;
	return fail(call, KEYD_EDENIED, "nothing was removed");
}

/* keyd removes so many at a time that nobody waits for it. */
static int
prune(struct session *s, const struct request *req)
{
	uint64_t removed = 0;
	struct reply rep;
	int code;

	do {
		if ((code = session_get(s, req, &rep)) != EXIT_DONE)
			return code;
		removed += rep.pruned.removed;
	} while (rep.pruned.removed > 0);
	if (s->call->json)
		doc_print(json_pack("{so so}", "removed", doc_number(removed),
		    "first", doc_number(rep.pruned.first)));
	else
		printf("removed %" PRIu64 " %s; the log begins with entry "
		       "%" PRIu64 "\n",
		    removed, removed == 1 ? "entry" : "entries",
		    rep.pruned.first);
	return EXIT_DONE;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_AUDIT_PRUNE };
	int64_t *before = &req.audit_range.before;
	int code = EXIT_DONE;

	if (!when_ago(call->value[BEFORE], before))
		return fail_usage(call,
		    "--before takes an age such as 90d, or a time that is past "
		    "such as 2030-01-31T12:00:00Z");
	if (call->value[YES] == NULL && prompt_is_terminal())
		code = ask(call, *before);
	if (code == EXIT_DONE)
		code = prune(&s, &req);
	session_close(&s);
	return code;
}

const struct command cmd_audit_prune = {
	.name = "audit prune",
	.usage = "--before T [--yes]",
	.help = "remove the oldest entries of the audit log",
	.options = options,
	.run = run,
};
