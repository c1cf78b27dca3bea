/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "backup.h"
#include "chain.h"
#include "last_backup.h"
#include "last_restore.h"
#include "schema.h"

/* In META: the head of a file has the first two, the others count what this
   keyd did. */
static const char *const left_out[] = { "schema", "check", "starts", "uses",
	LAST_BACKUP, LAST_RESTORE };

static bool
is(struct span key, const char *name)
{
	return key.len == strlen(name) && memcmp(key.ptr, name, key.len) == 0;
}

bool
backup_leaves_out_all(enum table table)
{
	return table == TABLE_LIMITS || table == TABLE_IDS;
}

bool
backup_leaves_out(enum table table, struct span key)
{
	if (backup_leaves_out_all(table))
		return true;
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (table == TABLE_META && is(key, left_out[i]))
			return true;
	return false;
}

static enum store_status
fill_head(struct archive_head *h, struct store_txn *t, int64_t now)
{
	struct store_size size;
	struct link last;
	enum store_status rc = store_measure(t, &size);

	*h = (struct archive_head){ .schema = SCHEMA_VERSION, .made = now };
	if (rc == STORE_OK)
		rc = chain_get(t, CHAIN_HEAD, &last);
	if (rc == STORE_OK)
		rc = counter_get(t, COUNTER_SERIAL, &h->serial);
	if (rc == STORE_OK)
		rc = counter_get(t, COUNTER_REVOKED, &h->revoked);
	if (rc != STORE_OK)
		return rc;
	strlcpy(h->software, PACKAGE_STRING, sizeof(h->software));
	memcpy(h->check, secret_check(store_secret(t)), sizeof(h->check));
	h->audit_seq = last.seq;
	memcpy(h->audit_hash, last.hash, sizeof(h->audit_hash));
	h->keys = size.entries[TABLE_KEYS];
	return STORE_OK;
}

static enum store_status
chunk_end(struct backup *b, struct wire_writer *w, size_t start)
{
	archive_chunk_end(&b->archive, w, start);
	b->size += wire_length(w) - start;
	return wire_fits(w) ? STORE_OK : STORE_FAILED;
}

enum store_status
backup_begin(struct backup *b, struct store_txn *t, int64_t now,
    struct wire_writer *w)
{
	struct archive_head h;
	enum store_status rc = fill_head(&h, t, now);
	size_t start;

	if (rc != STORE_OK)
		return rc;
	*b = (struct backup){ .made = now,
		.keys = h.keys,
		.size = ARCHIVE_MAGIC_LEN };
	archive_begin(&b->archive, store_secret(t));
	wire_put_bytes(w, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN);
	start = wire_length(w);
	archive_chunk_begin(w, ARCHIVE_HEAD);
	archive_head_put(w, &h);
	return chunk_end(b, w, start);
}

/* Rows on their way into a chunk. */
struct filling {
	struct backup *b;
	struct wire_writer *w;
	size_t start; /* of the chunk */
	bool any;
	bool full; /* the next row is where b says */
	bool bad;  /* it cannot be in any chunk */
};

static bool
put_row(void *arg, struct span key, struct span value)
{
	struct filling *f = arg;

	if (backup_leaves_out(f->b->table, key))
		return true;
	if (archive_has_room(f->w, f->start, key.len + value.len)) {
		wire_put_span(f->w, key);
		wire_put_span(f->w, value);
		f->b->rows++;
		f->any = true;
		return true;
	}
	f->bad = !f->any || key.len > sizeof(f->b->from);
	f->full = true;
	if (!f->bad) {
		memcpy(f->b->from, key.ptr, key.len);
		f->b->from_len = key.len;
	}
	return false;
}

/* From where b says on, as many as there is room for. */
static enum store_status
put_rows(struct filling *f, struct store_txn *t)
{
	struct backup *b = f->b;
	const struct span all = { NULL, 0 };
	enum store_status rc;

	archive_chunk_begin(f->w, ARCHIVE_ROWS);
	wire_put_text(f->w, store_table_name(b->table));
	rc = store_walk(t, b->table, all, (struct span){ b->from, b->from_len },
	    put_row, f);
	if (rc != STORE_OK)
		return rc;
	if (f->bad)
		return STORE_DAMAGED;
	if (!f->full) {
		b->table++;
		b->from_len = 0;
	}
	if (f->any)
		return chunk_end(b, f->w, f->start);
	f->w->at = f->w->start + f->start;
	return STORE_OK;
}

static enum store_status
put_end(struct backup *b, struct wire_writer *w)
{
	const struct archive_end e = { .made = b->made,
		.keys = b->keys,
		.rows = b->rows,
		.size = b->size + ARCHIVE_END_SIZE };
	size_t start = wire_length(w);

	archive_chunk_begin(w, ARCHIVE_END);
	archive_end_put(w, &e);
	b->ended = true;
	return chunk_end(b, w, start);
}

enum store_status
backup_next(struct backup *b, struct store_txn *t, struct wire_writer *w)
{
	enum store_status rc = STORE_OK;

	while (b->table < TABLE_COUNT) {
		struct filling f = { .b = b, .w = w, .start = wire_length(w) };

		if (backup_leaves_out_all(b->table)) {
			b->table++;
			continue;
		}
		rc = put_rows(&f, t);
		if (rc != STORE_OK || f.any)
			return rc;
	}
	return put_end(b, w);
}
