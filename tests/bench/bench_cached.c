/* SPDX-License-Identifier: ISC */
/*
 * Verifies keys that libkeyd has in its cache, beside SipHash of their tokens
 * and a bare table; with one thread and with two.
 *
 *   bench_cached [-r ROUNDS] [-t MS] PID RUNTIME_DIR KEYS
 *
 * PID is keyd's, for its CPU.  KEYS of those that it has are asked for at
 * random, and the first hundred again and again.  Leases that end meanwhile are
 * part of the figures, but for random keys that were all leased before.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "calls.h"
#include "cpus.h"
#include "leased.h"
#include "library.h"
#include "probe.h"

#define HOT 100     /* keys, and operations that are timed at once */
#define FEW 16      /* operations, of those at random */
#define PASSES 3    /* over the hot keys until they are in the cache */
#define TRACED 5000 /* passes over the hot keys */

struct state {
	struct keyd *handle;
	const struct mint_token *tokens;
	size_t count;
	struct probe *probe;
	struct leased *leased;
	size_t one;          /* key that all threads ask for */
	uint64_t seed[2][8]; /* a cache line for each thread */
	uint64_t sink[2][8];
};

struct contestant {
	const char *name;
	unsigned threads;
	struct load load;
	void (*prepare)(struct state *s); /* each round; may be NULL */
	struct series series;
};

static unsigned rounds = 7;
static int64_t ns = INT64_C(100000000);

static bool
hash_hot(void *state, unsigned client)
{
	struct state *s = state;

	for (unsigned i = 0; i < HOT; i++)
		s->sink[client][0] += probe_hash(&s->tokens[client * HOT + i]);
	return true;
}

static bool
verify_hot(void *state, unsigned client)
{
	const struct state *s = state;

	for (unsigned i = 0; i < HOT; i++)
		bench_verify(s->handle, s->tokens[client * HOT + i].text);
	return true;
}

static bool
verify_cleared(void *state, unsigned client)
{
	const struct state *s = state;

	for (unsigned i = 0; i < HOT; i++)
		bench_verify_cleared(s->handle,
		    s->tokens[client * HOT + i].text);
	return true;
}

static bool
verify_one(void *state, unsigned client)
{
	const struct state *s = state;

	(void)client;
	for (unsigned i = 0; i < HOT; i++)
		bench_verify(s->handle, s->tokens[s->one].text);
	return true;
}

/* Another each round: it would have used up its rate before the last. */
static void
next_one(struct state *s)
{
	s->one = (s->one + 1) % HOT;
}

static const struct mint_token *
any(struct state *s)
{
	return &s->tokens[mint_draw(s->seed[0]) % s->count];
}

static bool
probe_any(void *state, unsigned client)
{
	struct state *s = state;

	(void)client;
	for (unsigned i = 0; i < FEW; i++)
		if (!probe_find(s->probe, any(s)))
			errx(1, "the bare table lost a token");
	return true;
}

static bool
verify_any(void *state, unsigned client)
{
	struct state *s = state;

	(void)client;
	for (unsigned i = 0; i < FEW; i++)
		bench_verify(s->handle, any(s)->text);
	return true;
}

static void
warm(const struct state *s, size_t count)
{
	for (unsigned pass = 0; pass < PASSES; pass++)
		for (size_t i = 0; i < count; i++)
			bench_verify(s->handle, s->tokens[i].text);
}

static void
lease_all(struct state *s)
{
	leased_fill(s->leased, s->tokens, s->count);
}

static void
measure(const char *topic, struct contestant *c, unsigned contestants)
{
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < contestants; i++) {
			struct contestant *it = &c[(i + r) % contestants];

			if (it->prepare != NULL)
				it->prepare(it->load.state);
			bench_round(&it->series, &it->load, it->threads, ns);
		}
	for (unsigned i = 0; i < contestants; i++)
		series_print(&c[i].series, topic, c[i].name, c[i].load.batch);
}

static void
measure_hot(struct state *s)
{
	const struct load hash = { hash_hot, s, HOT, false };
	const struct load verify = { verify_hot, s, HOT, false };
	const struct load cleared = { verify_cleared, s, HOT, false };
	struct contestant c[] = {
		{ .name = "SipHash-128", .threads = 1, .load = hash },
		{ .name = "keyd", .threads = 1, .load = verify },
		{ .name = "keyd, verdict cleared",
		    .threads = 1,
		    .load = cleared },
	};
	const char *topic = "cached, 100 hot keys";

	warm(s, HOT);
	measure(topic, c, sizeof(c) / sizeof(c[0]));
	series_print_one(topic, "keyd", "system calls", "a verify",
	    calls_count(&verify, TRACED));
}

static void
measure_threads(struct state *s)
{
	const struct load hash = { hash_hot, s, HOT, true };
	const struct load own = { verify_hot, s, HOT, true };
	const struct load same = { verify_one, s, HOT, true };
	struct contestant c[] = {
		{ .name = "SipHash-128, 1 thread", .threads = 1, .load = hash },
		{ .name = "SipHash-128, 2 threads",
		    .threads = 2,
		    .load = hash },
		{ .name = "own keys, 1 thread", .threads = 1, .load = own },
		{ .name = "own keys, 2 threads", .threads = 2, .load = own },
		{ .name = "one key, 1 thread",
		    .threads = 1,
		    .load = same,
		    .prepare = next_one },
		{ .name = "one key, 2 threads",
		    .threads = 2,
		    .load = same,
		    .prepare = next_one },
	};

	warm(s, (size_t)2 * HOT);
	measure("cached, threads", c, sizeof(c) / sizeof(c[0]));
}

static void
measure_any(struct state *s)
{
	const struct load probe = { probe_any, s, FEW, false };
	const struct load verify = { verify_any, s, FEW, false };
	struct contestant c[] = {
		{ .name = "bare probe", .threads = 1, .load = probe },
		{ .name = "keyd",
		    .threads = 1,
		    .load = verify,
		    .prepare = lease_all },
	};

	s->leased = leased_new(s->handle, BENCH_PERMISSION);
	measure("cached, random keys", c, sizeof(c) / sizeof(c[0]));
	leased_free(s->leased);
}

static void
run(char **argv)
{
	struct state s = { .count = bench_number(argv[2], MINT_MAX, "keys") };
	struct mint_token *tokens = mint_tokens(s.count);

	if (s.count < (size_t)2 * HOT)
		errx(2, "at least %d keys", 2 * HOT);
	cpus_pin((pid_t)bench_number(argv[0], INT32_MAX, "a process"), 1);
	cpus_pin(0, 0);
	s.tokens = tokens;
	s.probe = probe_new(tokens, s.count);
	s.handle = bench_handle(argv[1], true);
	measure_hot(&s);
	measure_threads(&s);
	cpus_pin(0, 0);
	measure_any(&s);
	keyd_close(s.handle);
	probe_free(s.probe);
	free(tokens);
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "r:t:")) != -1)
		if (!bench_option(c, optarg, &rounds, &ns))
			return 2;
	if (argc - optind != 3)
		errx(2,
		    "usage: bench_cached [-r ROUNDS] [-t MS] PID RUNTIME_DIR "
		    "KEYS");
	run(argv + optind);
	return 0;
}
