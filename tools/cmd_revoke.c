/* SPDX-License-Identifier: ISC */
#include <limits.h>

#include "fail.h"
#include "prompt.h"
#include "revoke.h"

enum { TOKEN, ORG, USER, UNUSED_FOR, REASON, YES, DRY_RUN, OPTIONS };

static const struct cmd_option options[] = {
	[TOKEN] = { "token", NULL, "the key of the token on standard input",
	    false },
	[ORG] = { "org", "O", "all live keys of this organization", false },
	[USER] = { "user", "U", "all live keys of this member, with --org",
	    false },
	[UNUSED_FOR] = { "unused-for", "D",
	    "all live keys that nobody used for so long", false },
	[REASON] = { "reason", "R", "text to keep with the revocation", false },
	[YES] = { "yes", NULL, "do not ask", false },
	[DRY_RUN] = { "dry-run", NULL, "only say what would be revoked",
	    false },
	[OPTIONS] = { 0 },
};
_Static_assert(OPTIONS <= OPTIONS_MAX, "struct call has room for OPTIONS_MAX");

int
revoke_confirm(struct session *s, size_t count)
{
	/* keyd need not wait for a person. */
	session_close(s);
	if (prompt_yes(count == 1 ? "Revoke this key, for good?"
				  : "Revoke these keys, for good?"))
		return EXIT_DONE;
	return fail(s->call, KEYD_EDENIED, "nothing was revoked");
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	const char *const *value = call->value;
	struct revocation v = { .reason = value[REASON],
		.dry_run = value[DRY_RUN] != NULL,
		.by_token = value[TOKEN] != NULL,
		.filter = { value[ORG], value[USER], value[UNUSED_FOR] } };
	bool by_filter = value[ORG] != NULL || value[USER] != NULL ||
	    value[UNUSED_FOR] != NULL;
	int code;

	if (v.by_token + by_filter + (call->operands > 0) != 1)
		return fail_usage(call,
		    "revoke takes either key ids, or --token and a token on "
		    "standard input, or --org, --user and --unused-for; see "
		    "'keydctl revoke --help'");
	v.ask = value[YES] == NULL && !v.dry_run && prompt_is_terminal();
	code = by_filter ? revoke_filtered(&s, &v) : revoke_named(&s, &v);
	session_close(&s);
	return code;
}

const struct command cmd_revoke = {
	.name = "revoke",
	.usage = "ID... | --token <TOKEN-FILE | --org O [--user U] | "
		 "--unused-for D [--reason R] [--yes] [--dry-run]",
	.help = "stop keys from being accepted, at once and for good",
	.options = options,
	.max = INT_MAX, /* REVOKE_IDS_MAX, said by itself */
	.run = run,
};
