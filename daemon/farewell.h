/* SPDX-License-Identifier: ISC */
/*
 * farewell.h - what a clean stop leaves in the store for the next start.
 *
 * It is written whole or not at all, and taken away before anything is served:
 * whoever finds it knows that nothing was used since it was written.  What is
 * absent or damaged was an unclean stop.  Both are called while no other thread
 * writes.
 */
#ifndef KEYD_FAREWELL_H
#define KEYD_FAREWELL_H

#include "clock.h"
#include "limiter.h"
#include "store.h"

/*
 * The limits to begin with.  boot: of clock_boot_id, now_ns: of clock_boot_ns;
 * time that passed since counts only within one boot.  NULL, with errno or a
 * line in the log, without memory and when the store fails.
 */
struct limiter *farewell_read(struct store *st, const char *boot,
    int64_t now_ns);

/* False, and the stop is an unclean one, when the store fails. */
bool farewell_write(struct store *st, struct limiter *l, const char *boot,
    int64_t now_ns);

#endif /* KEYD_FAREWELL_H */
