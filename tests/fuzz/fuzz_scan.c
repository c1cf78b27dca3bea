/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "scan.h"
#include "token.h"

#define PREFIX "c" /* a short one is met more often */
#define TOKEN_LEN (2 + TOKEN_RANDOM + TOKEN_CHECKSUM)

/* What lies in the stream, found the slow way. */
struct truth {
	const char *bytes;
	size_t len;
	size_t next; /* from where on the next token is to be looked for */
};

static bool
compare(void *arg, const struct scan_hit *hit)
{
	struct truth *t = arg;
	uint64_t line = 1;

	while (t->next + TOKEN_LEN <= t->len &&
	    !token_check(t->bytes + t->next, TOKEN_LEN, PREFIX))
		t->next++;
	MUST(hit->offset == t->next);
	MUST(hit->len == TOKEN_LEN);
	MUST(memcmp(hit->token, t->bytes + t->next, TOKEN_LEN) == 0);
	for (size_t i = 0; i < t->next; i++)
		line += t->bytes[i] == '\n';
	MUST(hit->line == line);
	t->next++;
	return true;
}

/* The first byte tells how long the parts are that the rest comes in. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct truth t = { .bytes = (const char *)data + 1 };
	struct scan *s = scan_new(PREFIX);
	size_t part, cap;
	void *room;

	MUST(s != NULL);
	if (size < 2) {
		scan_free(s);
		return 0;
	}
	t.len = size - 1;
	for (size_t at = 0; at < t.len; at += part) {
		part = (size_t)data[0] + 1;
		part = part < t.len - at ? part : t.len - at;
		room = scan_room(s, &cap);
		MUST(cap >= part);
		memcpy(room, t.bytes + at, part);
		MUST(scan_filled(s, part, compare, &t));
	}
	while (t.next + TOKEN_LEN <= t.len)
		MUST(!token_check(t.bytes + t.next++, TOKEN_LEN, PREFIX));
	scan_free(s);
	return 0;
}
