/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "endpoint.h"
#include "log.h"
#include "verdict_answer.h"

static struct log_throttle throttle;

/*
 * What is wanted of the key: the query of /auth, or the segment after it in
 * /auth/WANTED/what/the/client/asked?for, as Envoy and others put the client's
 * own path and query behind a prefix.  There the query is the client's, and not
 * looked at.
 */
static char *
wanted(struct visit *v)
{
	char *segment = v->path + strlen("/auth");

	if (*segment == '\0')
		return v->query;
	segment++;
	segment[strcspn(segment, "/")] = '\0';
	return segment;
}

static const char *
parse(struct visit *v, struct query *q)
{
	bool deep = v->path[strlen("/auth")] != '\0';
	char *text = wanted(v);

	if (deep && text[0] == '\0') {
		*q = (struct query){ .carry = false };
		return "an empty segment after /auth/";
	}
	return query_parse(text, q);
}

static void
auth(struct site *s, struct visit *v, struct MHD_Connection *c,
    struct answer *a)
{
	struct keyd_verdict verdict;
	const char *authorization, *why;
	struct query q;

	if ((why = parse(v, &q)) != NULL) {
		log_throttled(&throttle, "a server asked /auth with %s", why);
		verdict_refuse(a, &q, 500, "error",
		    "this server asks keyd-http the wrong way");
		return;
	}
	if (!visit_authorization(c, &authorization)) {
		verdict_refuse(a, &q, 400, "two_authorizations",
		    "more than one Authorization header");
		return;
	}
	site_verify(s, &q, SITE_BEARER, authorization, &verdict);
	verdict_answer(a, s->realm, &q, &verdict);
}

const struct endpoint endpoint_auth = {
	.name = TALLY_AUTH,
	.path = "/auth",
	.deep = true,
	.run = auth,
};
