/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "op.h"
#include "orgs.h"
#include "view.h"

/* Keys looked at for one page, so that a list of many dead keys does not hold
   up the verifies: about 1 ms. */
#define LOOK_AT 512

struct listing {
	const struct op_call *call;
	struct page_writer page;
	enum store_status rc;
};

static bool
put_row(void *arg, const struct record *rec)
{
	struct listing *l = arg;
	const struct op_call *c = l->call;
	struct key_view view;

	if (!c->req->list.all && !key_is_live(&rec->key, c->now))
		return true;
	l->rc = view_fill(c, rec, &view);
	if (l->rc != STORE_OK)
		return false;
	page_row_begin(&l->page);
	view_put(l->page.w, &view);
	return page_row_end(&l->page);
}

static enum op_result
check_filters(struct op_call *c)
{
	const struct request_list *q = &c->req->list;
	enum op_result result = op_check_org(c, q->org, "list keys");
	struct org_info org;
	enum store_status rc;

	if (result != OP_DONE)
		return result;
	if (q->org[0] == '\0' && q->user[0] != '\0')
		return op_refuse(c, ERROR_INVALID,
		    "a list of a user's keys needs the organization");
	if (q->org[0] == '\0')
		return OP_DONE;
	rc = orgs_get(c->txn, q->org, &org);
	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "there is no organization %s", q->org);
	return rc == STORE_OK ? OP_DONE : op_failed(c, rc);
}

/* Keys, live or all, a page at a time; never their hashes. */
enum op_result
op_list(struct op_call *c)
{
	const struct request_list *q = &c->req->list;
	struct listing l = { .call = c };
	struct keys_place from = { .len = q->cursor.len }, next;
	enum op_result result = check_filters(c);
	size_t start = wire_length(c->out);
	enum store_status rc;

	if (result != OP_DONE)
		return result;
	if (from.len > 0)
		memcpy(from.bytes, q->cursor.ptr, from.len);
	page_begin(&l.page, c->out, FRAME_ANSWER | FRAME_LIST, c->id);
	rc = keys_walk(c->txn, q->org, q->user, &from, LOOK_AT, put_row, &l,
	    &next);
	rc = rc == STORE_OK ? l.rc : rc;
	if (rc != STORE_OK) {
		c->out->at = c->out->start + start;
		return op_failed(c, rc);
	}
	page_end(&l.page, (struct span){ next.bytes, next.len });
	return OP_DONE;
}
