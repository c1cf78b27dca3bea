/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incoming.h"
#include "schema.h"

#define FILE_NAME "restore.new" /* for the moment until it has none */

struct incoming {
	int dir_fd; /* borrowed */
	int fd;     /* -1: there is none */
	uint64_t client;
	int64_t active; /* Unix time in s of its last request */
	struct archive archive;
	struct archive_head head;
	uint64_t first; /* where the first chunk behind the head is */
	uint64_t size;  /* bytes so far */
	uint64_t rows;  /* so far */
	bool whole;
	uint8_t buffer[CHAIN_SIZE + ARCHIVE_CHUNK_MAX];
};

struct incoming *
incoming_new(int dir_fd)
{
	struct incoming *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return NULL;
	in->dir_fd = dir_fd;
	in->fd = -1;
	return in;
}

void
incoming_free(struct incoming *in)
{
	if (in != NULL)
		incoming_drop(in);
	free(in);
}

void
incoming_drop(struct incoming *in)
{
	if (in->fd != -1)
		close(in->fd);
	in->fd = -1;
}

bool
incoming_is_busy(const struct incoming *in, uint64_t client, int64_t now)
{
	return in->fd != -1 && in->client != client && now >= in->active &&
	    now - in->active < INCOMING_SILENCE;
}

bool
incoming_is_of(const struct incoming *in, uint64_t client)
{
	return in->fd != -1 && in->client == client;
}

__attribute__((format(printf, 3, 4))) static bool
refuse(struct incoming *in, char why[MESSAGE_SIZE], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, MESSAGE_SIZE, fmt, ap);
	va_end(ap);
	incoming_drop(in);
	return false;
}

