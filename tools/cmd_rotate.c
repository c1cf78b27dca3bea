/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "doc.h"
#include "duration.h"
#include "fail.h"
#include "guard.h"
#include "issue.h"
#include "key.h"
#include "moment.h"
#include "out.h"
#include "prompt.h"

enum { GRACE, YES, OPTIONS };

static const struct cmd_option options[] = {
	[GRACE] = { "grace", "D",
	    "the old key works for so long (0s: not at all); without it, "
	    "until it is revoked",
	    false },
	[YES] = { "yes", NULL, "do not ask", false },
	[OPTIONS] = { 0 },
};

static int
fill(const struct call *call, struct request_rotate *q)
{
	const char *grace = call->value[GRACE];
	int64_t seconds = 0;

	if (!guard_is_key_id(call->operand[0]))
		return fail_usage(call,
		    "that is no key id: key_ and 16 characters, as 'keydctl "
		    "list' shows them");
	memcpy(q->id, call->operand[0], KEY_ID_LEN);
	if (grace == NULL)
		return EXIT_DONE;
	if (strcmp(grace, "0s") != 0 &&
	    (!duration_parse(grace, &seconds) || seconds > UINT32_MAX))
		return fail_usage(call,
		    "--grace takes a duration such as 7d, 24h, 15m or 30s, or "
		    "0s to end the old key at once");
	q->has_grace = true;
	q->grace = (uint32_t)seconds;
	return EXIT_DONE;
}

/* Shows what would be rotated, and asks. */
static int
ask(struct session *s, const struct request_rotate *q)
{
	struct request req = { .type = FRAME_SHOW };
	struct reply rep;
	int code;

	memcpy(req.show.id, q->id, sizeof(req.show.id));
	if ((code = session_get(s, &req, &rep)) != EXIT_DONE)
		return code;
	key_preview(stderr, &rep.view.key);
	/* keyd need not wait for a person. */
	session_close(s);
	if (prompt_yes(!q->has_grace
		    ? "Make a key that takes the place of this one?"
		    : "Make a key that takes the place of this one, which "
		      "ends?"))
		return EXIT_DONE;
	return fail(s->call, KEYD_EDENIED, "nothing was rotated");
}

static json_t *
doc_of(const struct reply_rotated *a)
{
	json_t *doc = key_doc(&a->key);

	json_object_set_new(doc, "old_key",
	    json_pack("{so so}", "id", doc_text(a->key.rotated_from), "expires",
		doc_time(a->old_expires)));
	return doc;
}

/* The old key is one's own, so its id may be printed as it is. */
static void
say(const struct reply_rotated *a)
{
	const char *old = a->key.rotated_from;
	char when[MOMENT_SIZE];

	fprintf(stderr, "keydctl: %s takes the place of %s, which ", a->key.id,
	    old);
	if (a->old_expires != 0 && a->old_expires <= a->key.created)
		fputs("has ended\n", stderr);
	else if (a->old_expires != 0)
		fprintf(stderr, "works until %s\n",
		    moment_text(a->old_expires, when));
	else
		fprintf(stderr,
		    "works until it is revoked: when 'keydctl show %s' says "
		    "that it is no longer used, 'keydctl revoke %s'\n",
		    a->key.id, old);
}

static int
failed(const struct session *s, enum keyd_status status, const char *id)
{
	char look[sizeof("show ") + KEY_ID_SIZE];

	snprintf(look, sizeof(look), "show %s", id);
	return issue_failed(s, status, look);
}

static int
rotate(struct session *s, struct request *req, char *token)
{
	const struct call *call = s->call;
	struct reply rep;
	enum keyd_status status;
	int code = issue_token(s, token, req->rotate.digest);

	if (code == EXIT_DONE && call->value[YES] == NULL &&
	    prompt_is_terminal())
		code = ask(s, &req->rotate);
	if (code != EXIT_DONE)
		return code;
	if ((status = session_ask(s, req, &rep)) != KEYD_OK)
		return failed(s, status, req->rotate.id);
	code = issue_give(call, token, rep.rotated.key.id,
	    call->json ? doc_of(&rep.rotated) : NULL);
	if (code == EXIT_DONE)
		say(&rep.rotated);
	return code;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_ROTATE };
	char token[KEYD_TOKEN_SIZE] = "";
	int code = fill(call, &req.rotate);

	if (code == EXIT_DONE)
		code = rotate(&s, &req, token);
	sodium_memzero(token, sizeof(token));
	session_close(&s);
	return code;
}

const struct command cmd_rotate = {
	.name = "rotate",
	.usage = "ID [--grace D] [--yes]",
	.help = "make a key that takes another's place and print its token, "
		"once",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run,
};
