/* SPDX-License-Identifier: ISC */
/*
 * How long verifies take while 64 clients create keys without pause, beside
 * the same when it is quiet; and what an echo makes of it.
 *
 *   bench_storm [-r ROUNDS] [-t MS] PID RUNTIME_DIR KEYS ORG USER
 *
 * PID is keyd's, for its CPU; it has KEYS keys.  The clients that create share
 * the other CPU with the one that verifies.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "client.h"
#include "cpus.h"
#include "crowd.h"
#include "echo.h"
#include "library.h"
#include "stock.h"

#define ROOM 1000000 /* keys, more than can be made in the time */
#define FOREVER INT64_C(120000000000) /* ns; it is ended before */
#define CLOUDS 100000000 /* ns from the first create to the first verify */
#define HOT 100

enum contestant { ECHO, KEYD, CACHED, CONTESTANTS };

static const char *const names[CONTESTANTS] = { "echo", "keyd", "cached" };

struct scene {
	const char *runtime_dir, *org, *user;
	size_t count;
	const struct mint_digest *keys;
	const struct mint_token *hot;
	struct keyd *cached;
	struct crowd *echo, *keyd;
	size_t next; /* of the hot ones */
};

static unsigned rounds = 5;
static int64_t ns = INT64_C(200000000);

static bool
verify_hot(void *scene, unsigned client)
{
	struct scene *s = scene;

	(void)client;
	bench_verify(s->cached, s->hot[s->next++ % HOT].text);
	return true;
}

_Noreturn static void
create_on_and_on(const struct scene *s)
{
	struct stock k;
	const struct load make = { .once = stock_make, .state = &k };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setpriority(PRIO_PROCESS, 0, 19) != 0)
		err(1, "setpriority");
	stock_open(&k, s->runtime_dir, s->org, s->user, ROOM);
	bench_run(&make, CLIENTS_MAX, FOREVER);
	errx(1, "the storm is over too soon");
}

static pid_t
storm_begin(const struct scene *s)
{
	const struct timespec wait = { .tv_nsec = CLOUDS };
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		create_on_and_on(s);
	nanosleep(&wait, NULL);
	return pid;
}

static void
storm_end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		errx(1, "there was no storm to the end");
}

static void
measure(struct scene *s, struct series series[CONTESTANTS])
{
	const struct load hot = { .once = verify_hot, .state = s };

	crowd_round(s->echo, &series[ECHO], ns);
	crowd_round(s->keyd, &series[KEYD], ns);
	bench_round(&series[CACHED], &hot, 1, ns);
}

static void
measure_all(struct scene *s)
{
	static struct series quiet[CONTESTANTS], storm[CONTESTANTS];

	for (unsigned r = 0; r < rounds; r++) {
		pid_t pid;

		measure(s, quiet);
		pid = storm_begin(s);
		measure(s, storm);
		storm_end(pid);
	}
	for (unsigned i = 0; i < CONTESTANTS; i++) {
		series_print(&quiet[i], "quiet", names[i], 1);
		series_print(&storm[i], "while 64 clients create", names[i], 1);
	}
}

static struct crowd *
open_keyd(const struct scene *s)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", s->runtime_dir, CLIENT_VERIFY);
	fd = dialect_connect(&dialect_keyd, path);
	return crowd_new(&dialect_keyd, &fd, 1, 1, s->keys, s->count);
}

static pid_t
open_echo(struct scene *s)
{
	uint8_t question[QUESTION_MAX], answer[QUESTION_MAX];
	char path[4096];
	size_t asked, answered;
	int fd;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s", s->runtime_dir, CLIENT_VERIFY);
	fd = dialect_connect(&dialect_keyd, path);
	answered = dialect_keyd_answer(fd, answer, sizeof(answer));
	close(fd);
	asked = dialect_echo.ask(question, s->keys);
	pid = echo_start(&fd, 1, asked, answered);
	cpus_pin(pid, 1);
	s->echo = crowd_new(&dialect_echo, &fd, 1, 1, s->keys, s->count);
	return pid;
}

static void
run(char **argv)
{
	struct scene s = { .runtime_dir = argv[1],
		.org = argv[3],
		.user = argv[4],
		.count = bench_number(argv[2], MINT_MAX, "keys") };
	struct mint_digest *keys = mint_digests(s.count);
	struct mint_token *hot = mint_tokens(HOT);
	pid_t echo_pid;

	s.keys = keys;
	s.hot = hot;
	cpus_pin((pid_t)bench_number(argv[0], INT32_MAX, "a process"), 1);
	echo_pid = open_echo(&s);
	s.keyd = open_keyd(&s);
	s.cached = bench_handle(s.runtime_dir, true);
	cpus_pin(0, 0);
	measure_all(&s);
	keyd_close(s.cached);
	crowd_free(s.keyd);
	crowd_free(s.echo);
	echo_stop(echo_pid);
	free(keys);
	free(hot);
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "r:t:")) != -1)
		if (!bench_option(c, optarg, &rounds, &ns))
			return 2;
	if (argc - optind != 5)
		errx(2,
		    "usage: bench_storm [-r ROUNDS] [-t MS] PID RUNTIME_DIR "
		    "KEYS ORG USER");
	run(argv + optind);
	return 0;
}
