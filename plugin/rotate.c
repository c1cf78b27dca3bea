/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <string.h>

#include "argument.h"
#include "errand.h"
#include "fresh.h"
#include "guest.h"

static enum keyd_status
rotate(struct errand *e, const char *key_id, int64_t grace, char *token)
{
	struct request_rotate *q = &e->req.rotate;

	if (!argument_is_key_id(key_id) || grace > UINT32_MAX || grace < -1) {
		strcpy(e->why, "that is no key id, or no grace");
		return KEYD_EINVAL;
	}
	e->req.type = FRAME_ROTATE;
	memcpy(q->id, key_id, KEY_ID_LEN);
	q->has_grace = grace != KEYD_UNTIL_REVOKED;
	q->grace = q->has_grace ? (uint32_t)grace : 0;
	return fresh_run(e, token, q->digest);
}

enum keyd_status
keyd_rotate(struct keyd *handle, const char *key_id, int64_t grace, char *token,
    size_t token_size, struct keyd_key *key)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;
	struct errand e;

	if (fresh_begin(token, token_size, key) && handle != NULL) {
		errand_begin(&e, handle);
		status = rotate(&e, key_id, grace, token);
		fresh_end(status, token, key, &e.rep.rotated.key, e.why);
		errand_end(&e);
	}
	guest_leave(g);
	return status;
}
