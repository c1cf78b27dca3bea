/* SPDX-License-Identifier: ISC */
/*
 * Verifies keys from many processes while they are made and revoked, and
 * checks that none is accepted by a verify that began after its revocation
 * was acknowledged.
 *
 * The revoker writes what it knows of a key to shared memory: live, being
 * revoked, revoked.  A verifier reads that before it begins and after it has
 * ended.  "Revoked" before, and accepted: stale.  "Live" after, and refused:
 * a false refusal.
 *
 *   revoke_storm [-i] [-n KEYS] RUNTIME_DIR ORG USER
 *
 * -i makes the revoker lie: it says "revoked" before it asks for it.  Then the
 * checker must find stale verdicts, or it cannot find any.
 */
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyd.h"

#define VERIFIERS 16
#define REVOKERS 8 /* threads of the one process that manages */
#define AHEAD 4    /* keys that a revoker keeps live */
#define WINDOW 96  /* the newest keys, of which most are in motion */
#define KEYS_MAX 1000000
#define DEADLINE_MS 20000
#define LIE_EVERY 10

enum slot_state { EMPTY, LIVE, REVOKING, REVOKED };

struct slot {
	_Atomic int state;
	char token[KEYD_TOKEN_SIZE]; /* written before LIVE is */
};

struct board {
	_Atomic bool done;
	_Atomic int newest; /* index of the newest key, about */
	_Atomic uint64_t accepted;
	_Atomic uint64_t refused;
	_Atomic uint64_t stale;
	_Atomic uint64_t false_refusals;
	_Atomic uint64_t undecided;
	_Atomic uint64_t revoked;
	struct slot slot[];
};

static struct board *board;
static int keys = 10000;
static bool lying;
static const char *org;
static const char *user;
static struct keyd_options options = KEYD_OPTIONS_INIT;
static FILE *tokens; /* where they are noted for the secret hunt, or NULL */

static size_t
board_size(void)
{
	return sizeof(*board) + (size_t)keys * sizeof(board->slot[0]);
}

static void
judge(int before, enum keyd_status status, int after)
{
	if (status == KEYD_OK)
		atomic_fetch_add(&board->accepted, 1);
	else if (status > 0)
		atomic_fetch_add(&board->refused, 1);
	else if (atomic_fetch_add(&board->undecided, 1) == 0)
		warnx("no decision: %s", keyd_strerror(status));
	if (status == KEYD_OK && before == REVOKED)
		atomic_fetch_add(&board->stale, 1);
	if (status > 0 && after == LIVE)
		atomic_fetch_add(&board->false_refusals, 1);
}

static void
verify_one(struct keyd *k, unsigned *seed)
{
	int at = atomic_load(&board->newest) - (int)(rand_r(seed) % WINDOW);
	struct slot *s = &board->slot[at < 0 ? 0 : at];
	int before = atomic_load_explicit(&s->state, memory_order_acquire);
	enum keyd_status status;

	if (before == EMPTY)
		return;
	status = keyd_verify_with(k, s->token, "tests:run", NULL);
	judge(before, status,
	    atomic_load_explicit(&s->state, memory_order_acquire));
}

_Noreturn static void
verifier(unsigned seed)
{
	struct keyd *k;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (keyd_open(&options, &k) != KEYD_OK)
		errx(1, "keyd_open");
	while (!atomic_load(&board->done))
		verify_one(k, &seed);
	keyd_close(k);
	exit(0);
}

static void
make(struct keyd *k, int at, char *id)
{
	struct keyd_key_options o = KEYD_KEY_OPTIONS_INIT;
	struct keyd_key key = KEYD_KEY_INIT;
	struct slot *s = &board->slot[at];
	char name[32];

	snprintf(name, sizeof(name), "storm %d", at);
	o.org = org;
	o.user = user;
	o.name = name;
	if (keyd_create(k, &o, s->token, sizeof(s->token), &key) != KEYD_OK)
		errx(1, "create: %s", key.message);
	if (tokens != NULL)
		fprintf(tokens, "%s\n", s->token);
	memcpy(id, key.id, sizeof(key.id));
	atomic_store_explicit(&s->state, LIVE, memory_order_release);
	if (atomic_load(&board->newest) < at)
		atomic_store(&board->newest, at);
}

