/* SPDX-License-Identifier: ISC */
/*
 * archive.h - the file of a backup, as chunks: a head, rows of tables, an end.
 *
 * Behind each chunk is the hash, keyed, of the one before it and of its own
 * bytes: without the hash key none can be made, changed, moved or left out, and
 * a file that does not come to its end is none.  keyd-backup(5) has the bytes.
 */
#ifndef KEYD_ARCHIVE_H
#define KEYD_ARCHIVE_H

#include "model.h"
#include "secret.h"

/* What a file begins with; another version has another number. */
#define ARCHIVE_MAGIC "keyd-backup 1\n"
#define ARCHIVE_MAGIC_LEN (sizeof(ARCHIVE_MAGIC) - 1)

#define ARCHIVE_CHUNK_MAX 16000 /* bytes; one and some fields are a frame */
#define ARCHIVE_TABLE_SIZE 32   /* bytes of the name of a table, with NUL */
#define ARCHIVE_KEY_MAX 511     /* bytes of the key of a row */

enum archive_kind { ARCHIVE_HEAD = 1, ARCHIVE_ROWS = 2, ARCHIVE_END = 3 };

/* What the file is of. */
struct archive_head {
	uint32_t schema; /* of the rows */
	int64_t made;    /* the moment that it tells of */
	char software[SOFTWARE_SIZE];
	uint8_t check[CHECK_SIZE]; /* of the hash key */
	uint64_t audit_seq; /* the last entry of the audit log at that moment */
	uint8_t audit_hash[CHAIN_SIZE];
	uint64_t serial;  /* the last one that was given to a key */
	uint64_t keys;    /* in it */
	uint64_t revoked; /* of them */
};

struct archive_end {
	int64_t made; /* as in the head */
	uint64_t keys;
	uint64_t rows; /* in all chunks */
	uint64_t size; /* bytes of the whole file */
};

/* How far a file is read or written. */
struct archive {
	const struct secret *secret;
	uint8_t hash[CHAIN_SIZE]; /* of all so far */
};

/* Behind the magic. */
void archive_begin(struct archive *a, const struct secret *k);

/* Begins a chunk; what is put until archive_chunk_end is its body. */
void archive_chunk_begin(struct wire_writer *w, enum archive_kind kind);
/* Ends the chunk that began at byte start of w: its length, its hash. */
void archive_chunk_end(struct archive *a, struct wire_writer *w, size_t start);

/* Would a row of so many bytes fit into the chunk that began there? */
bool archive_has_room(const struct wire_writer *w, size_t start, size_t row);

/* What a whole chunk is, if its hash is right; body is behind its kind. */
bool archive_chunk_open(struct archive *a, struct span chunk, uint8_t *kind,
    struct wire_reader *body) __attribute__((warn_unused_result));

/* False: its head, for which nothing vouches, says another hash key.  Why a
   hash is wrong, if it is. */
bool archive_is_of(const struct secret *k, struct span chunk);

/* The bodies.  Rows are the name of their table, then each a span for its key
   and a span for its value, to the body's end.  Ask wire_done() after a get. */
void archive_head_put(struct wire_writer *w, const struct archive_head *h);
void archive_head_get(struct wire_reader *r, struct archive_head *h);
void archive_end_put(struct wire_writer *w, const struct archive_end *e);
void archive_end_get(struct wire_reader *r, struct archive_end *e);

/* The next row of a chunk; false at its end, and for what is none. */
bool archive_row_get(struct wire_reader *r, struct span *key,
    struct span *value);

/* Adds the number of rows of a body, behind its kind.  False: it is none. */
bool archive_rows_count(struct wire_reader *r, uint64_t *rows);

/* The bytes of a chunk with an end, and of the hash before it with it. */
#define ARCHIVE_END_SIZE                                                       \
	(sizeof(uint32_t) + 1 + 4 * sizeof(uint64_t) + CHAIN_SIZE)
#define ARCHIVE_TAIL_SIZE (CHAIN_SIZE + ARCHIVE_END_SIZE)

/* At least the last ARCHIVE_TAIL_SIZE bytes of a file that keyd made: its end,
   and its last hash. */
bool archive_tail_open(const struct secret *k, struct span tail,
    struct archive_end *e, uint8_t hash[CHAIN_SIZE])
    __attribute__((warn_unused_result));

#endif /* KEYD_ARCHIVE_H */
