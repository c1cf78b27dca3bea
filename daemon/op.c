/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>

#include "fault.h"
#include "op.h"
#include "witness.h"

enum op_result
op_answer(struct op_call *c, const struct reply *rep)
{
	reply_encode(c->out, rep, c->id);
	return OP_DONE;
}

enum op_result
op_refuse(struct op_call *c, enum error_code code, const char *fmt, ...)
{
	char message[MESSAGE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (c->event != NULL)
		witness_refusal(c->event, code, message);
	fault_put(c->out, c->id, code, message);
	return OP_REFUSED;
}

bool
op_may(const struct op_call *c, const char *org)
{
	return peer_may_admin(c->peer) ||
	    grants_issue(policy_grants(c->policy), c->peer->grants, org);
}

enum op_result
op_check_org(struct op_call *c, const char *org, const char *what)
{
	if (op_may(c, org))
		return OP_DONE;
	if (org[0] == '\0')
		return op_refuse(c, ERROR_DENIED,
		    "this process may not %s of every organization: name one "
		    "of your organizations with --org",
		    what);
	return op_refuse(c, ERROR_DENIED, "this process may not %s of %s", what,
	    org);
}

enum op_result
op_failed(struct op_call *c, enum store_status rc)
{
	fault_put(c->out, c->id, ERROR_STORE, store_strerror(rc));
	return OP_FAILED;
}
