/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "clock.h"
#include "keys.h"
#include "select.h"
#include "view.h"

/* A list of many keys of which it shows few must not hold up the verifies. */
#define LOOK_AT 512     /* keys of one page */
#define LOOK_NS 1000000 /* ns, looked at every few keys */
#define LOOK_EVERY 32   /* keys */

struct listing {
	const struct op_call *call;
	const struct selection *selection;
	struct page_writer page;
	enum store_status rc;
	unsigned looked;
	int64_t until; /* ns of clock_mono_ns */
};

static bool
is_late(struct listing *l)
{
	return ++l->looked % LOOK_EVERY == 0 && clock_mono_ns() > l->until;
}

static bool
put_row(void *arg, const struct record *rec)
{
	struct listing *l = arg;
	struct key_view view;
	bool chosen;

	if (is_late(l))
		return false;
	l->rc = select_key(l->call, l->selection, rec, &chosen);
	if (l->rc == STORE_OK && chosen)
		l->rc = view_fill(l->call, rec, &view);
	if (l->rc != STORE_OK || !chosen)
		return l->rc == STORE_OK;
	page_row_begin(&l->page);
	view_put(l->page.w, &view);
	return page_row_end(&l->page);
}

static enum op_result
list(struct op_call *c, const struct selection *s)
{
	const struct span *cursor = &c->req->list.cursor;
	struct keys_place from = { .len = cursor->len }, next;
	struct listing l = { .call = c,
		.selection = s,
		.until = clock_mono_ns() + LOOK_NS };
	size_t start = wire_length(c->out);
	enum store_status rc;

	if (from.len > 0)
		memcpy(from.bytes, cursor->ptr, from.len);
	page_begin(&l.page, c->out, FRAME_ANSWER | FRAME_LIST, c->id);
	rc = keys_walk(c->txn, s->org, s->user, &from, LOOK_AT, put_row, &l,
	    &next);
	rc = rc == STORE_OK ? l.rc : rc;
	if (rc != STORE_OK) {
		c->out->at = c->out->start + start;
		return op_failed(c, rc);
	}
	page_end(&l.page, (struct span){ next.bytes, next.len });
	return OP_DONE;
}

/* Keys that the filters leave, a page at a time; never their hashes. */
enum op_result
op_list(struct op_call *c)
{
	const struct request_list *q = &c->req->list;
	struct selection s = { .org = q->org,
		.user = q->user,
		.all = q->all,
		.unused_since = q->unused_since,
		.due = q->due,
		.drifted = q->drifted };
	enum op_result result = select_check(c, &s, "list keys");

	return result == OP_DONE ? list(c, &s) : result;
}
