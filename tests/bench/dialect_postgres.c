/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdbool.h>
#include <string.h>

#include "dialect.h"
#include "peer_value.h"
#include "wire.h"

#define QUERY "SELECT value FROM keys WHERE digest = $1"
#define PROTOCOL_3 0x30000 /* of the protocol: 3.0 */
#define BINARY 1           /* format */
#define HEADER 5           /* type and length */

static uint8_t question[QUESTION_MAX];
static size_t question_len, key_at;

static void
put_name(struct wire_writer *w, const char *s)
{
	wire_put_bytes(w, s, strlen(s) + 1);
}

static size_t
begin(struct wire_writer *w, char type)
{
	wire_put_u8(w, (uint8_t)type);
	wire_put_u32(w, 0);
	return wire_length(w);
}

/* Its length counts itself, and not the type before it. */
static void
end(uint8_t *bytes, const struct wire_writer *w, size_t start)
{
	struct wire_writer at = wire_writer(bytes + start - 4, 4);

	wire_put_u32(&at, (uint32_t)(wire_length(w) - start + 4));
}

static void
put_sync(struct wire_writer *w)
{
	wire_put_u8(w, 'S');
	wire_put_u32(w, 4);
}

/* Bind, Execute and Sync of the statement that greet prepares. */
static void
prepare(void)
{
	static const uint8_t any[DIGEST_SIZE];
	struct wire_writer w = wire_writer(question, sizeof(question));
	size_t start = begin(&w, 'B');

	put_name(&w, "");
	put_name(&w, "ask");
	wire_put_u16(&w, 1);
	wire_put_u16(&w, BINARY);
	wire_put_u16(&w, 1);
	wire_put_u32(&w, DIGEST_SIZE);
	key_at = wire_length(&w);
	wire_put_bytes(&w, any, sizeof(any));
	wire_put_u16(&w, 1);
	wire_put_u16(&w, BINARY);
	end(question, &w, start);
	start = begin(&w, 'E');
	put_name(&w, "");
	wire_put_u32(&w, 0);
	end(question, &w, start);
	put_sync(&w);
	question_len = wire_length(&w);
}

/* One message; *type is its. */
static size_t
message(const uint8_t *from, size_t len, char *type)
{
	struct wire_reader r = wire_reader(from, len);
	size_t size;

	*type = (char)wire_get_u8(&r);
	size = (size_t)wire_get_u32(&r) + 1;
	if (r.bad || size > len)
		return 0;
	if (size < HEADER || *type == 'E')
		errx(1, "PostgreSQL: %.*s", (int)(size - HEADER),
		    (const char *)from + HEADER);
	return size;
}

/* All until it is ready for the next; *row: there was one. */
static size_t
until_ready(const uint8_t *from, size_t len, bool *row)
{
	size_t at = 0, n;
	char type;

	*row = false;
	while ((n = message(from + at, len - at, &type)) != 0) {
		at += n;
		if (type == 'D')
			*row = true;
		if (type == 'Z')
			return at;
	}
	return 0;
}

static void
wait_ready(int fd)
{
	uint8_t bytes[8192];
	size_t have = 0;
	bool row;

	do
		have += dialect_hear(fd, bytes + have, sizeof(bytes) - have);
	while (until_ready(bytes, have, &row) == 0);
}

static void
start_up(int fd)
{
	uint8_t bytes[QUESTION_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u32(&w, 0);
	wire_put_u32(&w, PROTOCOL_3);
	put_name(&w, "user");
	put_name(&w, "bench");
	put_name(&w, "database");
	put_name(&w, "postgres");
	put_name(&w, "");
	end(bytes, &w, 4);
	dialect_say(fd, bytes, wire_length(&w));
	wait_ready(fd);
}

static void
greet(int fd)
{
	uint8_t bytes[QUESTION_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	size_t start;

	start_up(fd);
	start = begin(&w, 'P');
	put_name(&w, "ask");
	put_name(&w, QUERY);
	wire_put_u16(&w, 0);
	end(bytes, &w, start);
	put_sync(&w);
	dialect_say(fd, bytes, wire_length(&w));
	wait_ready(fd);
	prepare();
}

static size_t
ask(uint8_t *to, const struct mint_digest *key)
{
	memcpy(to, question, question_len);
	memcpy(to + key_at, key->bytes, sizeof(key->bytes));
	return question_len;
}

static size_t
take(const uint8_t *from, size_t len)
{
	bool row;
	size_t n = until_ready(from, len, &row);

	if (n != 0 && !row)
		errx(1, "PostgreSQL does not know a key");
	return n;
}

const struct dialect dialect_postgres = { "postgres", greet, ask, take };
