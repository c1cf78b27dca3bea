/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"
#include "fail.h"
#include "interrupt.h"
#include "moment.h"
#include "newfile.h"
#include "out.h"
#include "session.h"

/* A file on its way from keyd. */
struct transfer {
	struct session *session;
	struct newfile file;
	struct reply_backup at;        /* the last answer; not its piece */
	uint8_t tail[BACKUP_TAIL_MAX]; /* the last bytes that came */
	size_t tail_len;
};

static int
fail_file(const struct transfer *x)
{
	return fail(x->session->call, KEYD_EINVAL,
	    "the file cannot be written: %s; no backup was made",
	    strerror(errno));
}

/* Keeps the last bytes of all that came. */
static void
remember(struct transfer *x, struct span piece)
{
	size_t keep = sizeof(x->tail);

	if (piece.len > keep) {
		piece.ptr += piece.len - keep;
		piece.len = keep;
	}
	keep -= piece.len;
	if (x->tail_len > keep) {
		memmove(x->tail, x->tail + x->tail_len - keep, keep);
		x->tail_len = keep;
	}
	memcpy(x->tail + x->tail_len, piece.ptr, piece.len);
	x->tail_len += piece.len;
}

static int
take_piece(struct transfer *x, const struct reply_backup *a)
{
	if (a->piece.len == 0 || a->size != x->at.size + a->piece.len)
		return session_fail(x->session, KEYD_EPROTOCOL);
	if (!newfile_write(&x->file, a->piece.ptr, a->piece.len))
		return fail_file(x);
	remember(x, a->piece);
	x->at = *a;
	return EXIT_DONE;
}

/* Another connection has another snapshot, so this cannot go on on one. */
static int
ask(struct transfer *x, uint8_t type)
{
	const struct request req = { .type = type,
		.backup = { .at = x->at.size } };
	enum keyd_status status;
	struct reply rep;

	status = session_ask(x->session, &req, &rep);
	if (status == KEYD_OK)
		return take_piece(x, &rep.backup);
	if (status == KEYD_ENOTFOUND || status == KEYD_ESTORE)
		return fail(x->session->call, status, "%s; no backup was made",
		    x->session->why);
	return session_fail(x->session, status);
}

static int
take_all(struct transfer *x)
{
	int code = ask(x, FRAME_BACKUP_BEGIN);

	while (code == EXIT_DONE && !x->at.last && !interrupt_came())
		code = ask(x, FRAME_BACKUP_READ);
	if (code == EXIT_DONE && interrupt_came())
		return fail(x->session->call, KEYD_EINVAL,
		    "interrupted; no backup was made");
	if (code == EXIT_DONE && !newfile_keep(&x->file))
		return fail_file(x);
	return code;
}

/* The end of the file, with the hash before it, tells keyd that it was made. */
static int
tell(struct transfer *x)
{
	const struct span tail = { x->tail, x->tail_len };
	const struct request req = { .type = FRAME_BACKUP_DONE,
		.backup = { .at = x->at.size, .tail = tail } };
	enum keyd_status status;
	struct reply rep;

	status = session_ask(x->session, &req, &rep);
	if (status == KEYD_OK)
		return EXIT_DONE;
	return fail(x->session->call, status,
	    "the backup is made and good, but keyd could not take a note of "
	    "it: %s",
	    x->session->why[0] != '\0' ? x->session->why
				       : keyd_strerror(status));
}

static void
print(const struct transfer *x)
{
	const struct reply_backup *a = &x->at;
	char made[MOMENT_SIZE];

	if (x->session->call->json)
		doc_print(json_pack("{so so so}", "made", doc_time(a->made),
		    "keys", doc_number(a->keys), "size", doc_number(a->size)));
	else
		fprintf(stderr,
		    "keydctl: backup of %" PRIu64 " %s as of %s, %" PRIu64
		    " bytes\n",
		    a->keys, a->keys == 1 ? "key" : "keys",
		    moment_text(a->made, made), a->size);
}

static int
backup(struct transfer *x, const char *path)
{
	const struct call *call = x->session->call;
	int code;

	if (!newfile_open(&x->file, path)) {
		if (errno == EEXIST)
			return fail(call, KEYD_EEXIST,
			    "there is a file of this name, which is not "
			    "replaced; name another one");
		return fail_file(x);
	}
	if ((code = take_all(x)) == EXIT_DONE && (code = tell(x)) == EXIT_DONE)
		print(x);
	newfile_drop(&x->file);
	return code;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct transfer x = { .session = &s };
	int code;

	if (strcmp(call->operand[0], "-") == 0)
		return fail_usage(call,
		    "a backup goes into a file, so that it is known to be on "
		    "the disk");
	interrupt_hold();
	signal(SIGXFSZ, SIG_IGN); /* the write says so, too */
	code = backup(&x, call->operand[0]);
	session_close(&s);
	return code;
}

const struct command cmd_backup = {
	.name = "backup",
	.usage = "FILE",
	.help = "write a consistent copy of all there is while keyd runs",
	.min = 1,
	.max = 1,
	.run = run,
};
