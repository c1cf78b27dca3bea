/* SPDX-License-Identifier: ISC */
/*
 * listen.h - the one socket that keyd-http answers on.
 *
 * From systemd (LISTEN_FDS) or made here.  It is a Unix socket, or an address
 * of this host's loopback and no other: tokens come over it in the clear.
 */
#ifndef KEYD_HTTP_LISTEN_H
#define KEYD_HTTP_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

#define LISTEN_NAME_SIZE 128

struct listener {
	int fd;                      /* listening, non-blocking */
	bool is_unix;                /* its mode says who may connect */
	const char *made;            /* path to remove at the end, or NULL */
	char name[LISTEN_NAME_SIZE]; /* for people */
};

/* False, and a sentence in why, on failure. */
bool listen_open(struct listener *l, const struct options *o, char *why,
    size_t why_size);

/* Removes what was made; the descriptor is closed already, or is now. */
void listen_close(struct listener *l);

#endif /* KEYD_HTTP_LISTEN_H */
