/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/wait.h>

#include <check.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "bulletin.h"
#include "heart.h"
#include "suite.h"

static struct bulletin *page; /* shared with a child */

static void
set_up(void)
{
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(page, MAP_FAILED);
}

static void
tear_down(void)
{
	munmap(page, sizeof(*page));
}

static void
die_by_signal(void)
{
	(void)raise(SIGKILL);
}

static void
die_by_exit(void)
{
	exit(0);
}

static void
die_at_once(void)
{
	_exit(0);
}

/* Its memory is another one from here on. */
static void
become_another(void)
{
	(void)execl("/bin/sh", "sh", "-c", "sleep 60", (char *)NULL);
}

static void
leave_the_main_thread(void)
{
	pthread_exit(NULL);
}

/* A child that holds the word, and does that when it is told to. */
static pid_t
start_child(void (*act)(void), int *tell)
{
	int pipe_fds[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		close(pipe_fds[1]);
		if (heart_start(&page->alive) == NULL)
			_exit(1);
		(void)!read(pipe_fds[0], &byte, 1);
		act();
		_exit(2);
	}
	close(pipe_fds[0]);
	*tell = pipe_fds[1];
	return pid;
}

/* At most 20 s. */
static bool
wait_for_life(bool alive)
{
	for (int i = 0; i < 20000; i++) {
		if (bulletin_is_alive(page) == alive)
			return true;
		usleep(1000);
	}
	return false;
}

static void
end(pid_t pid)
{
	int status;

	(void)kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}

START_TEST(the_kernel_marks_the_word_whatever_the_death)
{
	static void (*const deaths[])(
	    void) = { die_by_signal, die_by_exit, die_at_once, become_another };
	int tell;
	pid_t pid = start_child(deaths[_i], &tell);

	ck_assert(wait_for_life(true));
	close(tell);
	ck_assert(wait_for_life(false));
	ck_assert_uint_eq(atomic_load(&page->alive), FUTEX_OWNER_DIED);
	end(pid);
}
END_TEST

/* Who waits for the process, as for its lock, finds the mark: at once. */
START_TEST(the_word_is_marked_before_the_process_is_gone)
{
	for (int i = 0; i < 200; i++) {
		int tell;
		pid_t pid = start_child(die_by_signal, &tell);

		ck_assert(wait_for_life(true));
		end(pid);
		ck_assert(!bulletin_is_alive(page));
		close(tell);
		atomic_store(&page->alive, 0);
	}
}
END_TEST

START_TEST(the_word_is_held_while_any_thread_of_it_may_run)
{
	int tell;
	pid_t pid = start_child(leave_the_main_thread, &tell);

	ck_assert(wait_for_life(true));
	close(tell);
	usleep(50000);
	ck_assert(bulletin_is_alive(page));
	end(pid);
	ck_assert(!bulletin_is_alive(page));
}
END_TEST

/* Children of the holder's are nobody. */
START_TEST(the_death_of_a_child_marks_nothing)
{
	struct heart *h = heart_start(&page->alive);
	pid_t pid = fork();

	ck_assert_ptr_nonnull(h);
	if (pid == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(bulletin_is_alive(page));
	heart_stop(h);
}
END_TEST

START_TEST(it_is_tried_out_and_leaves_the_word_as_it_was)
{
	ck_assert(heart_works(&page->alive));
	ck_assert_uint_eq(atomic_load(&page->alive), 0);
	ck_assert(!bulletin_is_alive(page));
}
END_TEST

START_TEST(a_stop_is_no_life_and_there_may_be_another)
{
	for (int i = 0; i < 3; i++) {
		struct heart *h = heart_start(&page->alive);

		ck_assert_ptr_nonnull(h);
		ck_assert(bulletin_is_alive(page));
		heart_stop(h);
		ck_assert(!bulletin_is_alive(page));
		ck_assert_uint_eq(atomic_load(&page->alive), 0);
	}
	heart_stop(NULL);
}
END_TEST

START_TEST(what_is_no_id_of_a_thread_is_no_life)
{
	static const uint32_t words[] = { 0, FUTEX_OWNER_DIED, FUTEX_WAITERS,
		FUTEX_OWNER_DIED | 77, FUTEX_OWNER_DIED | FUTEX_WAITERS };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		atomic_store(&page->alive, words[i]);
		ck_assert(!bulletin_is_alive(page));
	}
	atomic_store(&page->alive, 77);
	ck_assert(bulletin_is_alive(page));
	atomic_store(&page->alive, FUTEX_WAITERS | 77);
	ck_assert(bulletin_is_alive(page));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("heart");
	TCase *tc = tcase_create("heart");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, the_kernel_marks_the_word_whatever_the_death, 0,
	    4);
	tcase_add_test(tc, the_word_is_marked_before_the_process_is_gone);
	tcase_add_test(tc, the_word_is_held_while_any_thread_of_it_may_run);
	tcase_add_test(tc, the_death_of_a_child_marks_nothing);
	tcase_add_test(tc, it_is_tried_out_and_leaves_the_word_as_it_was);
	tcase_add_test(tc, a_stop_is_no_life_and_there_may_be_another);
	tcase_add_test(tc, what_is_no_id_of_a_thread_is_no_life);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
