/* SPDX-License-Identifier: ISC */
/*
 * heart.h - a word of memory that says that this process lives.
 *
 * The word is a robust futex held by a thread that does nothing else: when
 * that thread ends, by whatever death of the process, the kernel itself writes
 * so into the word, before the files of the process are closed
 * (set_robust_list(2)). So whoever gets keyd's lock after it finds the old word
 * marked.
 */
#ifndef KEYD_HEART_H
#define KEYD_HEART_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct heart;

/* Does the kernel keep that promise here?  Lets a thread die on the word. */
bool heart_works(_Atomic uint32_t *word);

/* Holds the word until heart_stop.  NULL and errno on failure. */
struct heart *heart_start(_Atomic uint32_t *word);
/* The word says that this is over.  NULL is fine. */
void heart_stop(struct heart *h);

#endif /* KEYD_HEART_H */
