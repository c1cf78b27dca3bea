/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "suite.h"
#include "talk.h"

#define FDS_MAX 8

static const struct {
	enum socket_kind socket;
	bool asks;
	bool there; /* keyd has one */
} hellos[] = { { SOCKET_VERIFY, true, true }, { SOCKET_VERIFY, false, true },
	{ SOCKET_ADMIN, true, true }, { SOCKET_VERIFY, true, false } };

static void
reconnect_as(enum socket_kind socket)
{
	conn_free(c);
	close(client);
	connect_as(socket);
}

static void
ask_for_page(bool asks, uint32_t id)
{
	struct request req = { .type = FRAME_HELLO };
	uint8_t bytes[512];

	req.hello.lowest = req.hello.highest = PROTOCOL_MAJOR;
	req.hello.page = asks;
	say_bytes(bytes, ask_encode(bytes, sizeof(bytes), &req, id));
}

/* At most so many bytes, and the descriptors that come with them. */
static size_t
receive_with_fds(void *bytes, size_t len, int fds[FDS_MAX])
{
	union {
		char room[CMSG_SPACE(FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { bytes, len };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct cmsghdr *head;

	ck_assert_int_gt(recvmsg(client, &m, MSG_CMSG_CLOEXEC), 0);
	ck_assert_int_eq(m.msg_flags & MSG_CTRUNC, 0);
	if ((head = CMSG_FIRSTHDR(&m)) == NULL)
		return 0;
	ck_assert_int_eq(head->cmsg_type, SCM_RIGHTS);
	ck_assert_ptr_null(CMSG_NXTHDR(&m, head));
	memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
	return (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

static bool
is_same_file(int a_fd, int b_fd)
{
	struct stat x, y;

	ck_assert_int_eq(fstat(a_fd, &x) | fstat(b_fd, &y), 0);
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

START_TEST(the_bulletin_goes_with_the_welcome_to_who_may_use_it)
{
	bool due = _i == 0;
	uint8_t bytes[FRAME_MAX];
	int fds[FDS_MAX];

	ck_assert_int_ne(page_fd = memfd_create("page", MFD_CLOEXEC), -1);
	reconnect_as(hellos[_i].socket);
	ask_for_page(hellos[_i].asks, 1);
	if (!hellos[_i].there) {
		close(page_fd);
		page_fd = -1;
	}
	turn();
	ck_assert_int_eq(c->pass_fd, -1);
	ck_assert_uint_eq(receive_with_fds(bytes, sizeof(bytes), fds), due);
	ck_assert_uint_eq(bytes[5], FRAME_HELLO | FRAME_ANSWER);
	if (due) {
		ck_assert(is_same_file(fds[0], page_fd));
		close(fds[0]);
	}
	ck_silence();
	close(page_fd);
}
END_TEST

START_TEST(it_goes_once_and_not_with_a_later_answer)
{
	uint8_t bytes[FRAME_MAX];
	int fds[FDS_MAX];

	ck_assert_int_ne(page_fd = memfd_create("page", MFD_CLOEXEC), -1);
	reconnect_as(SOCKET_VERIFY);
	ask_for_page(true, 1);
	turn();
	ck_assert_uint_eq(receive_with_fds(bytes, sizeof(bytes), fds), 1);
	close(fds[0]);
	ask_for_page(true, 2);
	turn();
	ck_assert_uint_eq(receive_with_fds(bytes, sizeof(bytes), fds), 0);
	close(page_fd);
}
END_TEST

/* The client's socket takes nothing at first. */
START_TEST(it_waits_with_the_welcome_for_who_does_not_read)
{
	static uint8_t bytes[1 << 16];
	int fds[FDS_MAX];
	size_t filled = 0, got = 0;
	ssize_t n;

	ck_assert_int_ne(page_fd = memfd_create("page", MFD_CLOEXEC), -1);
	reconnect_as(SOCKET_VERIFY);
	while ((n = send(c->fd, bytes, sizeof(bytes), MSG_NOSIGNAL)) > 0)
		filled += (size_t)n;
	ask_for_page(true, 1);
	turn();
	ck_assert(conn_wants_write(c));
	ck_assert_int_eq(c->pass_fd, page_fd);
	while (got < filled) {
		n = recv(client, bytes, sizeof(bytes), 0);
		ck_assert_int_gt(n, 0);
		got += (size_t)n;
	}
	conn_flush(c);
	ck_assert(!conn_wants_write(c));
	ck_assert_uint_eq(receive_with_fds(bytes, sizeof(bytes), fds), 1);
	ck_assert(is_same_file(fds[0], page_fd));
	close(fds[0]);
	close(page_fd);
}
END_TEST

/* Sends descriptors that nobody receives, until the kernel takes no more. */
static void
use_up_descriptors_in_flight(int ends[2])
{
	struct conn *stuffed;

	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	stuffed = conn_new(ends[0], SOCKET_VERIFY, &(struct peer){ .uid = 0 });
	for (int i = 0; i < 100; i++) {
		stuffed->pass_fd = page_fd;
		ck_assert_ptr_nonnull(stuffed->out = buffer_take());
		stuffed->out->end = 1;
		conn_flush(stuffed);
		ck_assert(!stuffed->gone);
		ck_assert_ptr_null(stuffed->out);
	}
	stuffed->fd = -1;
	conn_free(stuffed);
}

/* Root and the like are exempt from the bound, and it is that of the file
   descriptors that one may have. */
START_TEST(a_client_lives_without_it_when_the_kernel_passes_no_more)
{
	struct rlimit few = { 30, 30 };
	uint8_t bytes[FRAME_MAX];
	int fds[FDS_MAX], ends[2];

	ck_assert_int_ne(page_fd = memfd_create("page", MFD_CLOEXEC), -1);
	reconnect_as(SOCKET_VERIFY);
	if (geteuid() == 0)
		ck_assert_int_eq(setuid(ASK_STRANGER), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	use_up_descriptors_in_flight(ends);
	ask_for_page(true, 1);
	turn();
	ck_assert_int_eq(c->pass_fd, -1);
	ck_assert(!c->gone);
	ck_assert_uint_eq(receive_with_fds(bytes, sizeof(bytes), fds), 0);
	ck_assert_uint_eq(bytes[5], FRAME_HELLO | FRAME_ANSWER);
	ck_silence();
	close(page_fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conn_page");
	TCase *tc = tcase_create("conn_page");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc,
	    the_bulletin_goes_with_the_welcome_to_who_may_use_it, 0,
	    sizeof(hellos) / sizeof(hellos[0]));
	tcase_add_test(tc, it_goes_once_and_not_with_a_later_answer);
	tcase_add_test(tc, it_waits_with_the_welcome_for_who_does_not_read);
	tcase_add_test(tc,
	    a_client_lives_without_it_when_the_kernel_passes_no_more);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
