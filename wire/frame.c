/* SPDX-License-Identifier: ISC */
#include "frame.h"

enum frame_state
frame_parse(struct span bytes, struct frame *f)
{
	struct wire_reader r = wire_reader(bytes.ptr, bytes.len);
	struct frame got;
	uint32_t len;

	/* As soon as the length is there it can be too large. */
	if (bytes.len < sizeof(len))
		return FRAME_PARTIAL;
	len = wire_get_u32(&r);
	if (len > FRAME_MAX - FRAME_HEADER)
		return FRAME_TOO_LARGE;
	if (bytes.len < FRAME_HEADER + len)
		return FRAME_PARTIAL;
	got.major = wire_get_u8(&r);
	got.type = wire_get_u8(&r);
	(void)wire_get_u16(&r);
	got.id = wire_get_u32(&r);
	got.body = wire_get_raw(&r, len);
	*f = got;
	return FRAME_WHOLE;
}

size_t
frame_size(const struct frame *f)
{
	return FRAME_HEADER + f->body.len;
}

void
frame_begin(struct wire_writer *w, uint8_t major, uint8_t type, uint32_t id)
{
	wire_put_u32(w, 0);
	wire_put_u8(w, major);
	wire_put_u8(w, type);
	wire_put_u16(w, 0);
	wire_put_u32(w, id);
}

void
frame_end(struct wire_writer *w, size_t start)
{
	size_t body = wire_length(w) - start - FRAME_HEADER;
	struct wire_writer head =
	    wire_writer(w->start + start, sizeof(uint32_t));

	if (!wire_fits(w))
		return;
	if (body > FRAME_MAX - FRAME_HEADER)
		w->bad = true;
	wire_put_u32(&head, (uint32_t)body);
}
