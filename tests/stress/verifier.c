/* SPDX-License-Identifier: ISC */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "verifier.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define WINDOW 48 /* the newest keys, of which some are revoked */
#define BATCH 400 /* verifies of a key in a row */
#define OTHER 32  /* one batch in so many asks for another permission too */
#define THREADS 3
/* Who forks has a thread beside, unless it is with a sanitizer: those of GCC 12
   leave the locks of their malloc held in the child, which then hangs. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FORKING_THREADS 1
#else
#define FORKING_THREADS 2
#endif
#define FORK_EVERY 100 /* batches */
#define CHILD_BATCHES 20
#define NAP_US 500      /* when keyd does not answer */
#define FORWARDS 100000 /* s that the clock of a namespace is ahead */

/* Of one thread. */
struct work {
	const struct verifier *verifier;
	struct keyd *handle;
	unsigned seed;
	struct tally tally;
};

static _Thread_local bool asked;

/* The library's too: so that it is seen which verifies ask keyd. */
ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	asked = true;
	return sendto(fd, buf, len, flags, NULL, 0);
}

static struct key *
pick(struct work *w)
{
	struct board *b = w->verifier->board;
	int at = atomic_load(&b->newest) - (int)(rand_r(&w->seed) % WINDOW);

	return &b->key[at < 0 ? 0 : at];
}

static enum keyd_status
verify_one(struct work *w, struct key *k)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	enum key_state before = board_state(k);
	enum keyd_status status;

	asked = false;
	status = keyd_verify_with(w->handle, k->token, "tests:run", &v);
	board_judge(k, before, status, &v, asked, &w->tally);
	return status;
}

static void
verify_other(struct work *w, struct key *k)
{
	enum key_state before = board_state(k);
	enum keyd_status status;

	asked = false;
	status = keyd_verify_with(w->handle, k->token, "billing:manage", NULL);
	board_judge_other(k, before, status, asked, &w->tally);
}

static void
verify_batch(struct work *w)
{
	struct key *k = pick(w);
	enum keyd_status status = KEYD_OK;

	if (board_state(k) == EMPTY)
		return;
	if (rand_r(&w->seed) % OTHER == 0)
		verify_other(w, k);
	for (int i = 0; i < BATCH && status == KEYD_OK; i++)
		status = verify_one(w, k);
	board_add(w->verifier->board, &w->tally);
	if (status < 0)
		usleep(NAP_US);
}

static bool
is_over(const struct work *w)
{
	return atomic_load(&w->verifier->board->done);
}

static void *
verify_all(void *arg)
{
	struct work *w = arg;

	while (!is_over(w))
		verify_batch(w);
	return NULL;
}

/* What the parent knows is not the child's; it goes on all the same. */
_Noreturn static void
go_on(struct work *w)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	w->tally = (struct tally){ .children = 1 };
	w->seed += 1000;
	for (int i = 0; i < CHILD_BATCHES && !is_over(w); i++)
		verify_batch(w);
	board_add(w->verifier->board, &w->tally);
	/* Not by _exit: a sanitizer would miss the threads of the parent. */
	syscall(SYS_exit_group, 0);
	abort();
}

static void
end_child(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) == pid && status != 0)
		errx(1, "a child ended with %#x", (unsigned)status);
}

/* A child at a time, beside which the parent goes on. */
static void *
verify_and_fork(void *arg)
{
	struct work *w = arg;
	pid_t pid = -1;

	while (!is_over(w)) {
		for (int i = 0; i < FORK_EVERY && !is_over(w); i++)
			verify_batch(w);
		if (pid > 0)
			end_child(pid);
		if ((pid = fork()) == 0)
			go_on(w);
		if (pid < 0)
			err(1, "fork");
	}
	if (pid > 0)
		end_child(pid);
	return NULL;
}

static bool
enter_namespace(int64_t ahead)
{
	char text[128];
	ssize_t n;
	int fd;

	if (unshare(CLONE_NEWTIME) != 0)
		return false;
	n = snprintf(text, sizeof(text), "monotonic %jd 0\nboottime %jd 0\n",
	    (intmax_t)ahead, (intmax_t)ahead);
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n -= write(fd, text, (size_t)n);
	close(fd);
	return n == 0;
}

const char *
verifier_no_namespace(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(enter_namespace(1) ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "fork");
	return status == 0 ? NULL : strerror(WEXITSTATUS(status));
}

/* Only children are in it.  Half of them are ahead, half as far behind as the
   machine is up. */
static void
enter(unsigned number)
{
	struct timespec up;
	int status;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &up);
	if (!enter_namespace(number / 4 % 2 == 0 ? FORWARDS : -up.tv_sec / 2))
		err(1, "time namespace");
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "fork");
	_exit(status == 0 ? 0 : 1);
}

static void
run_threads(struct work *w, unsigned threads, void *(*first)(void *))
{
	pthread_t thread[THREADS];
	struct work works[THREADS];

	for (unsigned i = 1; i < threads; i++) {
		works[i] = *w;
		works[i].seed += i * 100;
		if (pthread_create(&thread[i], NULL, verify_all, &works[i]) !=
		    0)
			errx(1, "pthread_create");
	}
	first(w);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(thread[i], NULL);
}

void
verifier_run(const struct verifier *v)
{
	struct work w = { .verifier = v, .seed = v->number + 1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (v->number % 4 == 3 && v->namespaces)
		enter(v->number);
	if (keyd_open(v->options, &w.handle) != KEYD_OK)
		errx(1, "keyd_open");
	if (v->number % 4 == 1)
		run_threads(&w, THREADS, verify_all);
	else if (v->number % 4 == 2)
		run_threads(&w, FORKING_THREADS, verify_and_fork);
	else
		run_threads(&w, 1, verify_all);
	keyd_close(w.handle);
	exit(0);
}
