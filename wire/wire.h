/* SPDX-License-Identifier: ISC */
/*
 * wire.h - read and write bytes through a cursor that cannot leave them.
 *
 * Numbers are big-endian.  A failure sticks: read or write all fields, then
 * ask wire_done() or wire_fits() once.  Nothing here allocates.  What each
 * verdict is made of, a dozen times, is inline.
 */
#ifndef KEYD_WIRE_H
#define KEYD_WIRE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes. */
struct span {
	const uint8_t *ptr;
	size_t len;
};

/* A text without its NUL. */
static inline struct span
text_span(const char *text)
{
	return (struct span){ (const uint8_t *)text, strlen(text) };
}

struct wire_reader {
	const uint8_t *at;
	const uint8_t *end;
	bool bad;
};

struct wire_writer {
	uint8_t *start;
	uint8_t *at;
	uint8_t *end;
	bool bad;
};

struct wire_reader wire_reader(const void *ptr, size_t len);

/* The only place that moves the reader, and so the only bounds check.  NULL,
   and the reader bad, when the bytes run out; numbers are zero then. */
static inline const uint8_t *
wire_take(struct wire_reader *r, size_t n)
{
	const uint8_t *p = r->at;

	if (r->bad || (size_t)(r->end - r->at) < n) {
		r->bad = true;
		return NULL;
	}
	if (n > 0)
		r->at += n;
	return p;
}

static inline uint8_t
wire_get_u8(struct wire_reader *r)
{
	const uint8_t *p = wire_take(r, 1);

	return p != NULL ? *p : 0;
}

static inline uint16_t
wire_get_u16(struct wire_reader *r)
{
	const uint8_t *p = wire_take(r, sizeof(uint16_t));
	uint16_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t
wire_get_u32(struct wire_reader *r)
{
	const uint8_t *p = wire_take(r, sizeof(uint32_t));
	uint32_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t
wire_get_u64(struct wire_reader *r)
{
	const uint8_t *p = wire_take(r, sizeof(uint64_t));
	uint64_t v = 0;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

int64_t wire_get_time(struct wire_reader *r); /* the top bit set is bad */
bool wire_get_flag(struct wire_reader *r);    /* all but 0 and 1 is bad */

/* Exactly len bytes into dst; zeros when they run out. */
void wire_get_bytes(struct wire_reader *r, void *dst, size_t len);
/* len bytes where they are; {NULL, 0} when they run out. */
struct span wire_get_raw(struct wire_reader *r, size_t len);
/* A 16-bit length of at most max, then so many bytes, where they are. */
struct span wire_get_span(struct wire_reader *r, size_t max);
/* The same as text with a NUL in dst of cap bytes; a NUL inside is bad. */
void wire_get_text(struct wire_reader *r, char *dst, size_t cap);

/* The next of the fields that a minor version may add: tag, length, bytes.
   value reads these bytes.  False when there are no more. */
bool wire_next_optional(struct wire_reader *r, uint8_t *tag,
    struct wire_reader *value);
/* Passes over all of them. */
void wire_skip_optional(struct wire_reader *r);

/* All was there and nothing is left. */
bool wire_done(const struct wire_reader *r) __attribute__((warn_unused_result));

struct wire_writer wire_writer(void *ptr, size_t cap);

/* The only place that moves the writer. */
static inline uint8_t *
wire_make_room(struct wire_writer *w, size_t n)
{
	uint8_t *p = w->at;

	if (w->bad || (size_t)(w->end - w->at) < n) {
		w->bad = true;
		return NULL;
	}
	if (n > 0)
		w->at += n;
	return p;
}

static inline void
wire_put_bytes(struct wire_writer *w, const void *src, size_t len)
{
	uint8_t *p = wire_make_room(w, len);

	if (p != NULL && len > 0)
		memcpy(p, src, len);
}

static inline void
wire_put_u8(struct wire_writer *w, uint8_t v)
{
	wire_put_bytes(w, &v, sizeof(v));
}

static inline void
wire_put_u16(struct wire_writer *w, uint16_t v)
{
	v = htobe16(v);
	wire_put_bytes(w, &v, sizeof(v));
}

static inline void
wire_put_u32(struct wire_writer *w, uint32_t v)
{
	v = htobe32(v);
	wire_put_bytes(w, &v, sizeof(v));
}

static inline void
wire_put_u64(struct wire_writer *w, uint64_t v)
{
	v = htobe64(v);
	wire_put_bytes(w, &v, sizeof(v));
}

/* A 16-bit length, then the bytes; bad when longer than that can say. */
static inline void
wire_put_span(struct wire_writer *w, struct span s)
{
	if (s.len > UINT16_MAX)
		w->bad = true;
	wire_put_u16(w, (uint16_t)s.len);
	wire_put_bytes(w, s.ptr, s.len);
}

void wire_put_time(struct wire_writer *w, int64_t v);
void wire_put_text(struct wire_writer *w, const char *s);
/* Begins a field that a minor version added; its len bytes follow. */
void wire_put_optional(struct wire_writer *w, uint8_t tag, size_t len);

/* How much was written, and whether all of it fitted. */
size_t wire_length(const struct wire_writer *w);
bool wire_fits(const struct wire_writer *w) __attribute__((warn_unused_result));

#endif /* KEYD_WIRE_H */
