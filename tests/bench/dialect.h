/* SPDX-License-Identifier: ISC */
/*
 * dialect.h - how keyd and its peers are asked "is this key valid?".
 *
 * The least that a client can send and look at.  An answer that is not yes ends
 * the program.
 */
#ifndef KEYD_DIALECT_H
#define KEYD_DIALECT_H

#include <stddef.h>
#include <stdint.h>

#include "mint.h"

#define QUESTION_MAX 512 /* bytes */

struct dialect {
	const char *name;

	/* Once on each connection; NULL: there is nothing to say. */
	void (*greet)(int fd);

	/* Puts the question into QUESTION_MAX bytes, and returns its length. */
	size_t (*ask)(uint8_t *to, const struct mint_digest *key);

	/* The length of the answer that the bytes begin with; 0: there must be
	   more of them. */
	size_t (*take)(const uint8_t *from, size_t len);
};

extern const struct dialect dialect_echo;
extern const struct dialect dialect_keyd;
extern const struct dialect dialect_memcached;
extern const struct dialect dialect_postgres;
extern const struct dialect dialect_redis;

/* That of the name, or the end of the program. */
const struct dialect *dialect_find(const char *name);

/* Connects to a Unix socket, and greets. */
int dialect_connect(const struct dialect *d, const char *path);

/* For those who greet: sends all, and receives what there is. */
void dialect_say(int fd, const void *bytes, size_t len);
size_t dialect_hear(int fd, void *bytes, size_t size);

/* What the answer of keyd on that connection is; for the echo to be like it. */
size_t dialect_keyd_answer(int fd, uint8_t *to, size_t size);
void dialect_echo_like(size_t question, size_t answer);

#endif /* KEYD_DIALECT_H */
