/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "endpoint.h"
#include "form.h"
#include "subject.h"
#include "verdict_answer.h"

#define FORM "application/x-www-form-urlencoded"

static const struct query nothing;

/* RFC 6749, section 5.2. */
static void
fail(struct answer *a, unsigned code, const char *body)
{
	answer_text(a, code, ANSWER_JSON, body);
}

/*
 * RFC 7662, section 2.1: whoever asks must be authorized.  With -i by a key of
 * his own that has this permission; without, by the mode of the socket, and
 * over an address nobody is.  False: it is refused.
 */
static bool
may_ask(struct site *s, struct MHD_Connection *c, struct answer *a)
{
	struct keyd_verdict verdict;
	struct query q = { .carry = false };
	const char *authorization;

	if (s->introspect == NULL) {
		if (!s->is_unix)
			fail(a, 403, "{\"error\":\"access_denied\"}\n");
		return s->is_unix;
	}
	if (!visit_authorization(c, &authorization)) {
		fail(a, 400, "{\"error\":\"invalid_request\"}\n");
		return false;
	}
	(void)snprintf(q.permission, sizeof(q.permission), "%s", s->introspect);
	site_verify(s, &q, SITE_BEARER, authorization, &verdict);
	if (verdict.status != KEYD_OK)
		verdict_answer(a, s->realm, &q, &verdict);
	return verdict.status == KEYD_OK;
}

static bool
is_form(struct MHD_Connection *c)
{
	const char *type = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_CONTENT_TYPE);
	size_t len = strlen(FORM);

	return type != NULL && strncasecmp(type, FORM, len) == 0 &&
	    (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

/* The one token of the body, or NULL; other parameters are passed over. */
static const char *
find_token(struct visit *v)
{
	char *rest = v->body, *name, *value;
	const char *token = NULL;
	bool broken;

	while (form_next(&rest, &name, &value, &broken)) {
		if (strcmp(name, "token") != 0)
			continue;
		if (token != NULL || value[0] == '\0')
			return NULL;
		token = value;
	}
	return broken ? NULL : token;
}

static json_t *
describe(const struct subject *subject)
{
	const struct keyd_verdict *v = &subject->verdict;
	json_t *j = json_pack("{s:b, s:s, s:s, s:s}", "active", 1, "client_id",
	    v->key_id, "username", v->user, "sub", subject->sub);

	if (j == NULL)
		return NULL;
	if (subject->scope[0] != '\0')
		(void)json_object_set_new(j, "scope",
		    json_string(subject->scope));
	if (subject->exp != 0)
		(void)json_object_set_new(j, "exp", json_integer(subject->exp));
	if (subject->iat != 0)
		(void)json_object_set_new(j, "iat", json_integer(subject->iat));
	return j;
}

static void
answer_active(struct answer *a, const struct subject *subject)
{
	json_t *j = describe(subject);
	char *text = j != NULL ? json_dumps(j, JSON_COMPACT) : NULL;

	if (text != NULL)
		answer_text(a, 200, ANSWER_JSON, text);
	else
		fail(a, 500, "{\"error\":\"server_error\"}\n");
	free(text);
	json_decref(j);
}

/* A key over its limit is good, and not to be used now: neither active nor
   inactive. */
static void
answer_subject(struct site *s, const struct query *q, struct answer *a,
    const struct subject *subject)
{
	enum keyd_status status = subject->verdict.status;

	if (status == KEYD_OK)
		answer_active(a, subject);
	else if (status < 0 || status == KEYD_RATE_LIMITED)
		verdict_answer(a, s->realm, q, &subject->verdict);
	else
		answer_text(a, 200, ANSWER_JSON, "{\"active\":false}");
}

static void
introspect(struct site *s, struct visit *v, struct MHD_Connection *c,
    struct answer *a)
{
	struct subject subject;
	const char *token;
	struct query q;

	if (!may_ask(s, c, a))
		return;
	if (query_parse(v->query, &q) != NULL) {
		verdict_refuse(a, &nothing, 500, "error",
		    "this server asks keyd-http the wrong way");
	} else if (!is_form(c)) {
		fail(a, 415, "{\"error\":\"invalid_request\"}\n");
	} else if ((token = find_token(v)) == NULL) {
		fail(a, 400, "{\"error\":\"invalid_request\"}\n");
	} else {
		subject_find(s, &q, token, &subject);
		answer_subject(s, &q, a, &subject);
	}
}

const struct endpoint endpoint_introspect = {
	.name = TALLY_INTROSPECT,
	.path = "/introspect",
	.methods = "POST",
	.takes_body = true,
	.run = introspect,
};
