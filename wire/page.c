/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "page.h"

/* What a page writes before its rows, and may write behind them. */
#define PAGE_HEAD (sizeof(uint16_t) + sizeof(uint16_t))
#define PAGE_TAIL (sizeof(uint16_t) + CURSOR_MAX)

void
page_get(struct wire_reader *r, struct reply_page *a)
{
	a->count = wire_get_u16(r);
	a->rows = wire_get_span(r, FRAME_MAX);
	a->cursor = wire_get_span(r, CURSOR_MAX);
}

void
page_begin(struct page_writer *p, struct wire_writer *w, uint8_t type,
    uint32_t id)
{
	*p = (struct page_writer){ .w = w, .start = wire_length(w) };
	p->limit = p->start + FRAME_MAX - PAGE_TAIL;
	frame_begin(w, PROTOCOL_MAJOR, type, id);
	wire_put_u16(w, 0);
	wire_put_u16(w, 0);
}

void
page_row_begin(struct page_writer *p)
{
	p->row = wire_length(p->w);
}

bool
page_row_end(struct page_writer *p)
{
	if (wire_fits(p->w) && wire_length(p->w) <= p->limit &&
	    p->count < UINT16_MAX) {
		p->count++;
		return true;
	}
	p->w->at = p->w->start + p->row;
	p->w->bad = false;
	return false;
}

void
page_end(struct page_writer *p, struct span cursor)
{
	size_t rows = p->start + FRAME_HEADER + PAGE_HEAD;
	struct wire_writer head =
	    wire_writer(p->w->start + p->start + FRAME_HEADER, PAGE_HEAD);

	wire_put_u16(&head, p->count);
	wire_put_u16(&head, (uint16_t)(wire_length(p->w) - rows));
	wire_put_span(p->w, cursor);
	frame_end(p->w, p->start);
}

void
revoked_put(struct wire_writer *w, const struct revoked_row *row)
{
	wire_put_bytes(w, row->id, KEY_ID_LEN);
	wire_put_u8(w, row->already);
	wire_put_time(w, row->revoked);
}

void
revoked_get(struct wire_reader *r, struct revoked_row *row)
{
	memset(row->id, 0, sizeof(row->id));
	wire_get_bytes(r, row->id, KEY_ID_LEN);
	row->already = wire_get_flag(r);
	row->revoked = wire_get_time(r);
}

void
step_put(struct wire_writer *w, const struct step_row *row)
{
	wire_put_text(w, row->name);
	wire_put_u8(w, row->result);
	wire_put_text(w, row->text);
}

void
step_get(struct wire_reader *r, struct step_row *row)
{
	memset(row, 0, sizeof(*row));
	wire_get_text(r, row->name, sizeof(row->name));
	row->result = wire_get_u8(r);
	wire_get_text(r, row->text, sizeof(row->text));
}

void
fact_put(struct wire_writer *w, const struct fact_row *row)
{
	wire_put_text(w, row->name);
	wire_put_u8(w, row->is_text);
	if (row->is_text)
		wire_put_text(w, row->text);
	else
		wire_put_u64(w, row->number);
}

void
fact_get(struct wire_reader *r, struct fact_row *row)
{
	memset(row, 0, sizeof(*row));
	wire_get_text(r, row->name, sizeof(row->name));
	row->is_text = wire_get_flag(r);
	if (row->is_text)
		wire_get_text(r, row->text, sizeof(row->text));
	else
		row->number = wire_get_u64(r);
}
