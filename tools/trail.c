/* SPDX-License-Identifier: ISC */
#include "trail.h"

/* Where the next page begins; one that goes back would never end. */
static bool
advance(uint64_t *after, const struct span *cursor, bool *more)
{
	struct wire_reader r = wire_reader(cursor->ptr, cursor->len);
	uint64_t seq = wire_get_u64(&r);

	if (!wire_done(&r) || seq < *after)
		return false;
	*more = seq > *after;
	*after = seq;
	return true;
}

static enum keyd_status
show(const struct reply_page *page, trail_each *each, void *arg, bool *more)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);
	struct event e;

	for (unsigned i = 0; i < page->count && *more; i++) {
		event_get(&r, &e);
		if (r.bad)
			return KEYD_EPROTOCOL;
		*more = each(&e, arg);
	}
	return !*more || wire_done(&r) ? KEYD_OK : KEYD_EPROTOCOL;
}

enum keyd_status
trail_read(struct session *s, struct request *req, trail_each *each, void *arg)
{
	enum keyd_status status = KEYD_OK;
	struct reply rep;
	bool more = true;

	while (status == KEYD_OK && more) {
		if ((status = session_ask(s, req, &rep)) != KEYD_OK)
			return status;
		if (!advance(&req->audit.after, &rep.page.cursor, &more))
			return KEYD_EPROTOCOL;
		if (more)
			status = show(&rep.page, each, arg, &more);
	}
	return status;
}
