/* SPDX-License-Identifier: ISC */
/*
 * latency.h - how long answers took, counted in fixed buckets.
 *
 * Only counts, so that it takes no memory that grows and no time that matters.
 */
#ifndef KEYD_LATENCY_H
#define KEYD_LATENCY_H

#include <stdint.h>

#define LATENCY_BOUNDS 12

/* us; an answer is counted at the first bound that it does not exceed. */
extern const uint32_t latency_bounds[LATENCY_BOUNDS];

struct latency {
	uint64_t counts[LATENCY_BOUNDS + 1]; /* the last: over all bounds */
	uint64_t sum_ns;
};

/* So many took ns each.  A clock that went back counts as no time. */
void latency_count(struct latency *l, unsigned answers, int64_t ns);

#endif /* KEYD_LATENCY_H */
