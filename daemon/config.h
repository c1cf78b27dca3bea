/* SPDX-License-Identifier: ISC */
/*
 * config.h - keyd.conf, read and checked whole before anything is opened.
 *
 * A configuration is either right in every setting or refused with the file,
 * the line and a sentence; there is no half of one.  Reading it expands nothing
 * from the environment and includes no other file; the users and groups of
 * grants are looked up meanwhile.  One thread at a time.
 */
#ifndef KEYD_CONFIG_H
#define KEYD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"

#define CONFIG_MAX (1024 * 1024) /* bytes of a file; real ones are 2 KiB */
#define CONFIG_WHY_SIZE 512      /* bytes that fit any reason in why */

struct config {
	struct policy *policy; /* a reference of the configuration's own */
	uint32_t verify_mode;  /* of the verify socket */
	uint32_t admin_mode;   /* of the admin socket */
	char admin_group[64];  /* who may manage; "": root and keyd only */
	uint32_t map_size;     /* MiB that the database may grow to */
	uint32_t max_connections;
	/* Of one uid; root and keyd's own are counted as well. */
	uint32_t max_connections_per_uid;
	/* s: half a frame, or no hello, for so long ends the connection. */
	uint32_t frame_timeout;
	uint32_t queue; /* changes that may wait for the writer */
	/* Answers UNKNOWN to one uid in a second before its connections are
	   served last. */
	uint32_t unknown_per_second;
};

/*
 * Reads the file.  NULL, and why = "FILE:LINE: what is wrong, what to do" (or
 * "FILE: ..." when it is the file itself), on failure: also for one that is
 * no regular file, is over CONFIG_MAX or is writable by others than its owner.
 * One that is missing and need not exist gives the defaults.
 */
struct config *config_load(const char *path, bool must_exist, char *why,
    size_t why_size);

/* The same of len bytes in memory; name stands for the file in why. */
struct config *config_parse(const char *text, size_t len, const char *name,
    char *why, size_t why_size);

void config_free(struct config *c); /* NULL is fine */

#endif /* KEYD_CONFIG_H */
