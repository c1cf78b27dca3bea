/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "args.h"
#include "doc.h"
#include "duration.h"
#include "fail.h"
#include "key.h"
#include "moment.h"
#include "out.h"
#include "prompt.h"
#include "token.h"

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

/* A length from now, or a point in time to come; 0 when it is neither.  The
   second that has begun is not counted, so that 1s is not less. */
static int64_t
end_of(const char *text)
{
	int64_t now = (int64_t)time(NULL);
	int64_t when;

	if (duration_parse(text, &when))
		return when < MOMENT_MAX - now ? now + 1 + when : 0;
	return moment_parse(text, &when) && when > now ? when : 0;
}

static bool
fill(const struct call *call, struct request_create *q)
{
	const char *const *value = call->value;

	if (value[EXPIRES] != NULL &&
	    (q->expires = end_of(value[EXPIRES])) == 0) {
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
print(const struct call *call, const char *token, const struct key_info *k)
{
	json_t *doc;

	if (call->json) {
		doc = key_doc(k);
		json_object_set_new(doc, "token", json_string(token));
		doc_print(doc);
	} else {
		fputs(token, stdout);
		fputc('\n', stdout);
	}
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
give(const struct call *call, const char *token, const struct key_info *k)
{
	print(call, token, k);
	if (!out_finish())
		return fail(call, KEYD_EOUTCOME,
		    "the token could not be written (%s); the key exists, so "
		    "revoke it, 'keydctl revoke %s', and create another",
		    strerror(errno), k->id);
	say(k);
	return EXIT_DONE;
}

static int
failed(const struct session *s, enum keyd_status status, const char *org)
{
	if (status != KEYD_EOUTCOME)
		return session_fail(s, status);
	return fail(s->call, status,
	    "keyd's answer was lost, so it is not known whether the key was "
	    "made; its token is lost too: look for the name with 'keydctl "
	    "list --org %s', revoke that key if it is there, and create "
	    "another",
	    org);
}

static int
create(struct session *s, struct request *req, char *token)
{
	const char *prefix;
	struct reply rep;
	enum keyd_status status;
	int code;

	if ((status = session_open(s)) != KEYD_OK)
		return session_fail(s, status);
	prefix = client_welcome(s->client)->prefix;
	if (!token_new(prefix, token))
		return fail(s->call, KEYD_ENOMEM,
		    "the kernel has no randomness to give yet; try again");
	token_digest(token, strlen(token), req->create.digest);
	if (s->call->value[YES] == NULL && prompt_is_terminal() &&
	    (code = ask(s, req)) != EXIT_DONE)
		return code;
	if ((status = session_ask(s, req, &rep)) != KEYD_OK)
		return failed(s, status, req->create.org);
	return give(s->call, token, &rep.created.key);
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
