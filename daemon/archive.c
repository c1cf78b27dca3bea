/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "archive.h"

#define LENGTH_SIZE sizeof(uint32_t)
#define ROW_HEADS (2 * sizeof(uint16_t)) /* the lengths of key and value */

_Static_assert(CHAIN_SIZE == crypto_verify_32_BYTES, "how hashes are compared");

void
archive_begin(struct archive *a, const struct secret *k)
{
	static const struct span none;
	const struct span magic = { (const uint8_t *)ARCHIVE_MAGIC,
		ARCHIVE_MAGIC_LEN };

	a->secret = k;
	secret_backup(k, none, magic, a->hash);
}

void
archive_chunk_begin(struct wire_writer *w, enum archive_kind kind)
{
	wire_put_u32(w, 0);
	wire_put_u8(w, (uint8_t)kind);
}

/* The length goes in, so that no chunk is the beginning of another. */
static void
go_on(struct archive *a, struct span bytes, uint8_t hash[CHAIN_SIZE])
{
	secret_backup(a->secret, (struct span){ a->hash, CHAIN_SIZE }, bytes,
	    hash);
}

void
archive_chunk_end(struct archive *a, struct wire_writer *w, size_t start)
{
	size_t len = wire_length(w) - start;
	struct wire_writer head = wire_writer(w->start + start, LENGTH_SIZE);

	if (!wire_fits(w))
		return;
	wire_put_u32(&head, (uint32_t)(len - LENGTH_SIZE));
	go_on(a, (struct span){ w->start + start, len }, a->hash);
	wire_put_bytes(w, a->hash, CHAIN_SIZE);
}

bool
archive_has_room(const struct wire_writer *w, size_t start, size_t row)
{
	return wire_length(w) - start + ROW_HEADS + row + CHAIN_SIZE <=
	    ARCHIVE_CHUNK_MAX;
}

bool
archive_chunk_open(struct archive *a, struct span chunk, uint8_t *kind,
    struct wire_reader *body)
{
	struct wire_reader r = wire_reader(chunk.ptr, chunk.len);
	uint32_t len = wire_get_u32(&r);
	struct span bytes = wire_get_raw(&r, len);
	struct span told = wire_get_raw(&r, CHAIN_SIZE);
	uint8_t hash[CHAIN_SIZE];

	if (!wire_done(&r))
		return false;
	go_on(a, (struct span){ chunk.ptr, LENGTH_SIZE + len }, hash);
	if (crypto_verify_32(hash, told.ptr) != 0)
		return false;
	memcpy(a->hash, hash, CHAIN_SIZE);
	*body = wire_reader(bytes.ptr, bytes.len);
	*kind = wire_get_u8(body);
	return !body->bad;
}

void
archive_head_put(struct wire_writer *w, const struct archive_head *h)
{
	wire_put_u32(w, h->schema);
	wire_put_time(w, h->made);
	wire_put_text(w, h->software);
	wire_put_bytes(w, h->check, sizeof(h->check));
	wire_put_u64(w, h->audit_seq);
	wire_put_bytes(w, h->audit_hash, sizeof(h->audit_hash));
	wire_put_u64(w, h->serial);
	wire_put_u64(w, h->keys);
	wire_put_u64(w, h->revoked);
}

void
archive_head_get(struct wire_reader *r, struct archive_head *h)
{
	h->schema = wire_get_u32(r);
	h->made = wire_get_time(r);
	wire_get_text(r, h->software, sizeof(h->software));
	wire_get_bytes(r, h->check, sizeof(h->check));
	h->audit_seq = wire_get_u64(r);
	wire_get_bytes(r, h->audit_hash, sizeof(h->audit_hash));
	h->serial = wire_get_u64(r);
	h->keys = wire_get_u64(r);
	h->revoked = wire_get_u64(r);
}

bool
archive_is_of(const struct secret *k, struct span chunk)
{
	struct wire_reader r = wire_reader(chunk.ptr, chunk.len);
	struct archive_head h;

	(void)wire_get_u32(&r);
	(void)wire_get_u8(&r);
	archive_head_get(&r, &h);
	return r.bad ||
	    sodium_memcmp(h.check, secret_check(k), sizeof(h.check)) == 0;
}

bool
archive_row_get(struct wire_reader *r, struct span *key, struct span *value)
{
	if (r->bad || r->at == r->end)
		return false;
	*key = wire_get_span(r, ARCHIVE_KEY_MAX);
	*value = wire_get_span(r, ARCHIVE_CHUNK_MAX);
	if (key->len == 0)
		r->bad = true;
	return !r->bad;
}

bool
archive_rows_count(struct wire_reader *r, uint64_t *rows)
{
	char table[ARCHIVE_TABLE_SIZE];
	struct span key, value;

	wire_get_text(r, table, sizeof(table));
	while (archive_row_get(r, &key, &value))
		*rows += 1;
	return wire_done(r);
}

void
archive_end_put(struct wire_writer *w, const struct archive_end *e)
{
	wire_put_time(w, e->made);
	wire_put_u64(w, e->keys);
	wire_put_u64(w, e->rows);
	wire_put_u64(w, e->size);
}

void
archive_end_get(struct wire_reader *r, struct archive_end *e)
{
	e->made = wire_get_time(r);
	e->keys = wire_get_u64(r);
	e->rows = wire_get_u64(r);
	e->size = wire_get_u64(r);
}

bool
archive_tail_open(const struct secret *k, struct span tail,
    struct archive_end *e, uint8_t hash[CHAIN_SIZE])
{
	struct archive a = { .secret = k };
	struct wire_reader body;
	uint8_t kind;

	if (tail.len < ARCHIVE_TAIL_SIZE)
		return false;
	tail.ptr += tail.len - ARCHIVE_TAIL_SIZE;
	memcpy(a.hash, tail.ptr, CHAIN_SIZE);
	if (!archive_chunk_open(&a,
		(struct span){ tail.ptr + CHAIN_SIZE, ARCHIVE_END_SIZE }, &kind,
		&body) ||
	    kind != ARCHIVE_END)
		return false;
	archive_end_get(&body, e);
	memcpy(hash, a.hash, CHAIN_SIZE);
	return wire_done(&body);
}
