/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doc.h"
#include "fail.h"
#include "issue.h"
#include "out.h"
#include "token.h"

int
issue_token(struct session *s, char token[KEYD_TOKEN_SIZE],
    uint8_t digest[DIGEST_SIZE])
{
	enum keyd_status status = session_open(s);

	if (status != KEYD_OK)
		return session_fail(s, status);
	if (!token_new(client_welcome(s->client)->prefix, token))
		return fail(s->call, KEYD_ENOMEM,
		    "the kernel has no randomness to give yet; try again");
	token_digest(token, strlen(token), digest);
	return EXIT_DONE;
}

int
issue_give(const struct call *call, const char *token, const char *id,
    json_t *doc)
{
	if (call->json) {
		json_object_set_new(doc, "token", json_string(token));
		doc_print(doc);
	} else {
		fputs(token, stdout);
		fputc('\n', stdout);
	}
	if (out_finish())
		return EXIT_DONE;
	return fail(call, KEYD_EOUTCOME,
	    "the token could not be written (%s); the key exists, so revoke "
	    "it, 'keydctl revoke %s', and make another",
	    strerror(errno), id);
}

int
issue_failed(const struct session *s, enum keyd_status status, const char *look)
{
	if (status != KEYD_EOUTCOME)
		return session_fail(s, status);
	return fail(s->call, status,
	    "keyd's answer was lost, so it is not known whether the key was "
	    "made; its token is lost too: look for it with 'keydctl %s', "
	    "revoke that key if it is there, and make another",
	    look);
}
