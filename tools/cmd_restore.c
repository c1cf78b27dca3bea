/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "interrupt.h"
#include "moment.h"
#include "out.h"
#include "prompt.h"
#include "prospect.h"
#include "session.h"

enum { FORCE, DRY_RUN, YES, OPTIONS };

static const struct cmd_option options[] = {
	[FORCE] = { "force", NULL,
	    "though keys are lost, or revoked ones live again", false },
	[DRY_RUN] = { "dry-run", NULL, "only say what would come of it",
	    false },
	[YES] = { "yes", NULL, "do not ask", false },
	[OPTIONS] = { 0 },
};

/* keyd-backup(5): the file begins with so many bytes, then come chunks: a
   length, so many bytes, a hash. */
#define MAGIC "keyd-backup 1\n"
#define MAGIC_LEN (sizeof(MAGIC) - 1)
#define LENGTH_LEN 4
#define HASH_LEN 32
#define CHUNK_MAX 16000

/* keyd needs half a minute for a million keys. */
#define COMMIT_MS (30U * 60 * 1000)

/* A file on its way to keyd. */
struct transfer {
	struct session *session;
	FILE *file;
	uint64_t at; /* bytes of it that keyd has */
	bool whole;
	uint8_t bytes[MAGIC_LEN + CHUNK_MAX];
	size_t len;
	struct prospect prospect;
};

static int
refuse(const struct transfer *x, const char *why)
{
	return fail(x->session->call, KEYD_EINVAL, "%s; nothing was restored",
	    why);
}

/* A request of the same connection, or none: keyd forgets what it has of a file
   with its connection. */
static int
ask(struct transfer *x, const struct request *req, struct reply *rep)
{
	enum keyd_status status;

	*rep = (struct reply){ .type = 0 };
	if (interrupt_came())
		return refuse(x, "interrupted");
	status = session_ask(x->session, req, rep);
	if (status == KEYD_OK)
		return EXIT_DONE;
	if (status == KEYD_EINVAL || status == KEYD_ENOTFOUND ||
	    status == KEYD_ESTORE)
		return fail(x->session->call, status,
		    "%s; nothing was restored", x->session->why);
	return session_fail(x->session, status);
}

/* The next bytes of the file behind those that there are. */
static bool
read_on(struct transfer *x, size_t len)
{
	if (len > sizeof(x->bytes) - x->len)
		return false;
	if (fread(x->bytes + x->len, 1, len, x->file) != len)
		return false;
	x->len += len;
	return true;
}

static bool
read_chunk(struct transfer *x)
{
	struct wire_reader r;
	uint32_t len;

	if (!read_on(x, LENGTH_LEN))
		return false;
	r = wire_reader(x->bytes + x->len - LENGTH_LEN, LENGTH_LEN);
	len = wire_get_u32(&r);
	return len <= CHUNK_MAX && read_on(x, (size_t)len + HASH_LEN);
}

static int
refuse_file(const struct transfer *x)
{
	if (ferror(x->file))
		return fail(x->session->call, KEYD_EINVAL,
		    "the file could not be read (%s); nothing was restored",
		    strerror(errno));
	return refuse(x,
	    "the file is no whole backup of keyd: it was changed or cut; use "
	    "another copy");
}

static int
send_bytes(struct transfer *x, uint8_t type)
{
	const struct request req = { .type = type,
		.restore = { .at = x->at, .bytes = { x->bytes, x->len } } };
	struct reply rep;
	int code = ask(x, &req, &rep);

	if (code != EXIT_DONE)
		return code;
	x->at += x->len;
	x->len = 0;
	x->whole = rep.restore.whole;
	if (rep.restore.at != x->at)
		return session_fail(x->session, KEYD_EPROTOCOL);
	return EXIT_DONE;
}

