/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "wire.h"

struct wire_reader
wire_reader(const void *ptr, size_t len)
{
	const uint8_t *at = ptr;

	return (struct wire_reader){ at, len > 0 ? at + len : at, false };
}

bool
wire_get_flag(struct wire_reader *r)
{
	uint8_t v = wire_get_u8(r);

	if (v > 1)
		r->bad = true;
	return v == 1;
}

int64_t
wire_get_time(struct wire_reader *r)
{
	uint64_t v = wire_get_u64(r);

	if (v > INT64_MAX) {
		r->bad = true;
		return 0;
	}
	return (int64_t)v;
}

void
wire_get_bytes(struct wire_reader *r, void *dst, size_t len)
{
	const uint8_t *p = wire_take(r, len);

	if (p == NULL)
		memset(dst, 0, len);
	else if (len > 0)
		memcpy(dst, p, len);
}

struct span
wire_get_raw(struct wire_reader *r, size_t len)
{
	const uint8_t *p = wire_take(r, len);

	if (p == NULL)
		return (struct span){ NULL, 0 };
	return (struct span){ p, len };
}

struct span
wire_get_span(struct wire_reader *r, size_t max)
{
	size_t len = wire_get_u16(r);

	if (len > max)
		r->bad = true;
	return wire_get_raw(r, len);
}

void
wire_get_text(struct wire_reader *r, char *dst, size_t cap)
{
	struct span s = wire_get_span(r, cap - 1);

	if (s.len > 0 && memchr(s.ptr, '\0', s.len) != NULL) {
		r->bad = true;
		s.len = 0;
	}
	if (s.len > 0)
		memcpy(dst, s.ptr, s.len);
	dst[s.len] = '\0';
}

bool
wire_next_optional(struct wire_reader *r, uint8_t *tag,
    struct wire_reader *value)
{
	struct span s;

	if (r->bad || r->at == r->end)
		return false;
	*tag = wire_get_u8(r);
	s = wire_get_span(r, UINT16_MAX);
	*value = wire_reader(s.ptr, s.len);
	return !r->bad;
}

void
wire_skip_optional(struct wire_reader *r)
{
	struct wire_reader value;
	uint8_t tag;

	while (wire_next_optional(r, &tag, &value))
		;
}

bool
wire_done(const struct wire_reader *r)
{
	return !r->bad && r->at == r->end;
}

struct wire_writer
wire_writer(void *ptr, size_t cap)
{
	uint8_t *at = ptr;

	return (struct wire_writer){ at, at, cap > 0 ? at + cap : at, false };
}

void
wire_put_time(struct wire_writer *w, int64_t v)
{
	if (v < 0)
		w->bad = true;
	wire_put_u64(w, (uint64_t)v);
}

void
wire_put_text(struct wire_writer *w, const char *s)
{
	wire_put_span(w, text_span(s));
}

void
wire_put_optional(struct wire_writer *w, uint8_t tag, size_t len)
{
	if (len > UINT16_MAX)
		w->bad = true;
	wire_put_u8(w, tag);
	wire_put_u16(w, (uint16_t)len);
}

size_t
wire_length(const struct wire_writer *w)
{
	return (size_t)(w->at - w->start);
}

bool
wire_fits(const struct wire_writer *w)
{
	return !w->bad;
}
