/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "op.h"

/* Agrees on a version and tells what tokens look like here. */
enum op_result
op_hello(struct op_call *c)
{
	const struct request_hello *q = &c->req->hello;
	struct reply rep = { .type = FRAME_ANSWER | FRAME_HELLO };

	if (q->lowest > PROTOCOL_MAJOR || q->highest < PROTOCOL_MAJOR)
		return op_refuse(c, ERROR_VERSION,
		    "keyd speaks version %d of the protocol", PROTOCOL_MAJOR);
	if (q->prefix[0] != '\0' &&
	    strcmp(q->prefix, policy_prefix(c->policy)) != 0)
		return op_refuse(c, ERROR_INVALID,
		    "tokens begin with %s here, not with %s",
		    policy_prefix(c->policy), q->prefix);
	c->session->greeted = true;
	c->page = q->page;
	rep.welcome.major = PROTOCOL_MAJOR;
	rep.welcome.minor = PROTOCOL_MINOR;
	rep.welcome.foreign = policy_foreign(c->policy);
	strlcpy(rep.welcome.prefix, policy_prefix(c->policy),
	    sizeof(rep.welcome.prefix));
	strlcpy(rep.welcome.software, "keyd " PACKAGE_VERSION,
	    sizeof(rep.welcome.software));
	return op_answer(c, &rep);
}
