/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "reply.h"

static uint8_t first[FRAME_MAX];
static uint8_t second[FRAME_MAX];

union row {
	struct org_info org;
	struct member_info member;
	struct key_view view;
	struct revoked_row revoked;
	struct fact_row fact;
	struct event event;
};

/* One row of a page of this type, as the library and keydctl read it. */
static void
row_get(struct wire_reader *r, uint8_t type, union row *row)
{
	switch (type) {
	case FRAME_ANSWER | FRAME_STATUS:
	case FRAME_ANSWER | FRAME_COUNTS:
		fact_get(r, &row->fact);
		break;
	case FRAME_ANSWER | FRAME_ORG_LIST:
		org_get(r, &row->org);
		break;
	case FRAME_ANSWER | FRAME_MEMBER_LIST:
		member_get(r, &row->member);
		break;
	case FRAME_ANSWER | FRAME_REVOKE:
		revoked_get(r, &row->revoked);
		break;
	case FRAME_ANSWER | FRAME_AUDIT:
		event_get(r, &row->event);
		break;
	default:
		view_get(r, &row->view);
		break;
	}
}

static void
row_put(struct wire_writer *w, uint8_t type, const union row *row)
{
	switch (type) {
	case FRAME_ANSWER | FRAME_STATUS:
	case FRAME_ANSWER | FRAME_COUNTS:
		fact_put(w, &row->fact);
		break;
	case FRAME_ANSWER | FRAME_ORG_LIST:
		org_put(w, &row->org);
		break;
	case FRAME_ANSWER | FRAME_MEMBER_LIST:
		member_put(w, &row->member);
		break;
	case FRAME_ANSWER | FRAME_REVOKE:
		revoked_put(w, &row->revoked);
		break;
	case FRAME_ANSWER | FRAME_AUDIT:
		event_put(w, &row->event);
		break;
	default:
		view_put(w, &row->view);
		break;
	}
}

/* The steps of an explanation. */
static void
read_steps(const struct reply_explained *a)
{
	struct wire_reader r = wire_reader(a->steps.ptr, a->steps.len);
	struct step_row row;

	for (uint16_t i = 0; i < a->count && !r.bad; i++) {
		step_get(&r, &row);
		MUST(memchr(row.text, '\0', sizeof(row.text)) != NULL);
	}
}

/* Reads the rows until they end or are bad, and writes the good ones. */
static size_t
copy_page(uint8_t *buf, const struct reply *rep)
{
	const struct reply_page *page = &rep->page;
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);
	struct wire_writer w = wire_writer(buf, FRAME_MAX);
	struct page_writer p;
	union row row;

	page_begin(&p, &w, rep->type, 7);
	for (uint16_t i = 0; i < page->count; i++) {
		row_get(&r, rep->type, &row);
		if (r.bad)
			break;
		page_row_begin(&p);
		row_put(&w, rep->type, &row);
		if (!page_row_end(&p))
			break;
	}
	page_end(&p, page->cursor);
	MUST(wire_fits(&w));
	return wire_length(&w);
}

static size_t
copy(uint8_t *buf, const struct reply *rep)
{
	struct wire_writer w = wire_writer(buf, FRAME_MAX);

	switch (rep->type) {
	case FRAME_ANSWER | FRAME_STATUS:
	case FRAME_ANSWER | FRAME_COUNTS:
	case FRAME_ANSWER | FRAME_ORG_LIST:
	case FRAME_ANSWER | FRAME_MEMBER_LIST:
	case FRAME_ANSWER | FRAME_REVOKE:
	case FRAME_ANSWER | FRAME_LIST:
	case FRAME_ANSWER | FRAME_AUDIT:
		return copy_page(buf, rep);
	default:
		reply_encode(&w, rep, 7);
		MUST(wire_fits(&w));
		return wire_length(&w);
	}
}

/* A body after the byte that is its type.  Flags have many forms of true, so
   what was read is written once, and from then on it stays as it is. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reply rep;
	struct frame f;
	size_t len;

	if (size < 1 || size > FRAME_MAX - FRAME_HEADER)
		return 0;
	f = (struct frame){ 1, data[0], 7, { data + 1, size - 1 } };
	if (!reply_decode(&rep, &f))
		return 0;
	if (rep.type == (FRAME_ANSWER | FRAME_EXPLAIN))
		read_steps(&rep.explained);
	len = copy(first, &rep);
	MUST(frame_parse((struct span){ first, len }, &f) == FRAME_WHOLE);
	MUST(frame_size(&f) == len);
	MUST(reply_decode(&rep, &f));
	MUST(copy(second, &rep) == len);
	MUST(memcmp(first, second, len) == 0);
	return 0;
}
