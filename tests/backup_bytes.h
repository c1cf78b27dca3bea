/* SPDX-License-Identifier: ISC */
/*
 * backup_bytes.h - a whole backup in memory, and its chunks.
 */
#ifndef KEYD_TESTS_BACKUP_BYTES_H
#define KEYD_TESTS_BACKUP_BYTES_H

#include <check.h>
#include <string.h>

#include "backup.h"
#include "scratch.h"

#define BACKUP_BYTES_MAX (4UL << 20)

struct backup_bytes {
	size_t len;
	uint8_t bytes[BACKUP_BYTES_MAX];
};

/* Makes one of what there is now. */
static inline void
backup_bytes_make(struct backup_bytes *b, struct scratch *s, int64_t now)
{
	struct store_txn *t;
	struct backup under_way;
	struct wire_writer w = wire_writer(b->bytes, sizeof(b->bytes));

	ck_assert_int_eq(store_snapshot(s->store, &t), STORE_OK);
	ck_assert_int_eq(backup_begin(&under_way, t, now, &w), STORE_OK);
	while (!under_way.ended)
		ck_assert_int_eq(backup_next(&under_way, t, &w), STORE_OK);
	store_snapshot_end(t);
	ck_assert(wire_fits(&w));
	b->len = wire_length(&w);
}

/* The bytes of the chunk that begins at that place, or of the first one with
   the magic before it at place 0; empty when there is none. */
static inline struct span
backup_bytes_piece(const struct backup_bytes *b, size_t at)
{
	size_t start = at == 0 ? ARCHIVE_MAGIC_LEN : at;
	struct wire_reader r;

	if (start >= b->len)
		return (struct span){ NULL, 0 };
	r = wire_reader(b->bytes + start, b->len - start);
	(void)wire_get_raw(&r, wire_get_u32(&r));
	(void)wire_get_raw(&r, CHAIN_SIZE);
	if (r.bad)
		return (struct span){ NULL, 0 };
	return (struct span){ b->bytes + at, (size_t)(r.at - (b->bytes + at)) };
}

#endif /* KEYD_TESTS_BACKUP_BYTES_H */
