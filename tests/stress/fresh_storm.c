/* SPDX-License-Identifier: ISC */
/*
 * Verifies keys from 16 processes, mostly from memory, while they are made and
 * revoked, and checks that no verdict is stale or otherwise wrong.
 *
 *   fresh_storm [-l LIE] [-n KEYS] [-v VERIFIES] [-d DEADLINE_MS] [-t]
 *       RUNTIME_DIR ORG USER
 *
 * It ends when all keys are revoked and so many verifies were answered from
 * memory.  keyd may be killed, stopped and restarted meanwhile.  -t lets some
 * of the processes run in time namespaces of their own, or fails.  -l makes the
 * revokers lie: "early", "first" or "late" (revoker.h); then the checker must
 * find what is wrong, or it cannot find anything.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "revoker.h"
#include "verifier.h"

#define VERIFIERS 16
#define KEYS_MAX 10000000
#define STOP_EVERY_US 20000
#define STOP_US 10000 /* at most */

static pid_t pids[VERIFIERS];
static struct keyd_options quick = KEYD_OPTIONS_INIT;
static struct keyd_options patient = KEYD_OPTIONS_INIT;
static struct revokers revokers = { .options = &patient,
	.keys = 10000,
	.verifies = 0 };
static bool namespaces;
static atomic_bool calm; /* no process is stopped any more */

static void
start_verifiers(void)
{
	for (unsigned i = 0; i < VERIFIERS; i++) {
		struct verifier v = { revokers.board, &quick, i, namespaces };

		if ((pids[i] = fork()) == 0)
			verifier_run(&v);
		if (pids[i] < 0)
			err(1, "fork");
	}
}

/* A process that the machine has no time for, wherever it is. */
static void *
stop_some(void *arg)
{
	unsigned seed = 1;

	while (!atomic_load(&calm)) {
		pid_t pid = pids[rand_r(&seed) % VERIFIERS];

		kill(pid, SIGSTOP);
		usleep((unsigned)rand_r(&seed) % STOP_US);
		kill(pid, SIGCONT);
		usleep(STOP_EVERY_US);
	}
	return arg;
}

static bool
verifiers_end_well(void)
{
	bool well = true;
	int status;

	atomic_store(&revokers.board->done, true);
	for (unsigned i = 0; i < VERIFIERS; i++)
		well = waitpid(pids[i], &status, 0) == pids[i] && status == 0 &&
		    well;
	return well;
}

/* A sanitizer that looks for leaks at the end of a process is not to be stopped
   in it: so they are told to end only then. */
static bool
storm(void)
{
	pthread_t stopper;

	start_verifiers();
	if (pthread_create(&stopper, NULL, stop_some, NULL) != 0)
		errx(1, "pthread_create");
	revokers_run(&revokers);
	atomic_store(&calm, true);
	pthread_join(stopper, NULL);
	return verifiers_end_well();
}

static bool
report(const struct board *b)
{
	struct tally t = board_sum(b);

	printf("%ju keys revoked, %ju creates without an answer; %ju verifies "
	       "by %d processes and %ju children: %ju accepted, of which %ju "
	       "from memory, %ju refused, %ju without a decision (%ju "
	       "timeouts, %ju busy); %ju asked "
	       "keyd; %ju stale, %ju back, %ju false refusals, %ju wrong\n",
	    (uintmax_t)b->revoked, (uintmax_t)b->unknown,
	    (uintmax_t)(t.accepted + t.refused + t.undecided), VERIFIERS,
	    (uintmax_t)t.children, (uintmax_t)t.accepted,
	    (uintmax_t)t.remembered, (uintmax_t)t.refused,
	    (uintmax_t)t.undecided, (uintmax_t)t.timeouts, (uintmax_t)t.busy,
	    (uintmax_t)t.asked, (uintmax_t)t.stale, (uintmax_t)t.back,
	    (uintmax_t)t.false_refusals, (uintmax_t)t.wrong);
	return t.stale == 0 && t.back == 0 && t.false_refusals == 0 &&
	    t.wrong == 0 && b->revoked == (uint64_t)revokers.keys;
}

static enum lie
lie_of(const char *text)
{
	if (strcmp(text, "early") == 0)
		return EARLY;
	if (strcmp(text, "first") == 0)
		return FIRST;
	return LATE;
}

static void
take_arguments(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "d:l:n:tv:")) != -1) {
		if (c == 'd')
			quick.deadline_ms = patient.change_deadline_ms =
			    (unsigned)atoi(optarg);
		else if (c == 'l')
			revokers.lie = lie_of(optarg);
		else if (c == 'n')
			revokers.keys = atoi(optarg);
		else if (c == 't')
			namespaces = true;
		else if (c == 'v')
			revokers.verifies = strtoull(optarg, NULL, 10);
		else
			exit(2);
	}
	if (argc - optind != 3 || revokers.keys < 1 || revokers.keys > KEYS_MAX)
		errx(2,
		    "usage: fresh_storm [-l LIE] [-n KEYS] [-v VERIFIES] "
		    "[-d DEADLINE_MS] [-t] DIR ORG USER");
	quick.runtime_dir = patient.runtime_dir = argv[optind];
	revokers.org = argv[optind + 1];
	revokers.user = argv[optind + 2];
}

/* Others append to the file too: whole lines only. */
static void
open_tokens(void)
{
	const char *path = getenv("KEYD_TEST_TOKENS");

	umask(077);
	if (path == NULL)
		return;
	if ((revokers.tokens = fopen(path, "ae")) == NULL)
		err(1, "%s", path);
	setvbuf(revokers.tokens, NULL, _IOLBF, 0);
}

int
main(int argc, char **argv)
{
	struct board *board;
	const char *why;
	bool good;

	take_arguments(argc, argv);
	if (namespaces && (why = verifier_no_namespace()) != NULL)
		errx(77, "no time namespace: %s", why);
	open_tokens();
	board = board_new((size_t)revokers.keys);
	revokers.board = board;
	good = storm();
	if (revokers.tokens != NULL && fclose(revokers.tokens) != 0)
		err(1, "tokens");
	return report(board) && good ? 0 : 1;
}
