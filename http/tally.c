/* SPDX-License-Identifier: ISC */
#include "tally.h"

/* The last one stands for all others. */
static const unsigned codes[TALLY_CODES] = { 200, 400, 401, 403, 404, 405, 411,
	413, 415, 429, 500, 503, 0 };

static const char *const endpoints[TALLY_ENDPOINTS] = { "/auth", "/introspect",
	"/metrics", "/healthz", "other" };

static const struct {
	enum keyd_status status;
	const char *word;
} words[] = {
	{ KEYD_OK, "ok" },
	{ KEYD_MISSING, "missing" },
	{ KEYD_MALFORMED, "malformed" },
	{ KEYD_UNKNOWN, "unknown" },
	{ KEYD_REVOKED, "revoked" },
	{ KEYD_EXPIRED, "expired" },
	{ KEYD_WRONG_ORG, "wrong_org" },
	{ KEYD_FORBIDDEN, "forbidden" },
	{ KEYD_RATE_LIMITED, "rate_limited" },
	{ KEYD_EUNAVAILABLE, "unavailable" },
	{ KEYD_ETIMEOUT, "timeout" },
	{ KEYD_EBUSY, "busy" },
	{ KEYD_EPERMISSION, "permission" },
	{ KEYD_EINVAL, "invalid" },
	{ KEYD_EPROTOCOL, "protocol" },
	{ KEYD_ESTORE, "store" },
	{ KEYD_EDENIED, "denied" },
	{ KEYD_ENOMEM, "no_memory" },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

void
tally_answer(struct tally *t, enum tally_endpoint endpoint, unsigned code)
{
	int at = 0;

	while (at < TALLY_CODES - 1 && codes[at] != code)
		at++;
	atomic_fetch_add(&t->answers[endpoint][at], 1);
}

void
tally_verdict(struct tally *t, enum keyd_status status)
{
	if (status >= KEYD_ENOMEM && status <= KEYD_RATE_LIMITED)
		atomic_fetch_add(&t->verdicts[status - KEYD_ENOMEM], 1);
}

const char *
tally_word(enum keyd_status status)
{
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].status == status)
			return words[i].word;
	return "error";
}

static void
print_answers(struct tally *t, int endpoint, FILE *out)
{
	unsigned long long count;

	for (int i = 0; i < TALLY_CODES; i++) {
		count = atomic_load(&t->answers[endpoint][i]);
		if (count == 0)
			continue;
		fprintf(out,
		    "keyd_http_requests_total{endpoint=\"%s\",code=\"%u\"} "
		    "%llu\n",
		    endpoints[endpoint], codes[i], count);
	}
}

void
tally_print(struct tally *t, FILE *out)
{
	fputs("# HELP keyd_http_requests_total Requests that keyd-http "
	      "answered, by endpoint and code.\n"
	      "# TYPE keyd_http_requests_total counter\n",
	    out);
	for (int i = 0; i < TALLY_ENDPOINTS; i++)
		print_answers(t, i, out);
	fputs("# HELP keyd_http_verdicts_total Tokens that keyd-http was shown "
	      "at /auth and /introspect, by what came of it.\n"
	      "# TYPE keyd_http_verdicts_total counter\n",
	    out);
	for (size_t i = 0; i < WORDS; i++)
		fprintf(out, "keyd_http_verdicts_total{status=\"%s\"} %llu\n",
		    words[i].word,
		    atomic_load(&t->verdicts[words[i].status - KEYD_ENOMEM]));
}
