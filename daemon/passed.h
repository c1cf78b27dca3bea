/* SPDX-License-Identifier: ISC */
/*
 * passed.h - the sockets that systemd passes, by name.
 *
 * What is passed is checked, never repaired: a wrong name, number or kind of
 * socket is a sentence about the unit.  See sd_listen_fds(3).
 */
#ifndef KEYD_PASSED_H
#define KEYD_PASSED_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A socket that must be passed, and where it goes. */
struct passed {
	const char *name;
	uint32_t mode; /* that keyd would set; another one is only logged */
	int fd;        /* -1 until it is found */
};

enum passed_state {
	PASSED_NONE, /* none for this process: make them */
	PASSED_ALL,  /* each of them, close-on-exec and non-blocking */
	PASSED_WRONG /* why has a sentence; nothing was closed */
};

/*
 * Finds the count sockets of want among $LISTEN_FDS.  The variables are unset,
 * so that nobody takes the sockets twice.
 */
enum passed_state passed_take(struct passed *want, int count, char *why,
    size_t why_size);

/* What the file system says of the path that a socket is bound to.  False when
   it has none, or nothing is there. */
bool passed_stat(int fd, struct stat *st);

#endif /* KEYD_PASSED_H */
