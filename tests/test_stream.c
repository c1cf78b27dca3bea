/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "stream.h"
#include "suite.h"

#define LONG INT64_C(60000000000) /* ns */

static struct stream s;
static int listener, peer;

static void
set_up(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char dir[SCRATCH_PATH];

	scratch_folder(dir);
	scratch_path(to.sun_path, sizeof(to.sun_path), dir, "s");
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_ne(listener, -1);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(stream_open(&s, &to, stream_now() + LONG), 0);
	ck_assert_int_ne(peer = accept(listener, NULL, NULL), -1);
}

static void
tear_down(void)
{
	stream_close(&s);
	close(peer);
	close(listener);
}

static void
say(const char *text)
{
	ck_assert_int_eq(write(peer, text, strlen(text)),
	    (ssize_t)strlen(text));
}

static void
ck_heard(ssize_t n, const char *bytes, const char *text)
{
	ck_assert_int_eq(n, (ssize_t)strlen(text));
	ck_assert_mem_eq(bytes, text, strlen(text));
}

START_TEST(what_is_sent_arrives_and_what_is_said_is_received)
{
	char bytes[16];

	ck_assert_int_eq(stream_send(&s, "ask", 3, stream_now() + LONG), 0);
	ck_heard(read(peer, bytes, sizeof(bytes)), bytes, "ask");
	say("answer");
	ck_heard(stream_receive(&s, bytes, 4, stream_now() + LONG), bytes,
	    "answ");
	ck_heard(stream_receive(&s, bytes, 4, stream_now() + LONG), bytes,
	    "er");
	stream_end(&s);
	ck_assert_int_eq(read(peer, bytes, sizeof(bytes)), 0);
	shutdown(peer, SHUT_WR);
	ck_assert_int_eq(stream_receive(&s, bytes, 4, stream_now() + LONG), 0);
}
END_TEST

static ssize_t
receive_late(bool with_descriptor, char *bytes, size_t size)
{
	int passed = -1;
	ssize_t n = with_descriptor
	    ? stream_receive_passed(&s, bytes, size, stream_now() - 1, &passed)
	    : stream_receive(&s, bytes, size, stream_now() - 1);

	ck_assert_int_eq(passed, -1);
	return n;
}

/* The caller was kept from a processor; keyd was not. */
START_TEST(an_answer_that_is_there_is_in_time)
{
	char bytes[16];

	errno = 0;
	ck_assert_int_eq(receive_late(_i, bytes, sizeof(bytes)), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	say("answer");
	ck_heard(receive_late(_i, bytes, 4), bytes, "answ");
	ck_heard(receive_late(_i, bytes, 4), bytes, "er");
	errno = 0;
	ck_assert_int_eq(receive_late(_i, bytes, sizeof(bytes)), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	shutdown(peer, SHUT_WR);
	ck_assert_int_eq(receive_late(_i, bytes, sizeof(bytes)), 0);
}
END_TEST

START_TEST(nothing_is_sent_after_the_deadline)
{
	char byte;

	errno = 0;
	ck_assert_int_eq(stream_send(&s, "ask", 3, stream_now() - 1), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert_int_eq(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

START_TEST(a_descriptor_of_another_is_left_alone)
{
	int other = open("/dev/null", O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(dup2(other, s.fd), s.fd);
	ck_assert_int_eq(stream_send(&s, "ask", 3, stream_now() + LONG), -1);
	ck_assert_int_eq(errno, ESTALE);
	close(other);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stream");
	TCase *tc = tcase_create("stream");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_is_sent_arrives_and_what_is_said_is_received);
	tcase_add_loop_test(tc, an_answer_that_is_there_is_in_time, 0, 2);
	tcase_add_test(tc, nothing_is_sent_after_the_deadline);
	tcase_add_test(tc, a_descriptor_of_another_is_left_alone);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
