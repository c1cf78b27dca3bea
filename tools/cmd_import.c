/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"
#include "fail.h"
#include "import.h"
#include "interrupt.h"
#include "prompt.h"
#include "session.h"

enum { YES, DRY_RUN, OPTIONS };

static const struct cmd_option options[] = {
	[YES] = { "yes", NULL, "do not ask", false },
	[DRY_RUN] = { "dry-run", NULL, "only check the file", false },
	[OPTIONS] = { 0 },
};

#define ROWS_MAX 512    /* of one request */
#define ROWS_ROOM 16000 /* bytes of them; a frame has a few more */
#define ROW_ROOM 2048   /* bytes of the longest */

/* A file on its way to keyd. */
struct transfer {
	struct session *session;
	uint64_t id;   /* of the import */
	uint64_t line; /* that was read last */
	uint32_t done; /* keys that keyd has taken */
	uint8_t bytes[ROWS_ROOM];
	struct wire_writer rows;
	uint16_t count;
	uint64_t lines[ROWS_MAX]; /* of the rows */
};

static void
rows_begin(struct transfer *x)
{
	x->rows = wire_writer(x->bytes, sizeof(x->bytes));
	x->count = 0;
}

static int
refuse(const struct transfer *x, uint64_t line, const char *why)
{
	return fail(x->session->call, KEYD_EINVAL,
	    "line %" PRIu64 ": %s; nothing was imported", line, why);
}

/* Sends the rows that wait. */
static int
flush(struct transfer *x)
{
	struct request req = { .type = FRAME_IMPORT_ROWS };
	enum keyd_status status;
	struct reply rep;

	if (x->count == 0)
		return EXIT_DONE;
	req.import.id = x->id;
	req.import.count = x->count;
	req.import.rows = (struct span){ x->bytes, wire_length(&x->rows) };
	status = session_ask(x->session, &req, &rep);
	if (status == KEYD_EOUTCOME)
		return fail(x->session->call, status,
		    "keyd's answer was lost; nothing was imported, so do it "
		    "again");
	if (status != KEYD_OK)
		return session_fail(x->session, status);
	if (rep.import.fault > x->count)
		return session_fail(x->session, KEYD_EPROTOCOL);
	if (rep.import.fault != 0)
		return refuse(x, x->lines[rep.import.fault - 1],
		    rep.import.why);
	x->done = rep.import.done;
	rows_begin(x);
	return EXIT_DONE;
}

static bool
is_blank(const char *line, size_t len)
{
	return strspn(line, " \t\r\n") == len;
}

/* keyd may find fault with an earlier line. */
static int
refuse_line(struct transfer *x, const char *why)
{
	int code = flush(x);

	return code == EXIT_DONE ? refuse(x, x->line, why) : code;
}

static int
take_line(struct transfer *x, const char *line, size_t len)
{
	struct import_row row;
	char why[MESSAGE_SIZE];

	x->line++;
	if (is_blank(line, len))
		return EXIT_DONE;
	if (len > IMPORT_LINE_MAX)
		return refuse_line(x, "it is longer than 16 KiB");
	if (!import_parse(line, len, &row, why, sizeof(why)))
		return refuse_line(x, why);
	x->lines[x->count++] = x->line;
	import_row_put(&x->rows, &row);
	if (x->count < ROWS_MAX &&
	    wire_length(&x->rows) + ROW_ROOM <= sizeof(x->bytes))
		return EXIT_DONE;
	return flush(x);
}

static int
take_file(struct transfer *x, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int code = EXIT_DONE;

	while (code == EXIT_DONE && !interrupt_came() &&
	    (len = getline(&line, &cap, f)) != -1)
		code = take_line(x, line, (size_t)len);
	free(line);
	if (code == EXIT_DONE && interrupt_came())
		return fail(x->session->call, KEYD_EINVAL,
		    "interrupted; nothing was imported");
	if (code == EXIT_DONE && ferror(f))
		return fail(x->session->call, KEYD_EINVAL,
		    "the file could not be read (%s); nothing was imported",
		    strerror(errno));
	return code == EXIT_DONE ? flush(x) : code;
}

/* The same request until nothing is left of it. */
static enum keyd_status
repeat(struct transfer *x, uint8_t type, struct reply *rep)
{
	struct request req = { .type = type, .import = { .id = x->id } };
	enum keyd_status status;

	do {
		status = session_ask(x->session, &req, rep);
	} while (status == KEYD_OK && rep->import.left > 0);
	return status;
}

static int
begin(struct transfer *x)
{
	struct reply rep;
	enum keyd_status status = repeat(x, FRAME_IMPORT_BEGIN, &rep);

	if (status != KEYD_OK)
		return session_fail(x->session, status);
	x->id = rep.import.id;
	return EXIT_DONE;
}

/* If this fails too, keyd does it before the next import. */
static void
take_back(struct transfer *x)
{
	struct reply rep;

	(void)repeat(x, FRAME_IMPORT_ABORT, &rep);
}

static int
commit(struct transfer *x)
{
	const struct call *call = x->session->call;
	struct reply rep;
	enum keyd_status status = repeat(x, FRAME_IMPORT_COMMIT, &rep);

	if (status != KEYD_OK)
		return session_fail(x->session, status);
	if (call->json)
		doc_print(json_pack("{so sb}", "imported",
		    doc_number(rep.import.done), "dry_run", 0));
	else
		printf("imported %" PRIu32 " %s\n", rep.import.done,
		    rep.import.done == 1 ? "key" : "keys");
	if (!client_welcome(x->session->client)->foreign)
		fputs("keydctl: keyd verifies tokens of other makers only with "
		      "accept_foreign_tokens = true in keyd.conf(5)\n",
		    stderr);
	return EXIT_DONE;
}

static int
confirm(const struct transfer *x)
{
	char question[64];

	snprintf(question, sizeof(question), "Import %" PRIu32 " %s?", x->done,
	    x->done == 1 ? "key" : "keys");
	if (prompt_yes(question))
		return EXIT_DONE;
	return fail(x->session->call, KEYD_EDENIED, "nothing was imported");
}

static int
end_dry_run(const struct transfer *x)
{
	if (x->session->call->json)
		doc_print(json_pack("{so sb}", "imported", doc_number(x->done),
		    "dry_run", 1));
	else
		printf("would import %" PRIu32 " %s\n", x->done,
		    x->done == 1 ? "key" : "keys");
	return EXIT_DONE;
}

static int
import(struct transfer *x, FILE *f)
{
	const struct call *call = x->session->call;
	bool dry_run = call->value[DRY_RUN] != NULL;
	int code = begin(x);

	if (code != EXIT_DONE)
		return code;
	rows_begin(x);
	code = take_file(x, f);
	if (code == EXIT_DONE && !dry_run && f != stdin &&
	    call->value[YES] == NULL && prompt_is_terminal())
		code = confirm(x);
	if (code == EXIT_DONE && !dry_run)
		return commit(x);
	take_back(x);
	return code == EXIT_DONE ? end_dry_run(x) : code;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	const char *path = call->operand[0];
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct transfer *x;
	int code;

	if (f == NULL)
		return fail(call, KEYD_EINVAL,
		    "the file cannot be opened: %s; nothing was imported",
		    strerror(errno));
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return fail(call, KEYD_ENOMEM, "there is no memory");
	x->session = &s;
	interrupt_hold();
	code = import(x, f);
	free(x);
	fclose(f);
	session_close(&s);
	return code;
}

const struct command cmd_import = {
	.name = "import",
	.usage = "FILE | - [--yes] [--dry-run]",
	.help = "take over keys of another system by their SHA-256 hashes",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run,
};
