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
#include <unistd.h>

#include "bench.h"
#include "disk.h"
#include "stock.h"

#define ROOM 1000000 /* keys, more than can be made in the time */

enum contestant {
	SYNC,
	COMMIT,
	COMMIT_ALL,
	CREATE,
	CREATE_MANY,
	REVOKE,
	REVOKE_MANY,
	CONTESTANTS
};

static struct series series[CONTESTANTS];
static unsigned rounds = 7;
static int64_t ns = INT64_C(500000000);

static const struct turn {
	const char *name;
	bool (*once)(void *state, unsigned client);
	unsigned clients;
} turns[CONTESTANTS] = {
	[SYNC] = { "pwrite + fdatasync, 4 KiB", disk_sync, 1 },
	[COMMIT] = { "LMDB, one put a commit", disk_commit, 1 },
	[COMMIT_ALL] = { "LMDB, the puts of a create", disk_commit_all, 1 },
	[CREATE] = { "create, 1 client", stock_make, 1 },
	[CREATE_MANY] = { "create, 64 clients", stock_make, CLIENTS_MAX },
	[REVOKE] = { "revoke, 1 client", stock_revoke, 1 },
	[REVOKE_MANY] = { "revoke, 64 clients", stock_revoke, CLIENTS_MAX },
};

/* Revocations come after the creations that they undo. */
static void
measure(struct stock *k, struct disk *d)
{
	for (unsigned r = 0; r < rounds; r++)
		for (int i = 0; i < CONTESTANTS; i++) {
			const struct load load = { .once = turns[i].once,
				.state = i < CREATE ? (void *)d : k };

			bench_round(&series[i], &load, turns[i].clients, ns);
		}
}

static void
report(void)
{
	for (int i = 0; i < CONTESTANTS; i++)
		series_print(&series[i], "changes", turns[i].name, 1);
}

int
main(int argc, char **argv)
{
	struct disk *d;
	struct stock k;
	int c;

	while ((c = getopt(argc, argv, "r:t:")) != -1)
		if (!bench_option(c, optarg, &rounds, &ns))
			return 2;
	if (argc - optind != 4)
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
