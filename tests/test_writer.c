/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "schedstat.h"
#include "schema.h"
#include "slice.h"
#include "suite.h"
#include "writer.h"

#define QUEUE 1000

static struct scratch s;
static struct asker a;
static struct writer *w;
static sem_t entered, go; /* of the change that holds the writer up */

/* What the counter was when each change ran: for itself, and for others. */
static uint64_t committed[QUEUE + 1];

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	sem_init(&entered, 0, 0);
	sem_init(&go, 0, 0);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, QUEUE));
}

static void
stop(struct changes *rest)
{
	STAILQ_INIT(rest);
	writer_stop(w, rest);
	w = NULL;
}

static void
free_all(struct changes *list)
{
	struct change *ch;

	while ((ch = STAILQ_FIRST(list)) != NULL) {
		STAILQ_REMOVE_HEAD(list, entries);
		change_free(ch);
	}
}

static void
tear_down(void)
{
	struct changes rest;

	stop(&rest);
	free_all(&rest);
	asker_close(&a);
	scratch_close(&s);
}

static struct change *
make_of(uint8_t type, op_run *run, uint32_t id)
{
	struct request req = { .type = type };
	struct change *ch =
	    change_new(&req, id, run, &a.peer, a.policy, ASK_NOW);

	ck_assert_ptr_nonnull(ch);
	return ch;
}

static struct change *
make(op_run *run, uint32_t id)
{
	return make_of(FRAME_ORG_ADD, run, id);
}

static void
submit(op_run *run, uint32_t id)
{
	ck_assert(writer_submit(w, make(run, id)));
}

/* Waits until so many are done, and moves them to the list. */
static void
take(struct changes *done, unsigned count)
{
	struct change *ch;
	unsigned have;

	STAILQ_INIT(done);
	for (;;) {
		struct pollfd p = { writer_fd(w), POLLIN, 0 };

		have = 0;
		STAILQ_FOREACH (ch, done, entries)
			have++;
		if (have >= count)
			break;
		ck_assert_int_eq(poll(&p, 1, 30000), 1);
		writer_take(w, done);
	}
	ck_assert_uint_eq(have, count);
}

/* 0: it was done. */
static int
error_of(const struct change *ch)
{
	struct reply rep;
	struct frame f;

	ck_assert_int_eq(frame_parse((struct span){ ch->answer,
					 ch->answer_len },
			     &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.id, ch->id);
	ck_assert(reply_decode(&rep, &f));
	return rep.type == FRAME_ERROR ? rep.error.code : 0;
}

static uint64_t
counted(void)
{
	uint64_t n;

	ck_assert_int_eq(counter_get(scratch_view(&s), COUNTER_SERIAL, &n),
	    STORE_OK);
	store_view_reset(s.store);
	return n;
}

static enum op_result
hold_up(struct op_call *c)
{
	sem_post(&entered);
	while (sem_wait(&go) != 0)
		continue;
	return op_refuse(c, ERROR_INVALID, "it held the writer up");
}

/* The writer is in the middle of a batch of this one change. */
static void
hold(void)
{
	submit(hold_up, 0);
	while (sem_wait(&entered) != 0)
		continue;
}

static enum op_result
count_up(struct op_call *c)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_ORG_ADD };
	struct store_txn *view = store_view(s.store);
	enum store_status rc;
	uint64_t n;

	rc = counter_add(c->txn, COUNTER_SERIAL, 1, &n);
	if (rc == STORE_OK && n <= QUEUE && view != NULL)
		rc = counter_get(view, COUNTER_SERIAL, &committed[n]);
	store_view_reset(s.store);
	return rc == STORE_OK ? op_answer(c, &rep) : op_failed(c, rc);
}

static enum op_result
refuse(struct op_call *c)
{
	return op_refuse(c, ERROR_EXISTS, "no");
}

static enum op_result
fill(struct op_call *c)
{
	static const uint8_t page[65536];
	enum store_status rc = STORE_OK;
	char key[16];

	for (int i = 0; rc == STORE_OK && i < 10000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		rc = store_put(c->txn, TABLE_NAMES, text_span(key),
		    (struct span){ page, sizeof(page) });
	}
	return op_failed(c, rc);
}

static enum op_result
put_some(struct op_call *c)
{
	static const uint8_t page[65536];
	struct reply rep = { .type = FRAME_ANSWER | FRAME_ORG_ADD };
	enum store_status rc = store_put(c->txn, TABLE_NAMES, text_span("some"),
	    (struct span){ page, sizeof(page) });

	return rc == STORE_OK ? op_answer(c, &rep) : op_failed(c, rc);
}

static int nice_then;

static enum op_result
look_at_nice(struct op_call *c)
{
	nice_then = getpriority(PRIO_PROCESS, 0);
	return refuse(c);
}

