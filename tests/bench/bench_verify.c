/* SPDX-License-Identifier: ISC */
/*
 * Verifies keys through libkeyd, and over a bare socket, beside an echo of as
 * many bytes each way.
 *
 *   bench_verify [-r ROUNDS] [-t MS] PID RUNTIME_DIR ORG USER KEYS...
 *
 * PID is keyd's, for its CPU.  KEYS are rising: with so many keys in the
 * database, one key is asked for again and again, and all at random.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bare.h"
#include "bench.h"
#include "echo.h"
#include "stock.h"

#define PERMISSION "tests:run"
#define MANY 16 /* as many as libkeyd keeps connections */
#define KEYS_MAX 10000000

enum contestant { ECHO, BARE, ONE_KEY, ANY_KEY, CONTESTANTS };

/* Asks for the keys below count at random. */
struct asker {
	struct stock *keys;
	size_t count;
	uint64_t seed[CLIENTS_MAX][8]; /* a cache line for each client */
};

static const struct place {
	const char *name;
	unsigned clients;
	int server_cpu; /* the clients are on the first */
	const char *p50_goal, *p99_goal, *rate_goal; /* ... beside echo */
} places[] = {
	{ "1 client, same core", 1, 0, "<= 1.5", "", "" },
	{ "1 client, other core", 1, 1, "<= 1.5", "", "" },
	{ "16 clients, other core", MANY, 1, "", "<= 1.3", ">= 0.80" },
};

static unsigned rounds = 21;
static int64_t ns = INT64_C(80000000);
static unsigned cpu[2];
static struct bare plain; /* to keyd */
static struct bare echo;
static pid_t keyd_pid, echo_pid;
static struct series series[CONTESTANTS];

/* splitmix64 */
static uint64_t
draw(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool
ask(void *asker, unsigned client)
{
	struct asker *a = asker;
	size_t at = draw(a->seed[client]) % a->count;
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	if (keyd_verify_with(a->keys->handle, a->keys->token[at], PERMISSION,
		&v) != KEYD_OK)
		errx(1, "verify: %s", keyd_strerror(v.status));
	return true;
}

static void
prepare_asker(struct asker *a, struct stock *k, size_t count)
{
	a->keys = k;
	a->count = count;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		a->seed[i][0] = i + 1;
}

static void
measure(const struct place *p, struct stock *k)
{
	static struct asker one, any;
	const struct load load[CONTESTANTS] = {
		[ECHO] = { bare_once, &echo },
		[BARE] = { bare_once, &plain },
		[ONE_KEY] = { ask, &one },
		[ANY_KEY] = { ask, &any },
	};

	prepare_asker(&one, k, 1);
	prepare_asker(&any, k, stock_made(k));
	bench_pin(0, cpu[0]);
	bench_pin(keyd_pid, cpu[p->server_cpu]);
	bench_pin(echo_pid, cpu[p->server_cpu]);
	for (int i = 0; i < CONTESTANTS; i++)
		series[i].rounds = 0;
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < CONTESTANTS; i++)
			bench_round(&series[(i + r) % CONTESTANTS],
			    &load[(i + r) % CONTESTANTS], p->clients, ns);
}

static void
report(const struct place *p)
{
	char what[128];

	snprintf(what, sizeof(what), "verify, %s", p->name);
	bench_report(P50, what, &series[ONE_KEY], "echo", &series[ECHO],
	    p->p50_goal);
	bench_report(P99, what, &series[ONE_KEY], "echo", &series[ECHO],
	    p->p99_goal);
	bench_report(RATE, what, &series[ONE_KEY], "echo", &series[ECHO],
	    p->rate_goal);
	snprintf(what, sizeof(what), "keyd without libkeyd, %s", p->name);
	bench_report(P50, what, &series[BARE], "echo", &series[ECHO], "");
	bench_report(RATE, what, &series[BARE], "echo", &series[ECHO], "");
}

static void
report_any(const struct place *p, size_t count)
{
	char what[128];

	snprintf(what, sizeof(what), "any of %zu keys, %s", count, p->name);
	bench_report(P50, what, &series[ANY_KEY], "one key", &series[ONE_KEY],
	    "");
	bench_report(RATE, what, &series[ANY_KEY], "echo", &series[ECHO],
	    p->rate_goal);
}

static void
run(struct stock *k, size_t count, bool first)
{
	stock_fill(k, count);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		measure(&places[i], k);
		if (first)
			report(&places[i]);
		report_any(&places[i], count);
	}
}

static void
start(struct stock *k, const char *runtime_dir)
{
	bench_two_cpus(cpu);
	stock_fill(k, 1);
	bare_connect(&plain, MANY, runtime_dir, k->token[0], PERMISSION);
	echo.request_len = plain.request_len;
	echo.answer_len = plain.answer_len;
	echo_pid = echo_start(echo.fd, MANY, echo.request_len, echo.answer_len);
}

static size_t
number(const char *text)
{
	long n = strtol(text, NULL, 10);

	if (n < 1 || n > KEYS_MAX)
		errx(2, "%s is no number of keys", text);
	return (size_t)n;
}

int
main(int argc, char **argv)
{
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
	if (argc - optind < 5 || rounds < 1 || rounds > ROUNDS_MAX || ns < 1)
		errx(2,
		    "usage: bench_verify [-r ROUNDS] [-t MS] PID "
		    "RUNTIME_DIR ORG USER KEYS...");
	argv += optind;
	keyd_pid = (pid_t)atoi(argv[0]);
	stock_open(&k, argv[1], argv[2], argv[3],
	    number(argv[argc - optind - 1]));
	start(&k, argv[1]);
	for (int i = 4; i < argc - optind; i++)
		run(&k, number(argv[i]), i == 4);
	echo_stop(echo_pid);
	stock_close(&k);
	return 0;
}
