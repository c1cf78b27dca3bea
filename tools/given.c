/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "fail.h"
#include "given.h"
#include "prompt.h"
#include "token.h"

#define GIVEN_SIZE (TOKEN_FOREIGN_MAX + 3) /* the end of the line, one more */

static enum keyd_status
digest_of(const struct session *s, const char *text, size_t len,
    uint8_t *digest)
{
	const struct reply_welcome *w = client_welcome(s->client);

	if (len == 0)
		return KEYD_MISSING;
	if (len > TOKEN_FOREIGN_MAX ||
	    (!w->foreign && !token_check(text, len, w->prefix)))
		return KEYD_MALFORMED;
	token_digest(text, len, digest);
	return KEYD_OK;
}

static int
take(struct session *s, char *text, uint8_t *digest, enum keyd_status *status)
{
	size_t len;

	switch (prompt_token(text, GIVEN_SIZE, &len)) {
	case PROMPT_FAILED:
		*status = KEYD_EINVAL;
		return fail(s->call, *status,
		    "the token could not be read from standard input: %s",
		    strerror(errno));
	case PROMPT_TOO_LONG:
		*status = KEYD_MALFORMED;
		return EXIT_DONE;
	case PROMPT_OK:
		break;
	}
	if ((*status = session_open(s)) != KEYD_OK)
		return session_fail(s, *status);
	*status = digest_of(s, text, len, digest);
	return EXIT_DONE;
}

int
given_digest(struct session *s, uint8_t digest[DIGEST_SIZE],
    enum keyd_status *status)
{
	char text[GIVEN_SIZE];
	int code = take(s, text, digest, status);

	sodium_memzero(text, sizeof(text));
	return code;
}
