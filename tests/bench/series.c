/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "series.h"

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void
series_add(struct series *s, uint32_t *sample, size_t count, unsigned batch,
    double rate)
{
	double *figure = s->figure[s->rounds++];
	double us = 1e3 * batch;

	if (count == 0)
		errx(1, "nothing was done in a round");
	qsort(sample, count, sizeof(*sample), compare);
	figure[P50] = sample[count / 2] / us;
	figure[P99] = sample[count - 1 - count / 100] / us;
	figure[P999] = sample[count - 1 - count / 1000] / us;
	figure[RATE] = rate;
}

static void
print(const struct series *s, const char *topic, const char *who, enum figure f)
{
	static const char *const name[FIGURES] = { "p50", "p99", "p99.9",
		"rate" };
	static const char *const unit[FIGURES] = { "us", "us", "us", "/s" };

	printf("%s\t%s\t%s\t%s\t", topic, who, name[f], unit[f]);
	for (unsigned i = 0; i < s->rounds; i++)
		printf("%s%.6g", i == 0 ? "" : " ", s->figure[i][f]);
	printf("\n");
}

void
series_print(const struct series *s, const char *topic, const char *who,
    unsigned batch)
{
	print(s, topic, who, P50);
	if (batch == 1) {
		print(s, topic, who, P99);
		print(s, topic, who, P999);
	}
	print(s, topic, who, RATE);
	fflush(stdout);
}

void
series_print_one(const char *topic, const char *who, const char *figure,
    const char *unit, double value)
{
	printf("%s\t%s\t%s\t%s\t%.6g\n", topic, who, figure, unit, value);
	fflush(stdout);
}
