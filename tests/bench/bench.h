/* SPDX-License-Identifier: ISC */
/*
 * bench.h - how often and how fast something is done, beside what it is
 * compared with.
 *
 * The machine is shared and noisy, so a figure alone says little: contestants
 * take turns in rounds, the ratio of two is taken within each round, and what
 * is reported is the median of the rounds.  What cannot be measured ends the
 * program with a sentence and 1.
 */
#ifndef KEYD_BENCH_H
#define KEYD_BENCH_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#define CLIENTS_MAX 64
#define ROUNDS_MAX 32

int64_t bench_now(void); /* ns, monotonic */

/* The first two CPUs that this process may use. */
void bench_two_cpus(unsigned cpu[2]);
/* Puts all threads of a process on one CPU; 0 is the calling thread. */
void bench_pin(pid_t pid, unsigned cpu);

/* What a client does again and again; false: there is nothing left to do. */
struct load {
	bool (*once)(void *state, unsigned client);
	void *state;
};

enum figure { P50, P99, RATE, FIGURES }; /* us, us, per second */

struct series {
	unsigned rounds;
	double figure[ROUNDS_MAX][FIGURES];
};

/* Does it with so many clients, a thread for each, for so many ns. */
void bench_run(const struct load *l, unsigned clients, int64_t ns);
/* The same after a moment to warm up, with the figures of one round. */
void bench_round(struct series *s, const struct load *l, unsigned clients,
    int64_t ns);

/*
 * Prints one line, tabs between: what, figure, unit, what it is measured
 * beside, its figure, ratio of the two, goal ("" is none).
 */
void bench_report(enum figure f, const char *what, const struct series *s,
    const char *beside, const struct series *limit, const char *goal);

#endif /* KEYD_BENCH_H */
