/* SPDX-License-Identifier: ISC */
/*
 * bench.h - something done again and again by clients that are threads.
 *
 * What cannot be measured ends the program with a sentence and 1.
 */
#ifndef KEYD_BENCH_H
#define KEYD_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "series.h"

#define CLIENTS_MAX 64
#define SECOND INT64_C(1000000000) /* ns */

int64_t bench_now(void); /* ns, monotonic */

/* What a client does again and again; false: there is nothing left to do. */
struct load {
	bool (*once)(void *state, unsigned client);
	void *state;
	unsigned batch; /* operations that it is at once; 0: one */
	bool spread;    /* clients take turns on the two CPUs */
};

/* Does it with so many clients, a thread for each, for so many ns. */
void bench_run(const struct load *l, unsigned clients, int64_t ns);
/* The same after a moment to warm up, with the figures of one round. */
void bench_round(struct series *s, const struct load *l, unsigned clients,
    int64_t ns);

/* A number from 1 to most, or the end with a sentence that names what. */
unsigned long bench_number(const char *text, unsigned long most,
    const char *what);

/* Options -r and -t of all programs here; false: another one. */
bool bench_option(int c, const char *arg, unsigned *rounds, int64_t *ns);

#endif /* KEYD_BENCH_H */
