/* SPDX-License-Identifier: ISC */
/*
 * How soon another process that verifies a key without pause, through libkeyd
 * with its cache, is refused once the key is revoked.
 *
 *   bench_revoke [-r ROUNDS] [-n KEYS] RUNTIME_DIR ORG USER
 *
 * KEYS are revoked in each round.  A verify that begins after the revoke was
 * acknowledged and is not refused is counted; there must be none.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "cpus.h"
#include "library.h"
#include "stock.h"

#define KEYS_MAX 10000
#define READY 3 /* good verdicts before it is revoked */

/* What the two processes share; times in ns, 0: not yet. */
struct stage {
	atomic_uint key;  /* that is verified, counted from 1 */
	atomic_uint good; /* verdicts of it */
	atomic_ullong acknowledged;
	atomic_ullong refused;
	atomic_ulong stale;
	char token[KEYD_TOKEN_SIZE];
};

static unsigned rounds = 5;
static unsigned keys = 50;
static struct stage *stage;

static enum keyd_status
ask(struct keyd *handle)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	return keyd_verify_with(handle, stage->token, BENCH_PERMISSION, &v);
}

/* Verifies one key until it is refused. */
static void
watch_one(struct keyd *handle)
{
	enum keyd_status status;
	int64_t begun;

	for (;;) {
		begun = bench_now();
		if ((status = ask(handle)) != KEYD_OK)
			break;
		atomic_fetch_add(&stage->good, 1);
		if (atomic_load(&stage->acknowledged) != 0 &&
		    atomic_load(&stage->acknowledged) <
			(unsigned long long)begun)
			atomic_fetch_add(&stage->stale, 1);
	}
	if (status != KEYD_REVOKED)
		errx(1, "verify: %s", keyd_strerror(status));
	atomic_store(&stage->refused, (unsigned long long)bench_now());
}

_Noreturn static void
watch(const char *runtime_dir)
{
	struct keyd *handle;
	unsigned seen = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	cpus_pin(0, 0);
	handle = bench_handle(runtime_dir, true);
	for (;;) {
		while (atomic_load(&stage->key) == seen)
			sched_yield();
		seen = atomic_load(&stage->key);
		watch_one(handle);
	}
}

static void
await(const atomic_uint *what, unsigned least)
{
	int64_t until = bench_now() + 10 * SECOND;

	while (atomic_load(what) < least) {
		if (bench_now() > until)
			errx(1, "who verifies has come to a stop");
		sched_yield();
	}
}

static void
show(const char *token)
{
	memcpy(stage->token, token, sizeof(stage->token));
	atomic_store(&stage->good, 0);
	atomic_store(&stage->acknowledged, 0);
	atomic_store(&stage->refused, 0);
	atomic_fetch_add(&stage->key, 1);
	await(&stage->good, READY);
}

static int64_t
await_refusal(void)
{
	int64_t until = bench_now() + 10 * SECOND;

	while (atomic_load(&stage->refused) == 0) {
		if (bench_now() > until)
			errx(1, "a revoked key is still good");
		sched_yield();
	}
	return (int64_t)atomic_load(&stage->refused);
}

static void
revoke_one(struct stock *k, uint32_t *acknowledged, uint32_t *refused)
{
	size_t at = atomic_load(&k->revoking);
	int64_t begun, done;

	show(k->token[at]);
	begun = bench_now();
	stock_revoke(k, 0);
	done = bench_now();
	atomic_store(&stage->acknowledged, (unsigned long long)done);
	*acknowledged = (uint32_t)(done - begun);
	*refused = (uint32_t)(await_refusal() - begun);
}

static void
round_of(struct stock *k, struct series *acknowledged, struct series *refused)
{
	static uint32_t a[KEYS_MAX], b[KEYS_MAX];
	int64_t begun;
	double rate;

	stock_fill(k, stock_made(k) + keys);
	begun = bench_now();
	for (unsigned i = 0; i < keys; i++)
		revoke_one(k, &a[i], &b[i]);
	rate = keys * (double)SECOND / (double)(bench_now() - begun);
	series_add(acknowledged, a, keys, 1, rate);
	series_add(refused, b, keys, 1, rate);
}

static void
run(char **argv)
{
	static struct series acknowledged, refused;
	struct stock k;
	pid_t pid;

	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED)
		err(1, "mmap");
	if ((pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0)
		watch(argv[0]);
	cpus_pin(0, 1);
	stock_open(&k, argv[0], argv[1], argv[2], (size_t)rounds * keys);
	for (unsigned r = 0; r < rounds; r++)
		round_of(&k, &acknowledged, &refused);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	series_print(&acknowledged, "revoke to refusal", "acknowledged", 1);
	series_print(&refused, "revoke to refusal", "refused elsewhere", 1);
	series_print_one("revoke to refusal", "refused elsewhere",
	    "stale verdicts", "in all", (double)atomic_load(&stage->stale));
	stock_close(&k);
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "r:n:")) != -1) {
		int64_t unused;

		if (c == 'n')
			keys = (unsigned)bench_number(optarg, KEYS_MAX, "keys");
		else if (!bench_option(c, optarg, &rounds, &unused))
			return 2;
	}
	if (argc - optind != 3)
		errx(2,
		    "usage: bench_revoke [-r ROUNDS] [-n KEYS] RUNTIME_DIR ORG "
		    "USER");
	run(argv + optind);
	return 0;
}