static bool
open_file(struct incoming *in)
{
	incoming_drop(in);
	(void)unlinkat(in->dir_fd, FILE_NAME, 0);
	in->fd = openat(in->dir_fd, FILE_NAME,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return in->fd != -1 && unlinkat(in->dir_fd, FILE_NAME, 0) == 0;
}

static bool
keep(struct incoming *in, struct span bytes, char why[MESSAGE_SIZE])
{
	while (bytes.len > 0) {
		ssize_t n =
		    pwrite(in->fd, bytes.ptr, bytes.len, (off_t)in->size);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return refuse(in, why,
			    "there is no room for the backup in keyd's state "
			    "directory: %s",
			    strerror(errno));
		bytes.ptr += n;
		bytes.len -= (size_t)n;
		in->size += (uint64_t)n;
	}
	return true;
}

static bool
take_head(struct incoming *in, struct span chunk, char why[MESSAGE_SIZE])
{
	struct wire_reader body;
	uint8_t kind;

	if (!archive_is_of(in->archive.secret, chunk))
		return refuse(in, why,
		    "the backup was made with another hash key: put the "
		    "hash.key of then into the state directory of a new keyd, "
		    "start it, and restore there");
	if (!archive_chunk_open(&in->archive, chunk, &kind, &body) ||
	    kind != ARCHIVE_HEAD)
		return refuse(in, why,
		    "the backup is not as keyd made it: it was changed or cut; "
		    "use another copy");
	archive_head_get(&body, &in->head);
	if (!wire_done(&body) || in->head.schema > SCHEMA_VERSION)
		return refuse(in, why,
		    "the backup is of a newer keyd; install that one");
	return true;
}

bool
incoming_begin(struct incoming *in, const struct secret *k, uint64_t client,
    int64_t now, struct span piece, char why[MESSAGE_SIZE])
{
	if (piece.len < ARCHIVE_MAGIC_LEN ||
	    memcmp(piece.ptr, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN) != 0)
		return refuse(in, why,
		    "the file is no backup of keyd, or one of a newer keyd");
	if (!open_file(in))
		return refuse(in, why,
		    "there cannot be a file in keyd's state directory: %s",
		    strerror(errno));
	in->client = client;
	in->active = now;
	in->size = in->rows = 0;
	in->whole = false;
	in->first = piece.len;
	archive_begin(&in->archive, k);
	return take_head(in,
		   (struct span){ piece.ptr + ARCHIVE_MAGIC_LEN,
		       piece.len - ARCHIVE_MAGIC_LEN },
		   why) &&
	    keep(in, piece, why);
}

/* len: of the chunk that it is in. */
static bool
is_end(const struct incoming *in, struct wire_reader *body, size_t len)
{
	struct archive_end end;

	archive_end_get(body, &end);
	return wire_done(body) && end.made == in->head.made &&
	    end.keys == in->head.keys && end.rows == in->rows &&
	    end.size == in->size + len;
}

static bool
is_good(struct incoming *in, struct span chunk)
{
	struct wire_reader body;
	uint8_t kind;

	if (in->whole || chunk.len > ARCHIVE_CHUNK_MAX ||
	    !archive_chunk_open(&in->archive, chunk, &kind, &body))
		return false;
	if (kind == ARCHIVE_ROWS)
		return archive_rows_count(&body, &in->rows);
	in->whole = kind == ARCHIVE_END && is_end(in, &body, chunk.len);
	return in->whole;
}

bool
incoming_add(struct incoming *in, int64_t now, struct span chunk,
    char why[MESSAGE_SIZE])
{
	in->active = now;
	if (!is_good(in, chunk))
		return refuse(in, why,
		    "the backup is not as keyd made it, from byte %" PRIu64
		    " on: it was changed, cut or put together; use another "
		    "copy",
		    in->size);
	return keep(in, chunk, why);
}

const struct archive_head *
incoming_head(const struct incoming *in)
{
	return &in->head;
}

uint64_t
incoming_size(const struct incoming *in)
{
	return in->size;
}

bool
incoming_is_whole(const struct incoming *in)
{
	return in->whole;
}

const uint8_t *
incoming_hash(const struct incoming *in)
{
	return in->archive.hash;
}

/* As many bytes as there are from there on, into the buffer. */
static size_t
read_from(struct incoming *in, uint64_t at)
{
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(in->buffer)) {
		n = pread(in->fd, in->buffer + len, sizeof(in->buffer) - len,
		    (off_t)(at + len));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}

/* Before it lies the hash of the one before it. */
static bool
read_chunk(struct incoming *in, uint64_t at, struct span *chunk, uint8_t *kind,
    struct wire_reader *body)
{
	struct archive a = { .secret = in->archive.secret };
	size_t len = read_from(in, at - CHAIN_SIZE);
	struct wire_reader r;
	uint32_t body_len;

	if (len < CHAIN_SIZE)
		return false;
	memcpy(a.hash, in->buffer, CHAIN_SIZE);
	r = wire_reader(in->buffer + CHAIN_SIZE, len - CHAIN_SIZE);
	body_len = wire_get_u32(&r);
	(void)wire_get_raw(&r, body_len);
	(void)wire_get_raw(&r, CHAIN_SIZE);
	if (r.bad)
		return false;
	chunk->ptr = in->buffer + CHAIN_SIZE;
	chunk->len = (size_t)(r.at - chunk->ptr);
	return archive_chunk_open(&a, *chunk, kind, body);
}

bool
incoming_rows(struct incoming *in, uint64_t *at, char table[ARCHIVE_TABLE_SIZE],
    struct wire_reader *body)
{
	struct span chunk;
	uint8_t kind;

	if (*at == 0)
		*at = in->first;
	if (*at < in->first || *at > in->size ||
	    !read_chunk(in, *at, &chunk, &kind, body))
		return false;
	if (kind == ARCHIVE_END) {
		*at = 0;
		return false;
	}
	*at += chunk.len;
	wire_get_text(body, table, ARCHIVE_TABLE_SIZE);
	return kind == ARCHIVE_ROWS && !body->bad;
}
