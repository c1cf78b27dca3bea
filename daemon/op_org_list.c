/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "op.h"
#include "orgs.h"

struct listing {
	struct page_writer page;
	char next[ORG_SIZE]; /* "": no more */
};

static bool
put_row(void *arg, const struct org_info *org)
{
	struct listing *l = arg;

	page_row_begin(&l->page);
	org_put(l->page.w, org);
	if (page_row_end(&l->page))
		return true;
	strlcpy(l->next, org->slug, sizeof(l->next));
	return false;
}

/* All organizations, a page at a time. */
enum op_result
op_org_list(struct op_call *c)
{
	const struct request_list *q = &c->req->list;
	struct listing l = { .next = "" };
	size_t start = wire_length(c->out);
	char from[ORG_SIZE] = "";
	enum store_status rc;

	if (q->org[0] != '\0' || q->user[0] != '\0' ||
	    q->cursor.len >= sizeof(from))
		return op_refuse(c, ERROR_INVALID,
		    "a list of organizations has no filter");
	if (q->cursor.len > 0)
		memcpy(from, q->cursor.ptr, q->cursor.len);
	page_begin(&l.page, c->out, FRAME_ANSWER | FRAME_ORG_LIST, c->id);
	rc = orgs_walk(c->txn, from, put_row, &l);
	if (rc != STORE_OK) {
		c->out->at = c->out->start + start;
		return op_failed(c, rc);
	}
	page_end(&l.page, text_span(l.next));
	return OP_DONE;
}
