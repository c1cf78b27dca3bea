/* SPDX-License-Identifier: ISC */
#include "latency.h"

#define NS_PER_US 1000

const uint32_t latency_bounds[LATENCY_BOUNDS] = { 5, 10, 25, 50, 100, 250, 500,
	1000, 2500, 5000, 25000, 100000 };

void
latency_count(struct latency *l, unsigned answers, int64_t ns)
{
	int at = 0;

	if (ns < 0)
		ns = 0;
	while (
	    at < LATENCY_BOUNDS && ns > (int64_t)latency_bounds[at] * NS_PER_US)
		at++;
	l->counts[at] += answers;
	l->sum_ns += answers * (uint64_t)ns;
}
