/* SPDX-License-Identifier: ISC */
/*
 * generations.h - keyd's end of the bulletin: what was changed when.
 *
 * The writer touches what it changes, which makes a counter odd, and settles
 * when the commit is done, which makes it even again, all before the change is
 * acknowledged.  The loop marks the time before it renews its view of the
 * store, and an answer from that view gets a stamp only if nothing was settled
 * since and nothing that it rests on is under way.  So a stamp that still holds
 * at a client vouches for an answer that no acknowledged change has overtaken;
 * tests/model has the proof.
 */
#ifndef KEYD_GENERATIONS_H
#define KEYD_GENERATIONS_H

#include "bulletin.h"

struct generations;

struct generations *generations_new(struct bulletin *b); /* borrowed; NULL
							    without memory */
void generations_free(struct generations *g);            /* NULL is fine */

/* The writer's.  What is touched and never settled is never stamped again. */
void generations_touch_key(struct generations *g, uint64_t serial);
void generations_touch_org(struct generations *g, const char *slug);
/* Of all keys and organizations at once. */
void generations_touch_all(struct generations *g);
void generations_settle(struct generations *g);

/* The loop's. */
uint64_t generations_mark(const struct generations *g);
bool generations_stamp(const struct generations *g, uint64_t mark,
    uint64_t serial, const char *slug, struct stamp *s);
/* Later: does what was stamped still hold?  An odd generation never does. */
uint64_t generations_of_key(const struct generations *g, uint64_t serial);
bool generations_hold_org(const struct generations *g, const struct stamp *s);
/* keyd.conf was read again, or the time was set: nothing stamped holds. */
void generations_void_all(struct generations *g);

#endif /* KEYD_GENERATIONS_H */
