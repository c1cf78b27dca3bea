/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "argument.h"
#include "errand.h"
#include "fresh.h"
#include "guest.h"
#include "handle.h"

/* The options, as far as the caller's header has them, into the request. */
static bool
take_options(struct request_create *q, const struct keyd_key_options *given)
{
	struct keyd_key_options o;

	if (!handle_options(&o, sizeof(o), given,
		offsetof(struct keyd_key_options, role)))
		return false;
	q->expires = o.expires;
	return o.expires >= 0 &&
	    argument_text(q->org, sizeof(q->org), o.org, true) &&
	    argument_text(q->user, sizeof(q->user), o.user, true) &&
	    argument_text(q->name, sizeof(q->name), o.name, true) &&
	    argument_text(q->role, sizeof(q->role), o.role, false) &&
	    argument_text(q->context, sizeof(q->context), o.context, false) &&
	    argument_text(q->project, sizeof(q->project), o.project, false);
}

static enum keyd_status
create(struct errand *e, const struct keyd_key_options *options, char *token)
{
	struct request_create *q = &e->req.create;

	e->req.type = FRAME_CREATE;
	if (!take_options(q, options)) {
		strcpy(e->why,
		    "a text of the options is missing or too "
		    "long, or their size or end is wrong");
		return KEYD_EINVAL;
	}
	return fresh_run(e, token, q->digest);
}

enum keyd_status
keyd_create(struct keyd *handle, const struct keyd_key_options *options,
    char *token, size_t token_size, struct keyd_key *key)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;
	struct errand e;

	if (fresh_begin(token, token_size, key) && handle != NULL &&
	    options != NULL) {
		errand_begin(&e, handle);
		status = create(&e, options, token);
		fresh_end(status, token, key, &e.rep.created.key, e.why);
		errand_end(&e);
	}
	guest_leave(g);
	return status;
}
