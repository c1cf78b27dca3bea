/* SPDX-License-Identifier: ISC */
#include <sys/eventfd.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "place.h"
#include "writer.h"

/*
 * Changes of one commit.  The kernel writes their pages without a stop, and the
 * loop that shares the processor waits: a hundred us for a dozen.  On a disk,
 * or a processor, that takes longer for a commit, more have to share it.
 */
#define BATCH_FEW 12
#define BATCH_PER_MS 4 /* of the last commit */
#define BATCH_MAX 256

struct writer {
	struct store *store;
	struct reserve *reserve;
	pthread_t thread;
	int event_fd;
	uint32_t queue; /* the most that wait */
	atomic_bool broken;
	atomic_bool disk_full;
	bool commit_failed; /* in this batch; the thread's own, like the next */
	uint32_t batch;     /* the most that the next may have */

	pthread_mutex_t lock; /* over all below */
	pthread_cond_t wake;
	struct changes waiting;
	uint32_t waiting_count;
	uint32_t under_way;
	struct place place;
	struct changes done;
	bool begun;
	bool stopping;
};

static void
fail_all(struct changes *batch, enum error_code code)
{
	struct change *ch;

	STAILQ_FOREACH (ch, batch, entries)
		change_fail(ch, code);
}

/* After a failed commit nobody knows, not even about a refusal: it may rest on
   a change of the same transaction. */
static void
commit(struct writer *w, struct store_txn *t, struct changes *batch)
{
	enum store_status rc = store_commit(t);

	if (rc == STORE_OK)
		return;
	fail_all(batch, ERROR_OUTCOME);
	if (rc == STORE_PANIC)
		atomic_store(&w->broken, true);
	else
		w->commit_failed = true;
}

static bool
is_disk_full(const struct writer *w)
{
	return w->reserve != NULL && w->reserve->spent;
}

/* All of them in one transaction.  False, and nothing written, when the store
   failed before the commit. */
static bool
write_together(struct writer *w, struct changes *batch)
{
	struct store_txn *t;
	struct change *ch;
	enum store_status rc = store_begin(w->store, &t);
	bool wrote = false;

	if (rc == STORE_PANIC)
		atomic_store(&w->broken, true);
	if (rc != STORE_OK) {
		fail_all(batch, ERROR_STORE);
		return false;
	}
	STAILQ_FOREACH (ch, batch, entries) {
		if (change_apply(ch, t, is_disk_full(w)) == OP_FAILED) {
			store_abort(t);
			return false;
		}
		wrote = wrote || ch->wrote;
	}
	if (wrote)
		commit(w, t, batch);
	else
		store_abort(t);
	return true;
}

/* Each in a transaction of its own: one that finds no room must not take the
   others down with it.  again: only the urgent ones, after a failed commit, so
   that what fails now may have been done then. */
static void
write_singly(struct writer *w, struct changes *batch, bool again)
{
	struct changes one, after = STAILQ_HEAD_INITIALIZER(after);
	struct change *ch;

	while ((ch = STAILQ_FIRST(batch)) != NULL) {
		STAILQ_REMOVE_HEAD(batch, entries);
		STAILQ_INIT(&one);
		STAILQ_INSERT_TAIL(&one, ch, entries);
		if ((!again || change_is_urgent(ch)) &&
		    !write_together(w, &one) && again)
			change_fail(ch, ERROR_OUTCOME);
		STAILQ_CONCAT(&after, &one);
	}
	STAILQ_CONCAT(batch, &after);
}

/* A revocation may be done twice, so it may be tried again when it is not
   known whether it was done. */
static void
write_batch(struct writer *w, struct changes *batch)
{
	w->commit_failed = false;
	if (is_disk_full(w))
		reserve_restore(w->reserve);
	if (!write_together(w, batch))
		write_singly(w, batch, false);
	if (w->commit_failed && w->reserve != NULL &&
	    reserve_release(w->reserve))
		write_singly(w, batch, true);
	atomic_store(&w->disk_full, is_disk_full(w));
}

static void
wait_for_work(struct writer *w, struct changes *batch)
{
	STAILQ_INIT(batch);
	pthread_mutex_lock(&w->lock);
	while (w->waiting_count == 0 && !w->stopping)
		pthread_cond_wait(&w->wake, &w->lock);
	while (w->waiting_count > 0 && w->under_way < w->batch) {
		struct change *ch = STAILQ_FIRST(&w->waiting);

		STAILQ_REMOVE_HEAD(&w->waiting, entries);
		STAILQ_INSERT_TAIL(batch, ch, entries);
		w->waiting_count--;
		w->under_way++;
	}
	pthread_mutex_unlock(&w->lock);
}

