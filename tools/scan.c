/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "scan.h"
#include "token.h"

#define SAMPLE 4096 /* bytes that tell which character is rare */
#define BLOCK 128   /* bytes that a count of a byte holds */

struct scan {
	const char *prefix;
	char needle[KEYD_TOKEN_SIZE]; /* PREFIX_ */
	size_t needle_len;
	size_t token_len;
	size_t have;     /* bytes of the buffer in use */
	uint64_t offset; /* of the buffer in the stream */
	uint64_t line;   /* that counted is on */
	size_t counted;  /* bytes of the buffer whose lines are counted */
	char buffer[256 * 1024];
};

struct scan *
scan_new(const char *prefix)
{
	struct scan *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->prefix = prefix;
	s->needle_len = strlen(prefix) + 1;
	memcpy(s->needle, prefix, s->needle_len - 1);
	s->needle[s->needle_len - 1] = '_';
	s->token_len = s->needle_len + TOKEN_RANDOM + TOKEN_CHECKSUM;
	scan_begin(s);
	return s;
}

void
scan_free(struct scan *s)
{
	if (s != NULL)
		sodium_memzero(s, sizeof(*s));
	free(s);
}

void
scan_begin(struct scan *s)
{
	sodium_memzero(s->buffer, s->have);
	s->have = 0;
	s->offset = 0;
	s->line = 1;
	s->counted = 0;
}

void *
scan_room(struct scan *s, size_t *cap)
{
	*cap = sizeof(s->buffer) - s->have;
	return s->buffer + s->have;
}

/* In blocks of a size that the compiler turns into vectors. */
static uint64_t
count_lines(const char *at, size_t len)
{
	uint64_t lines = 0;

	for (; len >= BLOCK; at += BLOCK, len -= BLOCK) {
		uint8_t some = 0;

		for (int i = 0; i < BLOCK; i++)
			some = (uint8_t)(some + (at[i] == '\n'));
		lines += some;
	}
	for (size_t i = 0; i < len; i++)
		lines += at[i] == '\n';
	return lines;
}

static void
count_to(struct scan *s, size_t end)
{
	s->line += count_lines(s->buffer + s->counted, end - s->counted);
	s->counted = end;
}

/* Which character of the needle is the rarest here?  memchr then passes over
   nearly everything, whatever the text is made of. */
static size_t
pick_pivot(const struct scan *s)
{
	size_t sample = s->have < SAMPLE ? s->have : SAMPLE;
	size_t counts[256] = { 0 };
	size_t pivot = 0;

	for (size_t i = 0; i < sample; i++)
		counts[(unsigned char)s->buffer[i]]++;
	for (size_t i = 1; i < s->needle_len; i++) {
		if (counts[(unsigned char)s->needle[i]] <=
		    counts[(unsigned char)s->needle[pivot]])
			pivot = i;
	}
	return pivot;
}

/* The first needle at or behind from that a whole token may begin with; have
   if there is none. */
static size_t
find(const struct scan *s, size_t from, size_t pivot)
{
	size_t end = s->have - s->token_len + 1;
	const char *at;

	while (from < end) {
		at = memchr(s->buffer + from + pivot, s->needle[pivot],
		    end - from);
		if (at == NULL)
			break;
		from = (size_t)(at - s->buffer) - pivot;
		if (memcmp(s->buffer + from, s->needle, s->needle_len) == 0)
			return from;
		from++;
	}
	return s->have;
}

/* Keeps what may be the beginning of a token. */
static void
keep_tail(struct scan *s)
{
	size_t tail = s->token_len - 1;
	size_t gone;

	if (s->have < s->token_len)
		return;
	gone = s->have - tail;
	count_to(s, gone);
	memmove(s->buffer, s->buffer + gone, tail);
	s->offset += gone;
	s->counted = 0;
	s->have = tail;
}

static bool
report(struct scan *s, size_t at, scan_each *each, void *arg)
{
	struct scan_hit hit = { .token = s->buffer + at,
		.len = s->token_len,
		.offset = s->offset + at };

	count_to(s, at);
	hit.line = s->line;
	return each(arg, &hit);
}

bool
scan_filled(struct scan *s, size_t len, scan_each *each, void *arg)
{
	bool go_on = true;
	size_t pivot, at;

	s->have += len;
	if (s->have < s->token_len)
		return true;
	pivot = pick_pivot(s);
	for (at = find(s, 0, pivot); go_on && at < s->have;
	     at = find(s, at + 1, pivot)) {
		if (token_check(s->buffer + at, s->token_len, s->prefix))
			go_on = report(s, at, each, arg);
	}
	keep_tail(s);
	return go_on;
}
