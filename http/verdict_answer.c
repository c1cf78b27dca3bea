/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "tally.h"
#include "verdict_answer.h"

#define BODY_SIZE 256

/* nginx's auth_request knows no other refusals than 401 and 403. */
static unsigned
carried(const struct query *q, unsigned code)
{
	return q->carry && code != 200 && code != 401 ? 403 : code;
}

static void
begin(struct answer *a, const struct query *q, unsigned code, const char *word,
    const char *why)
{
	char body[BODY_SIZE] = "";

	if (why != NULL)
		(void)snprintf(body, sizeof(body), "{\"error\":\"%s\"}\n", why);
	answer_text(a, carried(q, code), ANSWER_JSON, body);
	answer_header(a, "X-Keyd-Status", word);
	answer_number(a, "X-Keyd-Code", code);
}

void
verdict_refuse(struct answer *a, const struct query *q, unsigned code,
    const char *word, const char *why)
{
	begin(a, q, code, word, why);
}

/* What a client may know. */
static const char *
plain_word(const struct keyd_verdict *v)
{
	switch (v->status) {
	case KEYD_UNKNOWN:
	case KEYD_REVOKED:
	case KEYD_EXPIRED:
		return "invalid_token";
	case KEYD_WRONG_ORG:
		return "forbidden";
	default:
		break;
	}
	if (v->status >= 0)
		return tally_word(v->status);
	return v->http_status == 503 ? "unavailable" : "error";
}

static const char *
sentence(const struct keyd_verdict *v)
{
	switch (v->http_status) {
	case 200:
		return NULL;
	case 401:
		return "a valid API key is needed";
	case 403:
		return "this API key may not do that";
	case 429:
		return "this API key is used too often, try again later";
	case 503:
		return "API keys cannot be verified now, try again later";
	default:
		return "API keys cannot be verified";
	}
}

static void
add_identity(struct answer *a, const struct keyd_verdict *v)
{
	answer_escaped(a, "X-Keyd-Key-Id", v->key_id);
	answer_escaped(a, "X-Keyd-Org", v->org);
	answer_escaped(a, "X-Keyd-User", v->user);
	answer_escaped(a, "X-Keyd-Name", v->name);
	answer_escaped(a, "X-Keyd-Project", v->project);
	if (v->expires != 0)
		answer_number(a, "X-Keyd-Expires", v->expires);
}

static void
add_limits(struct answer *a, const struct keyd_verdict *v)
{
	char limit[KEYD_RATELIMIT_SIZE], policy[KEYD_RATELIMIT_SIZE];

	if (v->retry_after > 0)
		answer_number(a, "Retry-After", v->retry_after);
	if (!keyd_http_ratelimit(v, limit, sizeof(limit), policy,
		sizeof(policy)))
		return;
	answer_header(a, "RateLimit", limit);
	answer_header(a, "RateLimit-Policy", policy);
}

void
verdict_answer(struct answer *a, const char *realm, const struct query *q,
    const struct keyd_verdict *v)
{
	char challenge[KEYD_CHALLENGE_SIZE];

	begin(a, q, (unsigned)v->http_status,
	    q->detail ? tally_word(v->status) : plain_word(v), sentence(v));
	if (v->status == KEYD_OK || q->detail)
		add_identity(a, v);
	if (keyd_http_challenge(v->status, realm, q->permission, challenge,
		sizeof(challenge)) > 0)
		answer_header(a, "WWW-Authenticate", challenge);
	add_limits(a, v);
}
