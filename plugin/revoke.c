/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "argument.h"
#include "errand.h"
#include "guest.h"

/* Done only if keyd says so of this very key. */
static bool
is_revoked(const struct reply_page *page, const char *key_id)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);
	struct revoked_row row;

	revoked_get(&r, &row);
	return page->count == 1 && wire_done(&r) && strcmp(row.id, key_id) == 0;
}

static enum keyd_status
revoke(struct keyd *h, const char *key_id, const char *reason)
{
	struct errand e;
	struct request_revoke *q = &e.req.revoke;
	enum keyd_status status = KEYD_EINVAL;

	errand_begin(&e, h);
	e.req.type = FRAME_REVOKE;
	q->by = REVOKE_BY_ID;
	q->count = 1;
	q->ids = (struct span){ (const uint8_t *)key_id, KEY_ID_LEN };
	if (argument_text(q->reason, sizeof(q->reason), reason, false))
		status = errand_run(&e);
	if (status == KEYD_OK && !is_revoked(&e.rep.page, key_id))
		status = KEYD_EPROTOCOL;
	errand_end(&e);
	return status;
}

enum keyd_status
keyd_revoke(struct keyd *handle, const char *key_id, const char *reason)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;

	if (handle != NULL && argument_is_key_id(key_id))
		status = revoke(handle, key_id, reason);
	guest_leave(g);
	return status;
}