static void
give_back(struct writer *w, struct changes *batch)
{
	uint64_t one = 1;

	pthread_mutex_lock(&w->lock);
	STAILQ_CONCAT(&w->done, batch);
	w->under_way = 0;
	pthread_mutex_unlock(&w->lock);
	if (write(w->event_fd, &one, sizeof(one)) != sizeof(one))
		log_err("writer: cannot wake the loop");
}

uint32_t
writer_batch(int64_t ms)
{
	if (ms >= BATCH_MAX / BATCH_PER_MS)
		return BATCH_MAX;
	return ms * BATCH_PER_MS > BATCH_FEW ? (uint32_t)ms * BATCH_PER_MS
					     : BATCH_FEW;
}

static void
begin(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	place_begin(&w->place);
	w->begun = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

static void *
run(void *arg)
{
	struct writer *w = arg;
	struct changes batch;
	int64_t begun;

	begin(w);
	for (;;) {
		wait_for_work(w, &batch);
		if (STAILQ_EMPTY(&batch))
			return NULL;
		begun = clock_mono_ms();
		write_batch(w, &batch);
		w->batch = writer_batch(clock_mono_ms() - begun);
		give_back(w, &batch);
	}
}

/* Signals are the loop's, and so is the place once the thread has it. */
static int
start_thread(struct writer *w)
{
	sigset_t all, old;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_mutex_lock(&w->lock);
	while (e == 0 && !w->begun)
		pthread_cond_wait(&w->wake, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return e;
}

struct writer *
writer_start(struct store *st, struct reserve *reserve, uint32_t queue)
{
	struct writer *w = calloc(1, sizeof(*w));
	int e = 0;

	if (w == NULL)
		return NULL;
	w->store = st;
	w->reserve = reserve;
	w->queue = queue;
	STAILQ_INIT(&w->waiting);
	STAILQ_INIT(&w->done);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	w->batch = BATCH_FEW;
	place_open(&w->place);
	w->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->event_fd != -1 && (e = start_thread(w)) == 0)
		return w;
	e = w->event_fd == -1 ? errno : e;
	if (w->event_fd != -1)
		close(w->event_fd);
	place_close(&w->place);
	free(w);
	errno = e;
	return NULL;
}

void
writer_stop(struct writer *w, struct changes *rest)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	place_hurry(&w->place);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	STAILQ_CONCAT(rest, &w->done);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	place_close(&w->place);
	close(w->event_fd);
	free(w);
}

bool
writer_submit(struct writer *w, struct change *ch)
{
	bool room;

	pthread_mutex_lock(&w->lock);
	room = w->waiting_count < w->queue && !w->stopping;
	if (room) {
		STAILQ_INSERT_TAIL(&w->waiting, ch, entries);
		w->waiting_count++;
		place_come(&w->place, ch);
	}
	pthread_mutex_unlock(&w->lock);
	/* Now, or it would wake up to wait for the lock. */
	if (room)
		pthread_cond_signal(&w->wake);
	return room;
}

int
writer_fd(const struct writer *w)
{
	return w->event_fd;
}

void
writer_take(struct writer *w, struct changes *done)
{
	const struct change *ch;
	uint64_t count;

	(void)!read(w->event_fd, &count, sizeof(count));
	pthread_mutex_lock(&w->lock);
	STAILQ_FOREACH (ch, &w->done, entries)
		place_go(&w->place, ch);
	STAILQ_CONCAT(done, &w->done);
	pthread_mutex_unlock(&w->lock);
}

int64_t
writer_due(const struct writer *w)
{
	return place_due(&w->place);
}

void
writer_look(struct writer *w, int64_t now)
{
	if (now < place_due(&w->place))
		return;
	pthread_mutex_lock(&w->lock);
	place_look(&w->place, now);
	pthread_mutex_unlock(&w->lock);
}

bool
writer_disk_is_full(const struct writer *w)
{
	return atomic_load(&w->disk_full);
}

bool
writer_broken(const struct writer *w)
{
	return atomic_load(&w->broken);
}
