/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "guest.h"
#include "turn.h"

static enum keyd_status
fetch(struct errand *e)
{
	struct guest g = guest_enter();
	enum keyd_status status;

	e->deadline = 0;
	status = errand_run(e);
	guest_leave(g);
	return status;
}

static enum keyd_status
give(const struct reply_page *page, turn_row *row, void *arg, bool *more)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);

	for (unsigned i = 0; i < page->count && *more && !r.bad; i++)
		*more = row(&r, arg);
	return r.bad || (*more && !wire_done(&r)) ? KEYD_EPROTOCOL : KEYD_OK;
}

/* The cursor lies in the answer.  One that stands still would never end. */
static enum keyd_status
next(struct request_list *q, const struct span *cursor, uint8_t *copy)
{
	if (cursor->len > CURSOR_MAX ||
	    (cursor->len == q->cursor.len &&
		memcmp(copy, cursor->ptr, cursor->len) == 0))
		return KEYD_EPROTOCOL;
	memcpy(copy, cursor->ptr, cursor->len);
	q->cursor = (struct span){ copy, cursor->len };
	return KEYD_OK;
}

enum keyd_status
turn_pages(struct errand *e, turn_row *row, void *arg)
{
	uint8_t cursor[CURSOR_MAX];
	enum keyd_status status;
	bool more = true;

	e->reads = e->more = true;
	for (;;) {
		if ((status = fetch(e)) == KEYD_OK)
			status = give(&e->rep.page, row, arg, &more);
		if (status != KEYD_OK || !more || e->rep.page.cursor.len == 0)
			break;
		status = next(&e->req.list, &e->rep.page.cursor, cursor);
		if (status != KEYD_OK)
			break;
	}
	errand_end(e);
	return status;
}