static bool
may_step_forward(int own)
{
	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, own + 1), 0);
	return setpriority(PRIO_PROCESS, 0, own) == 0;
}

/* Who may not raise a priority, or sees nothing, does not stand as far back. */
START_TEST(the_thread_stands_back_but_to_take_rights_away)
{
	static const struct {
		uint8_t type;
		bool forward;
	} changes[] = { { FRAME_ORG_ADD, false }, { FRAME_REVOKE, true },
		{ FRAME_ORG_ADD, false }, { FRAME_MEMBER_REMOVE, true },
		{ FRAME_ORG_ADD, false } };
	int own = getpriority(PRIO_PROCESS, 0);
	bool may = may_step_forward(own);
	int fd = schedstat_open();
	int back = own + (may && fd != -1 ? SLICE_FAR_BACK : SLICE_BACK);

	close(fd);
	back = back < 19 ? back : 19;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		bool forward = changes[i].forward && may;
		struct changes done;

		ck_assert(writer_submit(w,
		    make_of(changes[i].type, look_at_nice, 1)));
		take(&done, 1);
		ck_assert_int_eq(nice_then, forward ? own : back);
		free_all(&done);
	}
}
END_TEST

START_TEST(a_change_is_on_disk_when_it_is_given_back)
{
	struct changes done;

	submit(count_up, 7);
	take(&done, 1);
	ck_assert_int_eq(error_of(STAILQ_FIRST(&done)), 0);
	ck_assert_uint_eq(counted(), 1);
	free_all(&done);
}
END_TEST

START_TEST(changes_come_back_in_the_order_in_which_they_went)
{
	struct changes done;
	struct change *ch;
	uint32_t next = 0;

	hold();
	for (uint32_t i = 1; i <= 700; i++)
		submit(i % 3 == 0 ? refuse : count_up, i);
	sem_post(&go);
	take(&done, 701);
	STAILQ_FOREACH (ch, &done, entries) {
		ck_assert_uint_eq(ch->id, next);
		ck_assert_int_eq(error_of(ch),
		    next == 0           ? ERROR_INVALID
			: next % 3 == 0 ? ERROR_EXISTS
					: 0);
		next++;
	}
	free_all(&done);
	ck_assert_uint_eq(counted(), 467);
}
END_TEST

static void *
submit_some(void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < 50; i++)
		if (!writer_submit(w, make(count_up, i)))
			abort();
	return NULL;
}

START_TEST(slow_commits_are_of_more_changes)
{
	static const struct {
		int64_t ms;
		uint32_t batch;
	} of[] = { { 0, 12 }, { 3, 12 }, { 4, 16 }, { 20, 80 }, { 63, 252 },
		{ 64, 256 }, { 65, 256 }, { INT64_MAX, 256 } };

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		ck_assert_uint_eq(writer_batch(of[i].ms), of[i].batch);
}
END_TEST

/* Of a commit that took its time, or was quick. */
START_TEST(what_many_threads_ask_for_at_once_shares_commits)
{
	bool slow = _i == 1;
	pthread_t threads[8];
	struct changes done;
	unsigned commits = 1;

	hold();
	if (slow)
		usleep(70000);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, submit_some,
				     NULL),
		    0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	sem_post(&go);
	take(&done, 401);
	ck_assert_uint_eq(counted(), 400);
	for (int n = 2; n <= 400; n++)
		commits += committed[n] != committed[n - 1];
	ck_assert_uint_ge(commits, 2);
	ck_assert_uint_le(commits, slow ? 14 : 35);
	free_all(&done);
}
END_TEST

/* Whatever the batches are. */
START_TEST(no_change_is_lost_while_others_are_taken)
{
	pthread_t threads[8];
	struct changes done;
	struct change *ch;

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, submit_some,
				     NULL),
		    0);
	take(&done, 400);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	STAILQ_FOREACH (ch, &done, entries)
		ck_assert_int_eq(error_of(ch), 0);
	free_all(&done);
	ck_assert_uint_eq(counted(), 400);
}
END_TEST

START_TEST(a_full_queue_refuses_and_the_change_stays_the_callers)
{
	struct changes done;
	struct change *more = make(count_up, 9999);

	hold();
	for (uint32_t i = 0; i < QUEUE; i++)
		submit(count_up, i);
	ck_assert(!writer_submit(w, more));
	sem_post(&go);
	take(&done, QUEUE + 1);
	free_all(&done);
	ck_assert(writer_submit(w, more));
	take(&done, 1);
	ck_assert_uint_eq(STAILQ_FIRST(&done)->id, 9999);
	free_all(&done);
	ck_assert_uint_eq(counted(), QUEUE + 1);
}
END_TEST

