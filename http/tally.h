/* SPDX-License-Identifier: ISC */
/*
 * tally.h - what keyd-http counts of its own answers, for its metrics.
 *
 * keyd does not see what is refused here: a request without a token, or with
 * one that is malformed.  Any thread.
 */
#ifndef KEYD_HTTP_TALLY_H
#define KEYD_HTTP_TALLY_H

#include <stdatomic.h>
#include <stdio.h>

#include "keyd.h"

enum tally_endpoint {
	TALLY_AUTH,
	TALLY_INTROSPECT,
	TALLY_METRICS,
	TALLY_HEALTHZ,
	TALLY_OTHER, /* there is none such */
	TALLY_ENDPOINTS
};

#define TALLY_CODES 13

struct tally {
	atomic_ullong answers[TALLY_ENDPOINTS][TALLY_CODES];
	atomic_ullong verdicts[KEYD_RATE_LIMITED - KEYD_ENOMEM + 1];
};

void tally_answer(struct tally *t, enum tally_endpoint endpoint, unsigned code);
void tally_verdict(struct tally *t, enum keyd_status status);

/* Writes both as Prometheus reads them. */
void tally_print(struct tally *t, FILE *out);

/* A word for a status: "ok", "rate_limited". */
const char *tally_word(enum keyd_status status);

#endif /* KEYD_HTTP_TALLY_H */
