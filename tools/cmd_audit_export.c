/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "entry.h"
#include "fail.h"
#include "trail.h"
#include "when.h"

enum { BEFORE, OPTIONS };

static const struct cmd_option options[] = {
	[BEFORE] = { "before", "T",
	    "entries older than 90d, or than 2030-01-31T12:00:00Z", false },
	[OPTIONS] = { 0 },
};

/* In the order of the log: what prune would remove is what lies before the
   first that is not older. */
static bool
write_line(const struct event *e, void *arg)
{
	const int64_t *before = arg;

	if (*before != 0 && e->when >= *before)
		return false;
	entry_line(stdout, e);
	return !ferror(stdout);
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_AUDIT };
	const char *text = call->value[BEFORE];
	enum keyd_status status;
	int64_t before = 0;

	if (text != NULL && !when_ago(text, &before))
		return fail_usage(call,
		    "--before takes an age such as 90d, or a time that is past "
		    "such as 2030-01-31T12:00:00Z");
	status = trail_read(&s, &req, write_line, &before);
	session_close(&s);
	return status == KEYD_OK ? EXIT_DONE : session_fail(&s, status);
}

const struct command cmd_audit_export = {
	.name = "audit export",
	.usage = "[--before T]",
	.help = "write the audit log as lines of JSON, to keep it elsewhere",
	.options = options,
	.run = run,
};