START_TEST(a_stop_finishes_all_that_waits_and_gives_it_back)
{
	struct changes rest;
	struct change *ch;
	unsigned count = 0;

	submit(count_up, 1);
	hold();
	for (uint32_t i = 0; i < 600; i++)
		submit(count_up, i);
	sem_post(&go);
	stop(&rest);
	STAILQ_FOREACH (ch, &rest, entries)
		count++;
	ck_assert_uint_eq(count, 602);
	ck_assert_uint_eq(counted(), 601);
	free_all(&rest);
}
END_TEST

START_TEST(refusals_alone_write_nothing)
{
	struct changes done;

	hold();
	submit(refuse, 1);
	submit(refuse, 2);
	sem_post(&go);
	take(&done, 3);
	free_all(&done);
	ck_assert(!writer_broken(w));
}
END_TEST

START_TEST(one_that_finds_no_room_takes_no_other_down)
{
	static const int expected[] = { ERROR_INVALID, 0, ERROR_EXISTS,
		ERROR_STORE, 0, ERROR_STORE, 0 };
	struct changes done;
	struct change *ch;

	hold();
	submit(count_up, 1);
	submit(refuse, 2);
	submit(fill, 3);
	submit(count_up, 4);
	submit(fill, 5);
	submit(count_up, 6);
	sem_post(&go);
	take(&done, 7);
	STAILQ_FOREACH (ch, &done, entries)
		ck_assert_int_eq(error_of(ch), expected[ch->id]);
	free_all(&done);
	ck_assert_uint_eq(counted(), 3);
	submit(count_up, 7);
	take(&done, 1);
	ck_assert_int_eq(error_of(STAILQ_FIRST(&done)), 0);
	free_all(&done);
	ck_assert(!writer_broken(w));
	stop(&done);
	scratch_reopen(&s);
	ck_assert_uint_eq(counted(), 4);
}
END_TEST

/* No file may grow: a commit that needs new pages fails. */
static void
set_file_limit(rlim_t size)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Not even a refusal is certain: it may rest on a change beside it. */
START_TEST(a_commit_that_fails_leaves_all_of_its_changes_unknown)
{
	struct changes done;
	struct change *ch;

	hold();
	submit(count_up, 1);
	submit(put_some, 2);
	submit(refuse, 3);
	set_file_limit(16384);
	sem_post(&go);
	take(&done, 4);
	set_file_limit(RLIM_INFINITY);
	STAILQ_FOREACH (ch, &done, entries)
		ck_assert_int_eq(error_of(ch), ERROR_OUTCOME);
	free_all(&done);
	ck_assert(!writer_broken(w));
	submit(count_up, 5);
	take(&done, 1);
	ck_assert_int_eq(error_of(STAILQ_FIRST(&done)), 0);
	free_all(&done);
	ck_assert_uint_eq(counted(), 1);
}
END_TEST

START_TEST(no_signal_is_taken_by_the_writers_thread)
{
	struct changes done;
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
	ck_assert_int_eq(raise(SIGTERM), 0);
	submit(count_up, 1);
	take(&done, 1);
	free_all(&done);
	ck_assert_int_eq(sigpending(&set), 0);
	ck_assert(sigismember(&set, SIGTERM));
	ck_assert_int_eq(sigwait(&set, &(int){ 0 }), 0);
}
END_TEST

START_TEST(a_writer_without_work_can_be_stopped)
{
	struct changes rest;

	stop(&rest);
	ck_assert(STAILQ_EMPTY(&rest));
	writer_stop(NULL, &rest);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("writer");
	TCase *tc = tcase_create("writer");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_thread_stands_back_but_to_take_rights_away);
	tcase_add_test(tc, a_change_is_on_disk_when_it_is_given_back);
	tcase_add_test(tc, changes_come_back_in_the_order_in_which_they_went);
	tcase_add_test(tc, slow_commits_are_of_more_changes);
	tcase_add_loop_test(tc,
	    what_many_threads_ask_for_at_once_shares_commits, 0, 2);
	tcase_add_test(tc, no_change_is_lost_while_others_are_taken);
	tcase_add_test(tc,
	    a_full_queue_refuses_and_the_change_stays_the_callers);
	tcase_add_test(tc, a_stop_finishes_all_that_waits_and_gives_it_back);
	tcase_add_test(tc, refusals_alone_write_nothing);
	tcase_add_test(tc, one_that_finds_no_room_takes_no_other_down);
	tcase_add_test(tc,
	    a_commit_that_fails_leaves_all_of_its_changes_unknown);
	tcase_add_test(tc, no_signal_is_taken_by_the_writers_thread);
	tcase_add_test(tc, a_writer_without_work_can_be_stopped);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
