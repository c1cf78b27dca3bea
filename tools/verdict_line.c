/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "doc.h"
#include "fail.h"
#include "out.h"
#include "verdict_line.h"

bool
verdict_is(enum keyd_status status)
{
	return status >= KEYD_OK && keyd_http_status(status) < 500;
}

static void
word(const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	printf(" %s=", name);
	out_word(stdout, value);
}

void
verdict_line(enum keyd_status status, const struct request_verify *q,
    const struct reply_verdict *a)
{
	if (status == KEYD_OK)
		fputs("allow", stdout);
	else
		printf("deny %d %s", keyd_http_status(status),
		    fail_name(status));
	if (a->id[0] != '\0') {
		fputc(' ', stdout);
		out_word(stdout, a->id);
	}
	if (status == KEYD_OK) {
		word("org", a->org);
		word("user", a->user);
	} else if (status == KEYD_FORBIDDEN) {
		word("permission", q->permission);
	} else if (status == KEYD_RATE_LIMITED) {
		printf(" retry_after=%u", a->retry_after);
	}
	fputc('\n', stdout);
}

json_t *
verdict_doc(enum keyd_status status, const struct reply_verdict *a)
{
	return json_pack("{sb so si so so so so so so so so so so}", "allow",
	    status == KEYD_OK ? 1 : 0, "status", doc_text(fail_name(status)),
	    "http_status", keyd_http_status(status), "retry_after",
	    doc_number(a->retry_after), "rate_limit", doc_number(a->limit),
	    "rate_remaining", doc_number(a->remaining), "rate_reset",
	    doc_number(a->reset), "expires", doc_time(a->expires), "id",
	    doc_text(a->id), "org", doc_text(a->org), "user", doc_text(a->user),
	    "name", doc_text(a->name), "project", doc_text(a->project));
}