static void
take_back(struct keyd *k, int at, const char *id)
{
	struct slot *s = &board->slot[at];
	bool lie = lying && at % LIE_EVERY == 0;
	enum keyd_status status;

	atomic_store(&s->state, lie ? REVOKED : REVOKING);
	if (lie)
		usleep(2000);
	if ((status = keyd_revoke(k, id, "storm")) != KEYD_OK)
		errx(1, "revoke: %s", keyd_strerror(status));
	atomic_store_explicit(&s->state, REVOKED, memory_order_release);
	atomic_fetch_add(&board->revoked, 1);
}

struct revoker {
	struct keyd *k;
	int first;
};

/* Makes the keys first, first + REVOKERS, ...; revokes each AHEAD later. */
static void *
revoker(void *arg)
{
	struct revoker *r = arg;
	char id[AHEAD][KEYD_ID_SIZE];
	int turn = 0;
	int at;

	for (at = r->first; at < keys + AHEAD * REVOKERS; at += REVOKERS) {
		int old = at - AHEAD * REVOKERS;

		if (old >= 0)
			take_back(r->k, old, id[turn % AHEAD]);
		if (at < keys)
			make(r->k, at, id[turn % AHEAD]);
		turn++;
	}
	return NULL;
}

static void
manage(void)
{
	struct revoker r[REVOKERS];
	pthread_t thread[REVOKERS];
	struct keyd *k;

	if (keyd_open(&options, &k) != KEYD_OK)
		errx(1, "keyd_open");
	for (int i = 0; i < REVOKERS; i++) {
		r[i] = (struct revoker){ k, i };
		if (pthread_create(&thread[i], NULL, revoker, &r[i]) != 0)
			errx(1, "pthread_create");
	}
	for (int i = 0; i < REVOKERS; i++)
		pthread_join(thread[i], NULL);
	keyd_close(k);
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
report(void)
{
	printf("%ju keys revoked; %ju verifies: %ju accepted, %ju refused, "
	       "%ju without a decision; %ju stale, %ju false refusals\n",
	    (uintmax_t)board->revoked,
	    (uintmax_t)(board->accepted + board->refused + board->undecided),
	    (uintmax_t)board->accepted, (uintmax_t)board->refused,
	    (uintmax_t)board->undecided, (uintmax_t)board->stale,
	    (uintmax_t)board->false_refusals);
	return board->stale == 0 && board->false_refusals == 0 &&
	    board->undecided == 0 && board->revoked == (uint64_t)keys;
}

static void
storm(void)
{
	for (unsigned i = 0; i < VERIFIERS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			verifier(i + 1);
		if (pid < 0)
			err(1, "fork");
	}
	manage();
	atomic_store(&board->done, true);
}

static void
take_arguments(int argc, char **argv)
{
	const char *path = getenv("KEYD_TEST_TOKENS");
	int c;

	while ((c = getopt(argc, argv, "in:")) != -1) {
		if (c == 'i')
			lying = true;
		else if (c == 'n')
			keys = atoi(optarg);
		else
			exit(2);
	}
	if (argc - optind != 3 || keys < 1 || keys > KEYS_MAX)
		errx(2, "usage: revoke_storm [-i] [-n KEYS] DIR ORG USER");
	options.runtime_dir = argv[optind];
	options.deadline_ms = DEADLINE_MS;
	options.change_deadline_ms = DEADLINE_MS;
	org = argv[optind + 1];
	user = argv[optind + 2];
	umask(077);
	if (path != NULL && (tokens = fopen(path, "ae")) == NULL)
		err(1, "%s", path);
	if (tokens != NULL) /* others append to it too: whole lines only */
		setvbuf(tokens, NULL, _IOLBF, 0);
}

int
main(int argc, char **argv)
{
	bool good;

	take_arguments(argc, argv);
	board = mmap(NULL, board_size(), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		err(1, "mmap");
	storm();
	good = children_ended_well();
	if (tokens != NULL && fclose(tokens) != 0)
		err(1, "tokens");
	return report() && good ? 0 : 1;
}
