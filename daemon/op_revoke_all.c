/* SPDX-License-Identifier: ISC */
#include "bulk.h"
#include "names.h"

static enum op_result
check(struct op_call *c, const struct selection *s)
{
	const char *reason = c->req->revoke_all.reason;

	if (s->org[0] == '\0' && s->user[0] == '\0' && s->unused_since == 0)
		return op_refuse(c, ERROR_INVALID,
		    "say which keys: of an organization, of a user there, or "
		    "those not used for some time");
	if (reason[0] != '\0' && !name_is_text(reason, REASON_SIZE))
		return op_refuse(c, ERROR_INVALID,
		    "a reason is at most 255 bytes of UTF-8, with no control "
		    "characters and no space at its ends");
	return select_check(c, s, "revoke keys");
}

/* Revokes all live keys that the filters leave. */
enum op_result
op_revoke_all(struct op_call *c)
{
	const struct request_revoke_all *q = &c->req->revoke_all;
	struct selection s = { .org = q->org,
		.user = q->user,
		.unused_since = q->unused_since };
	struct reply rep = { .type = FRAME_ANSWER | FRAME_REVOKE_ALL };
	enum op_result result = check(c, &s);
	enum store_status rc;

	if (result != OP_DONE)
		return result;
	rc = bulk_revoke(c, &s, q->reason, &rep.revoked_all.revoked);
	return rc == STORE_OK ? op_answer(c, &rep) : op_failed(c, rc);
}
