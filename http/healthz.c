/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "endpoint.h"

static int
stop(void *arg, const struct keyd_count *count)
{
	(void)arg;
	(void)count;
	return 1;
}

/* Can keyd be asked?  One that says that the counts are not for us can. */
static void
healthz(struct site *s, struct visit *v, struct MHD_Connection *c,
    struct answer *a)
{
	enum keyd_status status = keyd_counts(s->handles.all[0], stop, NULL);
	char text[KEYD_MESSAGE_SIZE];

	(void)v;
	(void)c;
	if (status == KEYD_OK || status == KEYD_EDENIED) {
		answer_text(a, 200, ANSWER_TEXT, "ok\n");
		return;
	}
	(void)snprintf(text, sizeof(text), "%s\n", keyd_strerror(status));
	answer_text(a, 503, ANSWER_TEXT, text);
}

const struct endpoint endpoint_healthz = {
	.name = TALLY_HEALTHZ,
	.path = "/healthz",
	.methods = "GET, HEAD",
	.run = healthz,
};
