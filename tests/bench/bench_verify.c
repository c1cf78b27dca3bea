/* SPDX-License-Identifier: ISC */
/*
 * Verifies keys through libkeyd without its cache, beside an echo through the
 * same code of libkeyd, munge through libmunge and sqlite in this process.
 *
 *   bench_verify [-r ROUNDS] [-t MS] PID RUNTIME_DIR KEYS MUNGED_PID
 *       MUNGE_SOCKET FOLDER
 *
 * PID is keyd's, for its CPU; it has KEYS keys.  FOLDER is empty.
 */
#include <sys/stat.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "client.h"
#include "cpus.h"
#include "credentials.h"
#include "dialect.h"
#include "library.h"
#include "mock.h"
#include "rows.h"

#define MANY 16 /* as many as libkeyd keeps connections */

enum contestant { MOCK, KEYD, MUNGE, SQLITE, CONTESTANTS };

struct asker {
	struct keyd *handle;
	const struct mint_token *tokens;
	size_t count;
	uint64_t seed[CLIENTS_MAX][8]; /* a cache line for each client */
};

static const struct place {
	const char *topic;
	unsigned clients;
	unsigned server_cpu; /* the clients are on the first */
} places[] = {
	{ "through a library, 1 client, same core", 1, 0 },
	{ "through a library, 1 client", 1, 1 },
	{ "through a library, 16 clients", MANY, 1 },
};

static const char *const names[CONTESTANTS] = {
	[MOCK] = "echo through libkeyd",
	[KEYD] = "keyd",
	[MUNGE] = "munge",
	[SQLITE] = "sqlite",
};

static unsigned rounds = 7;
static int64_t ns = INT64_C(80000000);
static pid_t keyd_pid, munged_pid, mock_pid;
static struct asker mock, keyd;
static struct rows *rows;

static bool
ask(void *asker, unsigned client)
{
	struct asker *a = asker;
	size_t at = mint_draw(a->seed[client]) % a->count;

	bench_verify(a->handle, a->tokens[at].text);
	return true;
}

static void
prepare(struct asker *a, const char *runtime_dir,
    const struct mint_token *tokens, size_t count)
{
	a->handle = bench_handle(runtime_dir, false);
	a->tokens = tokens;
	a->count = count;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		a->seed[i][0] = i + 1;
}

static void
start_mock(const char *runtime_dir, const char *folder)
{
	char path[4096];
	uint8_t answer[QUESTION_MAX];
	size_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", runtime_dir, CLIENT_VERIFY);
	fd = dialect_connect(&dialect_keyd, path);
	len = dialect_keyd_answer(fd, answer, sizeof(answer));
	close(fd);
	mock_pid = mock_start(folder, answer, len);
}

/* sqlite is in one thread, and knows no place. */
static void
measure(const struct place *p)
{
	static struct series series[CONTESTANTS];
	const struct load load[CONTESTANTS] = {
		[MOCK] = { .once = ask, .state = &mock },
		[KEYD] = { .once = ask, .state = &keyd },
		[MUNGE] = { .once = credentials_decode },
		[SQLITE] = { .once = rows_ask, .state = rows },
	};
	unsigned contestants = p->clients == 1 ? CONTESTANTS : SQLITE;

	memset(series, 0, sizeof(series));
	cpus_pin(0, 0);
	cpus_pin(keyd_pid, p->server_cpu);
	cpus_pin(mock_pid, p->server_cpu);
	cpus_pin(munged_pid, p->server_cpu);
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < contestants; i++) {
			unsigned at = (i + r) % contestants;

			bench_round(&series[at], &load[at], p->clients, ns);
		}
	for (unsigned i = 0; i < contestants; i++)
		series_print(&series[i], p->topic, names[i], 1);
}

static void
run(char **argv)
{
	size_t count = bench_number(argv[2], MINT_MAX, "keys");
	struct mint_token *tokens = mint_tokens(count);
	struct mint_digest *digests = mint_digests(count);

	keyd_pid = (pid_t)bench_number(argv[0], INT32_MAX, "a process");
	munged_pid = (pid_t)bench_number(argv[3], INT32_MAX, "a process");
	start_mock(argv[1], argv[5]);
	prepare(&keyd, argv[1], tokens, count);
	prepare(&mock, argv[5], tokens, count);
	credentials_open(argv[4]);
	rows = rows_open(argv[5], digests, count);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		measure(&places[i]);
	rows_close(rows);
	credentials_close();
	keyd_close(keyd.handle);
	keyd_close(mock.handle);
	mock_stop(mock_pid);
	free(tokens);
	free(digests);
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "r:t:")) != -1)
		if (!bench_option(c, optarg, &rounds, &ns))
			return 2;
	if (argc - optind != 6)
		errx(2,
		    "usage: bench_verify [-r ROUNDS] [-t MS] PID RUNTIME_DIR "
		    "KEYS MUNGED_PID MUNGE_SOCKET FOLDER");
	run(argv + optind);
	return 0;
}
