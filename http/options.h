/* SPDX-License-Identifier: ISC */
/*
 * options.h - what keyd-http was called with, checked whole.
 *
 * There is no file of settings: what it needs to know fits in a unit.
 */
#ifndef KEYD_HTTP_OPTIONS_H
#define KEYD_HTTP_OPTIONS_H

#include <sys/types.h>

#include <stdbool.h>

#define OPTIONS_CONNECTIONS 512
#define OPTIONS_CONNECTIONS_MAX 16384
#define OPTIONS_THREADS 4
#define OPTIONS_THREADS_MAX 64
#define OPTIONS_REALM_MAX 128 /* bytes, so that a challenge fits */

struct options {
	const char *path;        /* of a socket to make; NULL: an address */
	const char *address;     /* ADDRESS:PORT; NULL: a path */
	bool placed;             /* one of the two was named */
	mode_t mode;             /* of the socket at path */
	const char *runtime_dir; /* of keyd; NULL: as libkeyd has it */
	const char *realm;       /* of challenges; NULL: libkeyd's */
	const char *introspect;  /* permission of who introspects; NULL */
	unsigned connections;    /* at once */
	unsigned threads;        /* that answer */
};

/* Exits with EX_USAGE and a sentence when they are wrong; for -h and -v too. */
void options_parse(int argc, char **argv, struct options *o);

#endif /* KEYD_HTTP_OPTIONS_H */
