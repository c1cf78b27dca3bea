/* SPDX-License-Identifier: ISC */
/*
 * series.h - the figures of one contestant, round by round.
 *
 * The machine is shared and noisy, so a figure alone says little: contestants
 * take turns in rounds, and figures.py takes the ratio of two within each round
 * and then the median of the rounds.
 */
#ifndef KEYD_SERIES_H
#define KEYD_SERIES_H

#include <stddef.h>
#include <stdint.h>

#define ROUNDS_MAX 64

enum figure { P50, P99, P999, RATE, FIGURES }; /* us, us, us, per second */

struct series {
	unsigned rounds;
	double figure[ROUNDS_MAX][FIGURES];
};

/*
 * Adds a round: how long each of count took, in ns, which it sorts, and how
 * many were done in a second.  Each sample is of batch operations.
 */
void series_add(struct series *s, uint32_t *sample, size_t count,
    unsigned batch, double rate);

/*
 * Prints a line for each figure that there is, tabs between: topic, who,
 * figure, unit, and what it was in each round.  Batches have no p99 of one
 * operation.
 */
void series_print(const struct series *s, const char *topic, const char *who,
    unsigned batch);

/* The same for something that is known once. */
void series_print_one(const char *topic, const char *who, const char *figure,
    const char *unit, double value);

#endif /* KEYD_SERIES_H */
