/* SPDX-License-Identifier: ISC */
/*
 * Asks keyd and its peers about keys at random, with many connections and one
 * thread, beside an echo of as many bytes each way as keyd's.
 *
 *   bench_crowd [-r ROUNDS] [-t MS] [-c CLIENTS] [-d DEPTH] [-s] [-w MS] [-m]
 *       TOPIC NAME:DIALECT:PID:KEYS:SOCKET...
 *
 * DEPTH questions are sent together.  With -s the servers are on the clients'
 * CPU, else on another.  -w: each is asked for so long before the first round,
 * so that it has in memory what it will need.  With -m that is all: each is
 * asked once for each of its keys, in their order, which may take a while. KEYS
 * is how many the server has.
 * The first must be a keyd.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus.h"
#include "crowd.h"
#include "echo.h"

#define CONTESTANTS_MAX 8

struct contestant {
	const char *name;
	const struct dialect *dialect;
	pid_t pid;
	size_t keys;
	const char *path;
	struct crowd *crowd;
	struct series series;
};

static struct contestant contestant[CONTESTANTS_MAX + 1]; /* 0: the echo */
static unsigned contestants = 1;
static unsigned rounds = 7, clients = 16, depth = 1, server_cpu = 1;
static int64_t ns = INT64_C(100000000), warm_up = 1;
static bool meet;

static char *
next(char **rest)
{
	char *word = strsep(rest, ":");

	if (word == NULL || *word == '\0')
		errx(2, "a contestant is NAME:DIALECT:PID:KEYS:SOCKET");
	return word;
}

static void
parse(char *text)
{
	struct contestant *c = &contestant[contestants++];

	if (contestants > CONTESTANTS_MAX)
		errx(2, "at most %d contestants", CONTESTANTS_MAX);
	c->name = next(&text);
	c->dialect = dialect_find(next(&text));
	c->pid = (pid_t)bench_number(next(&text), INT32_MAX, "a process");
	c->keys = bench_number(next(&text), MINT_MAX, "keys");
	c->path = next(&text);
}

/* A server's workers may begin when they are connected to. */
static void
open_one(struct contestant *c, const struct mint_digest *keys)
{
	int fd[CLIENTS_MAX];

	cpus_pin(c->pid, server_cpu);
	for (unsigned i = 0; i < clients; i++)
		fd[i] = dialect_connect(c->dialect, c->path);
	c->crowd = crowd_new(c->dialect, fd, clients, depth, keys, c->keys);
}

static void
open_echo(const struct mint_digest *keys)
{
	struct contestant *echo = &contestant[0], *keyd = &contestant[1];
	int fd[CLIENTS_MAX];
	int one = dialect_connect(keyd->dialect, keyd->path);
	uint8_t question[QUESTION_MAX], answer[QUESTION_MAX];
	size_t n = dialect_keyd_answer(one, answer, sizeof(answer));

	close(one);
	echo->name = "echo";
	echo->dialect = &dialect_echo;
	echo->keys = keyd->keys;
	echo->pid =
	    echo_start(fd, clients, echo->dialect->ask(question, keys), n);
	cpus_pin(echo->pid, server_cpu);
	echo->crowd =
	    crowd_new(echo->dialect, fd, clients, depth, keys, echo->keys);
}

static void
open_all(const struct mint_digest *keys)
{
	open_echo(keys);
	for (unsigned i = 1; i < contestants; i++)
		open_one(&contestant[i], keys);
	cpus_pin(0, 0);
}

static void
close_all(void)
{
	for (unsigned i = 0; i < contestants; i++)
		crowd_free(contestant[i].crowd);
	echo_stop(contestant[0].pid);
}

static void
options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "r:t:c:d:msw:")) != -1) {
		if (c == 'c')
			clients = (unsigned)bench_number(optarg, CLIENTS_MAX,
			    "clients");
		else if (c == 'd')
			depth = (unsigned)bench_number(optarg, DEPTH_MAX,
			    "questions together");
		else if (c == 's')
			server_cpu = 0;
		else if (c == 'm')
			meet = true;
		else if (c == 'w')
			bench_option('t', optarg, NULL, &warm_up);
		else if (!bench_option(c, optarg, &rounds, &ns))
			exit(2);
	}
	if (argc - optind < 2)
		errx(2,
		    "usage: bench_crowd [-r ROUNDS] [-t MS] [-c CLIENTS] "
		    "[-d DEPTH] [-s] [-w MS] [-m] TOPIC "
		    "NAME:DIALECT:PID:KEYS:SOCKET...");
}

static size_t
most_keys(void)
{
	size_t most = 1;

	for (unsigned i = 1; i < contestants; i++)
		if (contestant[i].keys > most)
			most = contestant[i].keys;
	return most;
}

static void
meet_all(void)
{
	for (unsigned i = 0; i < contestants; i++)
		crowd_meet(contestant[i].crowd, &contestant[i].series);
}

static void
measure(void)
{
	for (unsigned i = 0; i < contestants; i++) {
		struct series unused = { 0 };

		crowd_round(contestant[i].crowd, &unused, warm_up);
	}
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < contestants; i++) {
			struct contestant *c =
			    &contestant[(i + r) % contestants];

			crowd_round(c->crowd, &c->series, ns);
		}
}

int
main(int argc, char **argv)
{
	struct mint_digest *keys;

	options(argc, argv);
	for (int i = optind + 1; i < argc; i++)
		parse(argv[i]);
	keys = mint_digests(most_keys());
	open_all(keys);
	if (meet)
		meet_all();
	else
		measure();
	for (unsigned i = 0; i < contestants; i++)
		series_print(&contestant[i].series, argv[optind],
		    contestant[i].name, 1);
	close_all();
	free(keys);
	return 0;
}
