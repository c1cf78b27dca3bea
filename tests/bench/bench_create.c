/* SPDX-License-Identifier: ISC */
/*
 * Makes and revokes keys, by one client and by many at once, beside what the
 * same disk does without keyd.
 *
 *   bench_create [-r ROUNDS] [-t MS] RUNTIME_DIR ORG USER FOLDER
 *
 * FOLDER is empty and on the file system of keyd's state.
 */
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "disk.h"
#include "stock.h"

#define ROOM 1000000 /* keys, more than can be made in the time */

enum contestant { SYNC, COMMIT, CREATE, CREATE_MANY, REVOKE, CONTESTANTS };

static struct series series[CONTESTANTS];
static unsigned rounds = 7;
static int64_t ns = INT64_C(500000000);

static void
measure(struct stock *k, struct disk *d)
{
	const struct {
		struct load load;
		unsigned clients;
	} turn[CONTESTANTS] = {
		[SYNC] = { { disk_sync, d }, 1 },
		[COMMIT] = { { disk_commit, d }, 1 },
		[CREATE] = { { stock_make, k }, 1 },
		[CREATE_MANY] = { { stock_make, k }, CLIENTS_MAX },
		[REVOKE] = { { stock_revoke, k }, 1 },
	};

	for (unsigned r = 0; r < rounds; r++)
		for (int i = 0; i < CONTESTANTS; i++)
			bench_round(&series[i], &turn[i].load, turn[i].clients,
			    ns);
}

static void
report(void)
{
	const char *commit = "LMDB, one put a commit";
	const char *one = "create, 1 client";
	const char *many = "create, 64 clients";

	bench_report(P50, commit, &series[COMMIT], "pwrite + fdatasync, 4 KiB",
	    &series[SYNC], "");
	bench_report(RATE, one, &series[CREATE], commit, &series[COMMIT],
	    ">= 0.5");
	bench_report(P50, one, &series[CREATE], commit, &series[COMMIT], "");
	bench_report(RATE, many, &series[CREATE_MANY], one, &series[CREATE],
	    ">= 5");
	bench_report(P99, many, &series[CREATE_MANY], one, &series[CREATE], "");
	bench_report(P50, "revoke, acknowledged", &series[REVOKE], commit,
	    &series[COMMIT], "<= 2.5");
	bench_report(P99, "revoke, acknowledged", &series[REVOKE], commit,
	    &series[COMMIT], "");
}

int
main(int argc, char **argv)
{
	struct disk *d;
	struct stock k;
	int c;

	while ((c = getopt(argc, argv, "r:t:")) != -1) {
		if (c == 'r')
			rounds = (unsigned)atoi(optarg);
		else if (c == 't')
			ns = atoi(optarg) * INT64_C(1000000);
		else
			return 2;
	}
	if (argc - optind != 4 || rounds < 1 || rounds > ROUNDS_MAX || ns < 1)
		errx(2,
		    "usage: bench_create [-r ROUNDS] [-t MS] RUNTIME_DIR "
		    "ORG USER FOLDER");
	argv += optind;
	stock_open(&k, argv[0], argv[1], argv[2], ROOM);
	d = disk_open(argv[3]);
	measure(&k, d);
	report();
	disk_close(d);
	stock_close(&k);
	return 0;
}
