/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

/* Enough for the connections that are ready at once. */
#define KEPT_MAX 256

static struct buffer *kept;
static unsigned kept_count;

struct buffer *
buffer_take(void)
{
	struct buffer *b = kept;

	if (b != NULL) {
		kept = b->next;
		kept_count--;
	} else if ((b = malloc(sizeof(*b))) == NULL) {
		return NULL;
	}
	b->next = NULL;
	b->start = b->end = 0;
	return b;
}

/* What was taken out of it lies before end as well. */
void
buffer_give(struct buffer *b)
{
	if (b == NULL)
		return;
	sodium_memzero(b->bytes, b->end);
	if (kept_count == KEPT_MAX) {
		free(b);
		return;
	}
	b->next = kept;
	kept = b;
	kept_count++;
}

void
buffer_free_all(void)
{
	struct buffer *b;

	while ((b = kept) != NULL) {
		kept = b->next;
		free(b);
	}
	kept_count = 0;
}

struct span
buffer_content(const struct buffer *b)
{
	return (struct span){ b->bytes + b->start, b->end - b->start };
}

size_t
buffer_room(const struct buffer *b)
{
	return BUFFER_SIZE - b->end;
}

void
buffer_pack(struct buffer *b)
{
	size_t len = b->end - b->start;

	if (b->start == 0)
		return;
	memmove(b->bytes, b->bytes + b->start, len);
	sodium_memzero(b->bytes + len, b->end - len);
	b->start = 0;
	b->end = len;
}
