/* SPDX-License-Identifier: ISC */
#include <sys/syscall.h>

#include <linux/futex.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "heart.h"

struct heart {
	_Atomic uint32_t *word;
	struct robust_list_head list;
	struct robust_list entry;
	pthread_t thread;
	sem_t beating; /* the word is held, or it failed with error */
	sem_t end;
	int error;
};

/* The C library's own list is of no use to a thread that locks nothing. */
static int
hold(struct heart *h)
{
	h->entry.next = &h->list.list;
	h->list.list.next = &h->entry;
	h->list.futex_offset = (char *)h->word - (char *)&h->entry;
	h->list.list_op_pending = NULL;
	if (syscall(SYS_set_robust_list, &h->list, sizeof(h->list)) != 0)
		return errno;
	atomic_store(h->word, (uint32_t)syscall(SYS_gettid));
	return 0;
}

static void *
die(void *arg)
{
	struct heart *h = arg;

	h->error = hold(h);
	return NULL;
}

static void *
beat(void *arg)
{
	struct heart *h = arg;

	h->error = hold(h);
	sem_post(&h->beating);
	while (sem_wait(&h->end) != 0)
		;
	return NULL;
}

/* Signals are the loop's. */
static int
start_thread(struct heart *h, void *(*run)(void *))
{
	sigset_t all, old;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&h->thread, NULL, run, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return e;
}

bool
heart_works(_Atomic uint32_t *word)
{
	struct heart h = { .word = word };
	bool marked;

	if (start_thread(&h, die) != 0)
		return false;
	pthread_join(h.thread, NULL);
	marked = atomic_load(word) == FUTEX_OWNER_DIED;
	atomic_store(word, 0);
	return h.error == 0 && marked;
}

struct heart *
heart_start(_Atomic uint32_t *word)
{
	struct heart *h = calloc(1, sizeof(*h));
	int e;

	if (h == NULL)
		return NULL;
	h->word = word;
	sem_init(&h->beating, 0, 0);
	sem_init(&h->end, 0, 0);
	if ((e = start_thread(h, beat)) != 0) {
		free(h);
		errno = e;
		return NULL;
	}
	while (sem_wait(&h->beating) != 0)
		;
	if (h->error == 0)
		return h;
	e = h->error;
	heart_stop(h);
	errno = e;
	return NULL;
}

void
heart_stop(struct heart *h)
{
	if (h == NULL)
		return;
	atomic_store(h->word, 0);
	sem_post(&h->end);
	pthread_join(h->thread, NULL);
	sem_destroy(&h->beating);
	sem_destroy(&h->end);
	free(h);
}