/* All of the file, chunk by chunk; there is nothing behind its end. */
static int
send_file(struct transfer *x)
{
	int code;

	if (!read_on(x, MAGIC_LEN) || memcmp(x->bytes, MAGIC, MAGIC_LEN) != 0)
		return refuse(x,
		    "the file is no backup of keyd, or one of a newer keyd");
	if (!read_chunk(x))
		return refuse_file(x);
	code = send_bytes(x, FRAME_RESTORE_BEGIN);
	while (code == EXIT_DONE && !x->whole)
		code = read_chunk(x) ? send_bytes(x, FRAME_RESTORE_CHUNK)
				     : refuse_file(x);
	if (code == EXIT_DONE && fgetc(x->file) != EOF)
		return refuse(x,
		    "there is something behind the end of the backup, which "
		    "keyd did not put there");
	return code;
}

/* What would come of it?  The sums of what keyd says of each part. */
static int
check(struct transfer *x)
{
	struct request req = { .type = FRAME_RESTORE_CHECK };
	struct reply rep;
	int code;

	do {
		if ((code = ask(x, &req, &rep)) != EXIT_DONE)
			return code;
		if (rep.restore.at != 0 && rep.restore.at <= req.restore.at)
			return session_fail(x->session, KEYD_EPROTOCOL);
		prospect_add(&x->prospect, &rep.restore, req.restore.at == 0);
		req.restore.at = rep.restore.at;
	} while (req.restore.at != 0);
	return EXIT_DONE;
}

/* A new keyd has no log that would tell. */
static void
warn_of_later(const struct transfer *x)
{
	char made[MOMENT_SIZE];

	fprintf(stderr,
	    "keydctl: keys that were revoked after %s are live again here; "
	    "revoke them anew\n",
	    moment_text(x->prospect.is.made, made));
}

/* Takes longer than other requests, and may be asked again: by its mark keyd
   knows it. */
static int
commit(struct transfer *x)
{
	uint8_t mark[RESTORE_MARK_SIZE];
	const struct request req = { .type = FRAME_RESTORE_COMMIT,
		.restore = { .at = x->at,
		    .force = x->session->call->value[FORCE] != NULL,
		    .bytes = { mark, sizeof(mark) } } };
	const struct call *call = x->session->call;
	struct call patient = *call;
	struct reply rep;
	int code;

	randombytes_buf(mark, sizeof(mark));
	if (patient.timeout_ms < COMMIT_MS)
		patient.timeout_ms = COMMIT_MS;
	x->session->call = &patient;
	code = ask(x, &req, &rep);
	x->session->call = call;
	if (code != EXIT_DONE)
		return code;
	x->prospect.is.keys = rep.restore.keys;
	prospect_print_result(&x->prospect, call, true, false);
	if (x->prospect.is.present == 0)
		warn_of_later(x);
	return EXIT_DONE;
}

static bool
must_ask(const struct transfer *x)
{
	return x->session->call->value[YES] == NULL && x->file != stdin &&
	    prompt_is_terminal();
}

static int
restore(struct transfer *x)
{
	const struct call *call = x->session->call;
	int code = send_file(x);

	if (code == EXIT_DONE)
		code = check(x);
	if (code != EXIT_DONE)
		return code;
	if (call->value[DRY_RUN] != NULL) {
		prospect_print_result(&x->prospect, call, false, true);
		return EXIT_DONE;
	}
	if (prospect_needs_force(&x->prospect) && call->value[FORCE] == NULL)
		return prospect_refuse(&x->prospect, call);
	if (must_ask(x)) {
		prospect_print(stderr, &x->prospect);
		if (!prompt_yes("Replace all that there is by it?"))
			return fail(call, KEYD_EDENIED, "nothing was restored");
	}
	return commit(x);
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
		    "the file cannot be opened: %s; nothing was restored",
		    strerror(errno));
	if ((x = calloc(1, sizeof(*x))) == NULL)
		out_no_memory();
	prospect_begin(&x->prospect);
	x->session = &s;
	x->file = f;
	interrupt_hold();
	code = restore(x);
	prospect_end(&x->prospect);
	free(x);
	fclose(f);
	session_close(&s);
	return code;
}

const struct command cmd_restore = {
	.name = "restore",
	.usage = "FILE | - [--force] [--dry-run] [--yes]",
	.help = "replace all there is by what a backup has",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run,
};
