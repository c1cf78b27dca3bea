/* SPDX-License-Identifier: ISC */
/*
 * buffer.h - bytes on their way from or to a client.
 *
 * A connection borrows one only while it has bytes under way, so thousands of
 * idle ones cost nothing.  What was in it is wiped when it is given back.
 * Only the loop's thread uses them.
 */
#ifndef KEYD_BUFFER_H
#define KEYD_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define BUFFER_SIZE (2 * FRAME_MAX) /* bytes: a frame under way, one more */

struct buffer {
	struct buffer *next;
	size_t start; /* of the bytes that are there */
	size_t end;
	uint8_t bytes[BUFFER_SIZE];
};

struct buffer *buffer_take(void);   /* NULL without memory */
void buffer_give(struct buffer *b); /* NULL is fine */
void buffer_free_all(void);

/* The bytes that are there, and how many may follow them. */
struct span buffer_content(const struct buffer *b);
size_t buffer_room(const struct buffer *b);

/* Moves what is there to the front, so that the room is all there is. */
void buffer_pack(struct buffer *b);

#endif /* KEYD_BUFFER_H */
