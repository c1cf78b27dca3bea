/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>

#include "fault.h"
#include "keys.h"
#include "names.h"
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

static enum op_result
refuse_unknown(struct op_call *c, const char *id)
{
	return op_refuse(c, ERROR_NOT_FOUND, "there is no key %s", id);
}

enum op_result
op_find_key(struct op_call *c, const char *id, struct record *rec)
{
	enum op_result result;
	enum store_status rc;

	if (!name_is_key_id(id))
		return op_refuse(c, ERROR_INVALID,
		    "a key id is key_ and 16 characters of 0-9a-z");
	rc = keys_find_id(c->txn, id, rec);
	if (rc == STORE_NONE)
		return refuse_unknown(c, id);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (op_may(c, rec->key.org))
		return OP_DONE;
	result = refuse_unknown(c, id);
	witness_denied(c, &rec->key);
	return result;
}

enum op_result
op_failed(struct op_call *c, enum store_status rc)
{
	if (c->health != NULL)
		c->health->store_failures++;
	fault_put(c->out, c->id, ERROR_STORE, store_strerror(rc));
	return OP_FAILED;
}
