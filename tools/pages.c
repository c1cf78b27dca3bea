/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "doc.h"
#include "fail.h"
#include "pages.h"

static void
begin(struct pages *p, const struct session *s, const struct page_kind *kind,
    json_t *head)
{
	*p = (struct pages){ .json = s->call->json };
	if (p->json)
		doc_list_begin(head, kind->name);
	else
		p->table = table_new(kind->heads, stdout);
}

static void
end(struct pages *p, bool whole)
{
	if (!p->json)
		p->rows = table_end(p->table);
	else if (whole)
		doc_list_end();
}

static enum keyd_status
show(struct pages *p, const struct page_kind *kind,
    const struct reply_page *page)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);

	for (unsigned i = 0; i < page->count && !r.bad; i++)
		kind->row(&r, p);
	return wire_done(&r) ? KEYD_OK : KEYD_EPROTOCOL;
}

static int
finish(struct pages *p, struct session *s, enum keyd_status status)
{
	end(p, status == KEYD_OK);
	return status == KEYD_OK ? EXIT_DONE : session_fail(s, status);
}

/* The cursor lies in the answer, which the next request overwrites.  One that
   stands still would never end. */
static enum keyd_status
next(struct request *req, const struct reply_page *page, uint8_t *cursor)
{
	const struct span *old = &req->list.cursor;

	if (page->cursor.len > CURSOR_MAX ||
	    (page->cursor.len > 0 && page->cursor.len == old->len &&
		memcmp(cursor, page->cursor.ptr, old->len) == 0))
		return KEYD_EPROTOCOL;
	if (page->cursor.len > 0)
		memcpy(cursor, page->cursor.ptr, page->cursor.len);
	req->list.cursor = (struct span){ cursor, page->cursor.len };
	return KEYD_OK;
}

/* From the page in *rep to the last one. */
static enum keyd_status
show_all(struct session *s, struct pages *p, const struct page_kind *kind,
    struct request *req, struct reply *rep)
{
	uint8_t cursor[CURSOR_MAX];
	enum keyd_status status = show(p, kind, &rep->page);

	while (status == KEYD_OK && rep->page.cursor.len != 0) {
		if ((status = next(req, &rep->page, cursor)) == KEYD_OK &&
		    (status = session_ask(s, req, rep)) == KEYD_OK)
			status = show(p, kind, &rep->page);
	}
	req->list.cursor = (struct span){ 0 };
	return status;
}

int
pages_print(struct session *s, const struct page_kind *kind,
    struct request *req, json_t *head, const char *none)
{
	struct reply rep;
	struct pages p;
	enum keyd_status status = session_ask(s, req, &rep);
	int code;

	if (status != KEYD_OK) {
		json_decref(head);
		return session_fail(s, status);
	}
	begin(&p, s, kind, head);
	code = finish(&p, s, show_all(s, &p, kind, req, &rep));
	if (code == EXIT_DONE && !p.json && p.rows == 0)
		fprintf(stderr, "keydctl: %s\n", none);
	return code;
}

int
pages_preview(struct session *s, const struct page_kind *kind,
    struct request *req, FILE *f, size_t *rows)
{
	struct pages p = { .table = table_new(kind->heads, f) };
	enum keyd_status status;
	struct reply rep;

	if ((status = session_ask(s, req, &rep)) == KEYD_OK)
		status = show_all(s, &p, kind, req, &rep);
	*rows = table_end(p.table);
	return status == KEYD_OK ? EXIT_DONE : session_fail(s, status);
}

int
pages_print_one(struct session *s, const struct page_kind *kind,
    const struct reply_page *page, json_t *head)
{
	struct pages p;

	begin(&p, s, kind, head);
	return finish(&p, s, show(&p, kind, page));
}
