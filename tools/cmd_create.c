/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include <sodium.h>

#include "args.h"
#include "fail.h"
#include "issue.h"
#include "key.h"
#include "out.h"
#include "prompt.h"
#include "when.h"

enum { ORG, USER, NAME, ROLE, CONTEXT, PROJECT, EXPIRES, YES, OPTIONS };

static const struct cmd_option options[] = {
	[ORG] = { "org", "O", "the key's organization", true },
	[USER] = { "user", "U", "its owner, a member there", true },
	[NAME] = { "name", "N", "unique among the organization's live keys",
	    true },
	[ROLE] = { "role", "R", "a lesser role than the owner's", false },
	[CONTEXT] = { "context", "C",
	    "production-ci, development (default), personal, shared", false },
	[PROJECT] = { "project", "P", "a label", false },
	[EXPIRES] = { "expires", "D", "in 90d, or at 2030-01-31T12:00:00Z",
	    false },
	[YES] = { "yes", NULL, "do not ask", false },
	[OPTIONS] = { 0 },
};
_Static_assert(OPTIONS <= OPTIONS_MAX, "struct call has room for OPTIONS_MAX");

static bool
fill(const struct call *call, struct request_create *q)
{
	const char *const *value = call->value;

	if (value[EXPIRES] != NULL &&
	    !when_ahead(value[EXPIRES], &q->expires)) {
		fail_usage(call,
		    "--expires takes a duration such as 90d, 24h, 15m or 30s, "
		    "or a time to come such as 2030-01-31T12:00:00Z");
		return false;
	}
	return args_copy(call, q->org, sizeof(q->org), value[ORG], "the org") &&
	    args_copy(call, q->user, sizeof(q->user), value[USER],
		"the user") &&
	    args_copy(call, q->name, sizeof(q->name), value[NAME],
		"the name") &&
	    args_copy(call, q->role, sizeof(q->role), value[ROLE],
		"the role") &&
	    args_copy(call, q->context, sizeof(q->context), value[CONTEXT],
		"the context") &&
	    args_copy(call, q->project, sizeof(q->project), value[PROJECT],
		"the project");
}

/* Shows what would be made, and asks. */
static int
ask(struct session *s, struct request *req)
{
	struct reply rep;
	int code;

	req->create.dry_run = true;
	code = session_get(s, req, &rep);
	req->create.dry_run = false;
	if (code != EXIT_DONE)
		return code;
	key_preview(stderr, &rep.created.key);
	/* keyd need not wait for a person. */
	session_close(s);
	if (prompt_yes("Create this key?"))
		return EXIT_DONE;
	return fail(s->call, KEYD_EDENIED, "nothing was created");
}

static void
say(const struct key_info *k)
{
	fputs("keydctl: created ", stderr);
	out_text(stderr, k->id);
	fputs(" for ", stderr);
	out_word(stderr, k->user);
	fputs(" of ", stderr);
	out_word(stderr, k->org);
	fputs(", may ", stderr);
	out_text(stderr, k->permissions);
	fputs("; its token is shown this once\n", stderr);
}

static int
failed(const struct session *s, enum keyd_status status, const char *org)
{
	char look[sizeof("list --org ") + ORG_SIZE];

	snprintf(look, sizeof(look), "list --org %s", org);
	return issue_failed(s, status, look);
}

static int
create(struct session *s, struct request *req, char *token)
{
	const struct call *call = s->call;
	const struct key_info *k;
	struct reply rep;
	enum keyd_status status;
	int code = issue_token(s, token, req->create.digest);

	if (code == EXIT_DONE && call->value[YES] == NULL &&
	    prompt_is_terminal())
		code = ask(s, req);
	if (code != EXIT_DONE)
		return code;
	if ((status = session_ask(s, req, &rep)) != KEYD_OK)
		return failed(s, status, req->create.org);
	k = &rep.created.key;
	code = issue_give(call, token, k->id, call->json ? key_doc(k) : NULL);
	if (code == EXIT_DONE)
		say(k);
	return code;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_CREATE };
	char token[KEYD_TOKEN_SIZE] = "";
	int code;

	if (!fill(call, &req.create))
		return EXIT_USAGE;
	code = create(&s, &req, token);
	sodium_memzero(token, sizeof(token));
	session_close(&s);
	return code;
}

const struct command cmd_create = {
	.name = "create",
	.usage = "--org O --user U --name N [--role R] [--context C] "
		 "[--project P] [--expires D] [--yes]",
	.help = "make a key and print its token, once",
	.options = options,
	.run = run,
};
