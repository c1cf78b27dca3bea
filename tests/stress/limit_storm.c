/* SPDX-License-Identifier: ISC */
/*
 * Verifies one key from many processes as fast as they can, and checks that as
 * many verifies are accepted as its rate and burst allow: never more, and
 * hardly less.
 *
 *   limit_storm [-k] [-x] [-s SECONDS] RUNTIME_DIR RATE BURST
 *
 * The token is read from standard input; its burst must be whole.  All start
 * together, and each goes on until the time is over.  For the most that may be
 * accepted the time is from before the first verify began until after the last
 * one ended; for the least from the first that was accepted until the last that
 * was refused was sent, since then nothing was left.  So a busy machine is no
 * fault.  -x claims half the rate, and then the checker must find too many.
 *
 * -k kills processes at random, and starts others in their place.  What was
 * leased to them is lost, so nothing is said of the least; what they were given
 * counts when it is given, before they can die.
 */
#include <err.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keyd.h"

#define VERIFIERS 16
#define DEADLINE_MS 20000
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MINUTE (60.0 * (double)NS_PER_S)
#define LEAST 0.99
#define KILL_US 20000 /* from one death to the next, at most */

struct board {
	_Atomic int ready;
	_Atomic bool go;
	/* ns of CLOCK_MONOTONIC. */
	_Atomic int64_t end;
	_Atomic int64_t first; /* answer of those that were accepted */
	_Atomic int64_t last;  /* request of those that were refused */
	_Atomic uint64_t accepted;
	_Atomic uint64_t limited;
	_Atomic uint64_t other;
	_Atomic uint64_t wrong; /* answers that say what cannot be */
};

/* ns of CLOCK_MONOTONIC around all of it. */
struct times {
	int64_t before;
	int64_t after;
};

static struct board *board;
static bool killing;
static bool lying;
static unsigned killed;
static pid_t pids[VERIFIERS];
static int seconds = 4;
static uint32_t rate, burst;
static char token[256];
static struct keyd_options options = KEYD_OPTIONS_INIT;

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* What goes with the verdict must fit it. */
static bool
is_right(const struct keyd_verdict *v)
{
	bool refused = v->status == KEYD_RATE_LIMITED;

	return v->rate_limit == rate && v->rate_remaining < burst &&
	    (v->retry_after >= 1) == refused &&
	    (!refused || v->rate_remaining == 0);
}

static void
note_first(int64_t when)
{
	int64_t first = atomic_load(&board->first);

	while (when < first &&
	    !atomic_compare_exchange_weak(&board->first, &first, when))
		;
}

static void
note_last(int64_t when)
{
	int64_t last = atomic_load(&board->last);

	while (when > last &&
	    !atomic_compare_exchange_weak(&board->last, &last, when))
		;
}

static void
count(enum keyd_status status, int64_t sent)
{
	if (status == KEYD_OK) {
		note_first(now());
		atomic_fetch_add(&board->accepted, 1);
	} else if (status == KEYD_RATE_LIMITED) {
		note_last(sent);
		atomic_fetch_add(&board->limited, 1);
	} else if (atomic_fetch_add(&board->other, 1) == 0) {
		warnx("not a verdict of this test: %s", keyd_strerror(status));
	}
}

static void
verify_one(struct keyd *k)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	int64_t sent = now();

	count(keyd_verify_with(k, token, NULL, &v), sent);
	if (!is_right(&v))
		atomic_fetch_add(&board->wrong, 1);
}

_Noreturn static void
verifier(void)
{
	struct keyd *k;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (keyd_open(&options, &k) != KEYD_OK)
		errx(1, "keyd_open");
	atomic_fetch_add(&board->ready, 1);
	while (!atomic_load(&board->go))
		usleep(1000);
	while (now() < atomic_load(&board->end))
		verify_one(k);
	keyd_close(k);
	exit(0);
}

static void
start(unsigned at)
{
	if ((pids[at] = fork()) == 0)
		verifier();
	if (pids[at] < 0)
		err(1, "fork");
}

/* Some hold a lease, some have not begun; each is in the middle of something.
 */
static void
kill_some(void)
{
	unsigned seed = (unsigned)now();
	unsigned at;

	while (now() < atomic_load(&board->end)) {
		usleep((unsigned)rand_r(&seed) % KILL_US);
		at = (unsigned)rand_r(&seed) % VERIFIERS;
		kill(pids[at], SIGKILL);
		waitpid(pids[at], NULL, 0);
		killed++;
		start(at);
	}
}

static bool
children_ended_well(void)
{
	bool well = true;
	int status;

	while (wait(&status) > 0)
		well = well && status == 0;
	return well;
}

static bool
storm(struct times *t)
{
	bool well;

	for (unsigned i = 0; i < VERIFIERS; i++)
		start(i);
	while (atomic_load(&board->ready) < VERIFIERS)
		usleep(1000);
	t->before = now();
	atomic_store(&board->end, t->before + seconds * NS_PER_S);
	atomic_store(&board->first, INT64_MAX);
	atomic_store(&board->go, true);
	if (killing)
		kill_some();
	well = children_ended_well();
	t->after = now();
	return well;
}

static double
most_in(int64_t ns)
{
	double share = lying ? 0.5 : 1;

	return burst + share * rate * (double)ns / NS_PER_MINUTE;
}

static bool
report(const struct times *t)
{
	double most = most_in(t->after - t->before);
	double least = LEAST * most_in(board->last - board->first);
	double accepted = (double)board->accepted;

	printf("%.0f accepted in %.3f s: %.2f %% of the %.1f that may be; "
	       "%ju refused, %ju other, %ju wrong\n",
	    accepted, (double)(t->after - t->before) / (double)NS_PER_S,
	    100 * accepted / most, most, (uintmax_t)board->limited,
	    (uintmax_t)board->other, (uintmax_t)board->wrong);
	if (killing)
		printf("%u processes died\n", killed);
	if (accepted > most)
		printf("too many\n");
	if (accepted < least && !killing)
		printf("too few\n");
	return accepted <= most && (accepted >= least || killing) &&
	    board->other == 0 && board->wrong == 0;
}

static void
take_arguments(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "ks:x")) != -1) {
		if (c == 'k')
			killing = true;
		else if (c == 'x')
			lying = true;
		else if (c == 's')
			seconds = atoi(optarg);
		else
			exit(2);
	}
	if (argc - optind != 3 || seconds < 1)
		errx(2,
		    "usage: limit_storm [-k] [-x] [-s SECONDS] "
		    "DIR RATE BURST");
	options.runtime_dir = argv[optind];
	options.deadline_ms = DEADLINE_MS;
	rate = (uint32_t)strtoul(argv[optind + 1], NULL, 10);
	burst = (uint32_t)strtoul(argv[optind + 2], NULL, 10);
	if (fgets(token, sizeof(token), stdin) == NULL)
		errx(2, "no token on standard input");
	token[strcspn(token, "\n")] = '\0';
}

int
main(int argc, char **argv)
{
	struct times t;
	bool good;

	take_arguments(argc, argv);
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		err(1, "mmap");
	good = storm(&t);
	return report(&t) && good ? 0 : 1;
}
