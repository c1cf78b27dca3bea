/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "log.h"
#include "site.h"

static struct log_throttle throttle;

static enum keyd_status
ask(struct keyd *handle, const struct query *q, enum site_token kind,
    const char *text, struct keyd_verdict *v, struct keyd_details *details)
{
	const char *permission =
	    q->permission[0] != '\0' ? q->permission : NULL;

	if (details != NULL)
		return keyd_verify_details(handle, text, permission, v,
		    details);
	if (kind == SITE_BEARER)
		return keyd_verify_bearer_with(handle, text, permission, v);
	return keyd_verify_with(handle, text, permission, v);
}

/* What libkeyd would have filled, had it been asked. */
static void
fail(struct keyd_verdict *v, enum keyd_status status)
{
	*v = (struct keyd_verdict)KEYD_VERDICT_INIT;
	v->status = status;
	v->http_status = keyd_http_status(status);
}

static void
verify(struct site *s, const struct query *q, enum site_token kind,
    const char *text, struct keyd_verdict *v, struct keyd_details *details)
{
	enum keyd_status status;
	struct keyd *handle;
	bool kept;

	*v = (struct keyd_verdict)KEYD_VERDICT_INIT;
	status = handles_take(&s->handles, q->org, &handle, &kept);
	if (status == KEYD_OK) {
		(void)ask(handle, q, kind, text, v, details);
		handles_return(handle, kept);
	} else {
		fail(v, status);
	}
	tally_verdict(&s->tally, v->status);
	if (v->status < 0)
		log_throttled(&throttle,
		    "no verdict (permission \"%s\", org \"%s\"): %s",
		    q->permission, q->org, keyd_strerror(v->status));
}

void
site_verify(struct site *s, const struct query *q, enum site_token kind,
    const char *text, struct keyd_verdict *v)
{
	verify(s, q, kind, text, v, NULL);
}

void
site_details(struct site *s, const struct query *q, const char *token,
    struct keyd_verdict *v, struct keyd_details *details)
{
	*details = (struct keyd_details)KEYD_DETAILS_INIT;
	verify(s, q, SITE_TOKEN, token, v, details);
}
