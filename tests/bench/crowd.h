/* SPDX-License-Identifier: ISC */
/*
 * crowd.h - many connections to one server, served by one thread.
 *
 * Each has so many questions under way, about keys at random, and asks as many
 * again when all are answered.  So the server is what is measured, and all are
 * asked by the same code.
 */
#ifndef KEYD_CROWD_H
#define KEYD_CROWD_H

#include "bench.h"
#include "dialect.h"

#define DEPTH_MAX 64

struct crowd;

/* fd: so many connections that are its own from here on.  keys are borrowed. */
struct crowd *crowd_new(const struct dialect *d, const int *fd,
    unsigned clients, unsigned depth, const struct mint_digest *keys,
    size_t count);
void crowd_free(struct crowd *c);

/* A round in which each key is asked for once, in their order. */
void crowd_meet(struct crowd *c, struct series *s);

/* One round after a moment to warm up. */
void crowd_round(struct crowd *c, struct series *s, int64_t ns);

#endif /* KEYD_CROWD_H */
