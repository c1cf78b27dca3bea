/* SPDX-License-Identifier: ISC */
/*
 * writer.h - the thread that writes: takes some of the changes that wait,
 * commits them together, and only when they are on disk gives them back with
 * their answers.
 */
#ifndef KEYD_WRITER_H
#define KEYD_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "change.h"
#include "reserve.h"

struct writer;

/* How many changes go into a commit after one that took so many ms. */
uint32_t writer_batch(int64_t ms);

/*
 * At most queue changes wait in it.  The reserve is the writer's from here on,
 * for revocations on a full disk; NULL: there is none.  NULL and errno on
 * failure.
 */
struct writer *writer_start(struct store *st, struct reserve *reserve,
    uint32_t queue);

/* Finishes what waits, ends the thread, and moves what was not taken yet to the
   end of a list.  NULL is fine. */
void writer_stop(struct writer *w, struct changes *rest);

/* Takes the change over.  False, and it is still the caller's, when full. */
bool writer_submit(struct writer *w, struct change *ch);

/* A descriptor that is readable when there is something to take. */
int writer_fd(const struct writer *w);

/* Moves all changes that are done to the end of a list. */
void writer_take(struct writer *w, struct changes *done);

/* The loop looks after the thread: at that time (ms of clock_mono_ms;
   INT64_MAX: it need not), or at any other.  See place.h. */
int64_t writer_due(const struct writer *w);
void writer_look(struct writer *w, int64_t now);

/* The disk is full: only what takes rights away is carried out. */
bool writer_disk_is_full(const struct writer *w);

/* The store is of no more use; answers that say so may still be taken. */
bool writer_broken(const struct writer *w);

#endif /* KEYD_WRITER_H */
