/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "args.h"
#include "doc.h"
#include "entry.h"
#include "fail.h"
#include "guard.h"
#include "trail.h"
#include "when.h"

#define POLL_MS 500

enum { ORG, KEY, SINCE, FOLLOW, OPTIONS };

static const struct cmd_option options[] = {
	[ORG] = { "org", "O", "entries about this organization only", false },
	[KEY] = { "key", "ID", "entries about this key only", false },
	[SINCE] = { "since", "T",
	    "entries of the last 24h, or from 2030-01-31T12:00:00Z on", false },
	[FOLLOW] = { "follow", NULL, "go on with what comes, until ^C", false },
	[OPTIONS] = { 0 },
};

/* Where entries go: rows of a table or of a document, or lines. */
struct sink {
	struct table *table; /* NULL: JSON */
	bool lines;
};

static volatile sig_atomic_t ended;

static void
end(int number)
{
	(void)number;
	ended = 1;
}

static bool
show(const struct event *e, void *arg)
{
	const struct sink *sink = arg;

	if (sink->table != NULL)
		entry_row(sink->table, e);
	else if (sink->lines)
		entry_line(stdout, e);
	else
		doc_row(entry_doc(e));
	return ended == 0;
}

static int
fill(const struct call *call, struct request_audit *q)
{
	const char *const *value = call->value;

	if (value[SINCE] != NULL && !when_ago(value[SINCE], &q->since))
		return fail_usage(call,
		    "--since takes a duration back such as 24h, 15m or 90d, or "
		    "a time that is past such as 2030-01-31T12:00:00Z");
	if (value[KEY] != NULL) {
		if (!guard_is_key_id(value[KEY]))
			return fail_usage(call,
			    "--key takes a key id: key_ and 16 characters, as "
			    "'keydctl list' shows them");
		memcpy(q->id, value[KEY], KEY_ID_LEN);
	}
	return args_copy(call, q->org, sizeof(q->org), value[ORG], "the org")
	    ? EXIT_DONE
	    : EXIT_USAGE;
}

static void
wait(void)
{
	struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	fflush(stdout);
	nanosleep(&pause, NULL);
}

/* A keyd that is being restarted has not ended the log. */
static enum keyd_status
follow(struct session *s, struct request *req, struct sink *sink)
{
	struct sigaction act = { .sa_handler = end };
	enum keyd_status status;

	/* A second one does not wait for an answer of keyd. */
	act.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	for (;;) {
		status = trail_read(s, req, show, sink);
		if (ended != 0)
			return KEYD_OK;
		if (status != KEYD_OK &&
		    (!s->met || status != KEYD_EUNAVAILABLE))
			return status;
		if (ferror(stdout))
			return KEYD_OK; /* said at the end */
		if (sink->table != NULL)
			table_flush(sink->table);
		wait();
	}
}

static int
print(struct session *s, struct request *req)
{
	const struct call *call = s->call;
	bool following = call->value[FOLLOW] != NULL;
	struct sink sink = { .lines = following };
	enum keyd_status status;

	if (!call->json)
		sink.table = table_new(entry_heads, stdout);
	else if (!following)
		doc_list_begin(NULL, "entries");
	status =
	    following ? follow(s, req, &sink) : trail_read(s, req, show, &sink);
	if (sink.table != NULL && table_end(sink.table) == 0 &&
	    status == KEYD_OK)
		fputs("keydctl: there are no such entries\n", stderr);
	if (status != KEYD_OK)
		return session_fail(s, status);
	if (call->json && !following)
		doc_list_end();
	return EXIT_DONE;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_AUDIT };
	int code = fill(call, &req.audit);

	if (code == EXIT_DONE)
		code = print(&s, &req);
	session_close(&s);
	return code;
}

const struct command cmd_audit = {
	.name = "audit",
	.usage = "[--org O] [--key ID] [--since T] [--follow]",
	.help = "print who did what, when",
	.options = options,
	.run = run,
};
