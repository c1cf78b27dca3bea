/* SPDX-License-Identifier: ISC */
/*
 * bare.h - a request and its answer with one send and one recv.
 *
 * What a client cannot do without: bytes that were made before, and an answer
 * of which only the length and the verdict are looked at.
 */
#ifndef KEYD_BARE_H
#define KEYD_BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench.h"

#define BARE_MAX 512 /* bytes of either message */

struct bare {
	int fd[CLIENTS_MAX];
	uint8_t request[BARE_MAX];
	size_t request_len;
	size_t answer_len;
};

/* Says hello to keyd on all connections, and learns what a verify sends. */
void bare_connect(struct bare *b, unsigned clients, const char *runtime_dir,
    const char *token, const char *permission);

bool bare_once(void *bare, unsigned client); /* for struct load */

#endif /* KEYD_BARE_H */
