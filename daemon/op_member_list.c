/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "op.h"
#include "orgs.h"

struct listing {
	struct page_writer page;
	char next[USER_SIZE]; /* "": no more */
};

static bool
put_row(void *arg, const struct member_info *m)
{
	struct listing *l = arg;

	page_row_begin(&l->page);
	member_put(l->page.w, m);
	if (page_row_end(&l->page))
		return true;
	strlcpy(l->next, m->user, sizeof(l->next));
	return false;
}

static enum op_result
list(struct op_call *c, const char *from)
{
	struct listing l = { .next = "" };
	size_t start = wire_length(c->out);
	enum store_status rc;

	page_begin(&l.page, c->out, FRAME_ANSWER | FRAME_MEMBER_LIST, c->id);
	rc = members_walk(c->txn, c->req->list.org, from, put_row, &l);
	if (rc != STORE_OK) {
		c->out->at = c->out->start + start;
		return op_failed(c, rc);
	}
	page_end(&l.page, text_span(l.next));
	return OP_DONE;
}

/* The members of an organization, a page at a time. */
enum op_result
op_member_list(struct op_call *c)
{
	const struct request_list *q = &c->req->list;
	char from[USER_SIZE] = "";
	struct org_info org;
	enum op_result result = op_check_org(c, q->org, "list members");
	enum store_status rc;

	if (result != OP_DONE)
		return result;
	if (q->org[0] == '\0' || q->user[0] != '\0' ||
	    q->cursor.len >= sizeof(from))
		return op_refuse(c, ERROR_INVALID,
		    "a list of members has an organization and no user");
	rc = orgs_get(c->txn, q->org, &org);
	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "there is no organization %s", q->org);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (q->cursor.len > 0)
		memcpy(from, q->cursor.ptr, q->cursor.len);
	return list(c, from);
}
