/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "conn.h"
#include "fault.h"
#include "keys.h"
#include "suite.h"

static struct scratch s;
static struct asker a; /* for its policy, and to fill the store */
static struct writer *w;
static struct health health;
static struct quota quota;
static int page_fd = -1; /* what keyd has of the bulletin */
static struct conn *c;
static int client;

static void
connect_as(enum socket_kind socket)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	c = conn_new(ends[0], socket, &(struct peer){ .uid = 0 });
	ck_assert_ptr_nonnull(c);
	c->quota = &quota;
	client = ends[1];
}

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 10));
	connect_as(SOCKET_ADMIN);
}

static void
tear_down(void)
{
	struct changes rest = STAILQ_HEAD_INITIALIZER(rest);
	struct change *ch;

	writer_stop(w, &rest);
	while ((ch = STAILQ_FIRST(&rest)) != NULL) {
		STAILQ_REMOVE_HEAD(&rest, entries);
		change_free(ch);
	}
	conn_free(c);
	if (client != -1)
		close(client);
	buffer_free_all();
	asker_close(&a);
	scratch_close(&s);
}

static void
say_bytes(const void *bytes, size_t len)
{
	ck_assert_int_eq(send(client, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static size_t
encode(uint8_t *bytes, size_t cap, uint8_t type, uint32_t id)
{
	struct request req = { .type = type };

	if (type == FRAME_HELLO)
		req.hello.lowest = req.hello.highest = PROTOCOL_MAJOR;
	if (type == FRAME_ORG_ADD)
		snprintf(req.org.slug, sizeof(req.org.slug), "org-%u", id);
	return ask_encode(bytes, cap, &req, id);
}

static void
say(uint8_t type, uint32_t id)
{
	uint8_t bytes[512];

	say_bytes(bytes, encode(bytes, sizeof(bytes), type, id));
}

static bool
serve(unsigned share)
{
	struct turn t = { .view = scratch_view(&s),
		.policy = a.policy,
		.health = &health,
		.desk = a.desk,
		.limiter = a.limiter,
		.uses = a.uses,
		.notes = a.notes,
		.writer = w,
		.page_fd = page_fd,
		.now = ASK_NOW,
		.now_ms = 1000 };
	bool progress = conn_serve(c, &t, share);

	store_view_reset(s.store);
	return progress;
}

/* As the loop does when there is something to read. */
static void
turn(void)
{
	conn_receive(c);
	(void)serve(100);
	conn_flush(c);
}

/* The next answer's id and type; 0 when there is none. */
static uint32_t
hear(struct reply *rep)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame f;
	ssize_t n = recv(client, bytes, FRAME_HEADER, MSG_PEEK);

	memset(rep, 0, sizeof(*rep));
	if (n < FRAME_HEADER)
		return 0;
	n = FRAME_HEADER + (bytes[2] << 8 | bytes[3]);
	ck_assert_int_eq(recv(client, bytes, (size_t)n, 0), n);
	ck_assert_int_eq(frame_parse((struct span){ bytes, (size_t)n }, &f),
	    FRAME_WHOLE);
	ck_assert(reply_decode(rep, &f));
	return f.id;
}

static void
ck_heard(uint32_t id, uint8_t type)
{
	struct reply rep;

	ck_assert_uint_eq(hear(&rep), id);
	ck_assert_uint_eq(rep.type, type);
}

static void
ck_error(uint32_t id, enum error_code code)
{
	uint8_t bytes[FRAME_HEADER];
	struct reply rep;

	ck_assert_int_eq(recv(client, bytes, sizeof(bytes), MSG_PEEK),
	    FRAME_HEADER);
	ck_assert_uint_eq(hear(&rep), id);
	ask_refused(&rep, code);
}

static void
ck_silence(void)
{
	uint8_t byte;

	ck_assert_int_eq(recv(client, &byte, 1, MSG_PEEK), -1);
}

static void
greet(void)
{
	say(FRAME_HELLO, 1);
	turn();
	ck_heard(1, FRAME_HELLO | FRAME_ANSWER);
}

/* Waits for the writer, and gives the change back. */
static void
deliver(void)
{
	struct changes done = STAILQ_HEAD_INITIALIZER(done);
	struct pollfd p = { writer_fd(w), POLLIN, 0 };

	ck_assert_int_eq(poll(&p, 1, 30000), 1);
	writer_take(w, &done);
	ck_assert_ptr_eq(STAILQ_FIRST(&done), c->change);
	ck_assert_ptr_eq(STAILQ_FIRST(&done)->owner, c);
	conn_deliver(c);
}

START_TEST(a_frame_that_comes_byte_by_byte_is_served_with_its_last)
{
	static const uint8_t types[] = { FRAME_HELLO, FRAME_STATUS };
	uint8_t bytes[64];

	for (uint32_t i = 0; i < 2; i++) {
		size_t len = encode(bytes, sizeof(bytes), types[i], i + 1);

		for (size_t at = 0; at < len; at++) {
			ck_silence();
			ck_assert(!conn_has_request(c));
			say_bytes(bytes + at, 1);
			conn_receive(c);
			ck_assert_int_eq(conn_has_request(c), at == len - 1);
			ck_assert(conn_is_waiting(c));
			ck_assert_int_eq(serve(100), at == len - 1);
			conn_flush(c);
		}
		ck_heard(i + 1, types[i] | FRAME_ANSWER);
		ck_assert_ptr_null(c->in);
		ck_assert_ptr_null(c->out);
		ck_assert(!conn_is_waiting(c));
	}
}
END_TEST

START_TEST(frames_that_come_together_are_answered_in_their_order)
{
	say(FRAME_HELLO, 1);
	for (uint32_t id = 2; id <= 30; id++)
		say(FRAME_STATUS, id);
	turn();
	ck_heard(1, FRAME_HELLO | FRAME_ANSWER);
	for (uint32_t id = 2; id <= 30; id++)
		ck_heard(id, FRAME_STATUS | FRAME_ANSWER);
	ck_silence();
}
END_TEST

START_TEST(no_more_than_its_share_is_served_at_a_time)
{
	greet();
	for (uint32_t id = 2; id <= 8; id++)
		say(FRAME_STATUS, id);
	conn_receive(c);
	ck_assert(!serve(0));
	ck_assert(serve(3));
	conn_flush(c);
	for (uint32_t id = 2; id <= 4; id++)
		ck_heard(id, FRAME_STATUS | FRAME_ANSWER);
	ck_silence();
	ck_assert(conn_has_request(c));
	ck_assert(serve(100));
	ck_assert(!conn_has_request(c));
	ck_assert(!serve(100));
}
END_TEST

START_TEST(a_bad_frame_ends_neither_the_connection_nor_its_neighbours)
{
	uint8_t bytes[64];
	size_t len = encode(bytes, sizeof(bytes), FRAME_STATUS, 3);

	greet();
	say(FRAME_STATUS, 2);
	bytes[5] = 0x77;
	say_bytes(bytes, len);
	say(FRAME_HELLO, 4);
	say(FRAME_STATUS, 5);
	turn();
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	ck_error(3, ERROR_TYPE);
	ck_error(4, ERROR_HELLO);
	ck_heard(5, FRAME_STATUS | FRAME_ANSWER);
	ck_assert(!conn_is_over(c));
	ck_assert_uint_eq(health.bad_frames, 2);
}
END_TEST

START_TEST(a_frame_too_large_is_told_and_is_the_last)
{
	static const uint8_t large[] = { 0x00, 0x01, 0x00, 0x00 };

	greet();
	say(FRAME_STATUS, 2);
	say_bytes(large, sizeof(large));
	say(FRAME_STATUS, 3);
	turn();
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	ck_error(0, ERROR_TOO_LARGE);
	ck_silence();
	ck_assert(conn_is_over(c));
	ck_assert(!conn_wants_read(c));
	say(FRAME_STATUS, 4);
	turn();
	ck_silence();
	ck_assert_uint_eq(health.bad_frames, 1);
}
END_TEST

START_TEST(what_was_asked_before_the_end_is_answered)
{
	say(FRAME_HELLO, 1);
	say(FRAME_STATUS, 2);
	say(FRAME_STATUS, 3);
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	conn_receive(c);
	conn_receive(c);
	ck_assert(c->eof);
	ck_assert(conn_has_request(c));
	ck_assert(serve(2));
	conn_flush(c);
	ck_assert(conn_has_request(c));
	ck_assert(serve(2));
	ck_assert(!conn_is_over(c));
	conn_flush(c);
	ck_assert(conn_is_over(c));
	ck_assert(!conn_has_request(c));
	ck_heard(1, FRAME_HELLO | FRAME_ANSWER);
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	ck_heard(3, FRAME_STATUS | FRAME_ANSWER);
}
END_TEST

START_TEST(an_end_in_the_middle_of_a_frame_is_the_end)
{
	greet();
	say_bytes("\0\0", 2);
	turn();
	ck_assert(conn_is_waiting(c));
	ck_assert(!conn_is_over(c));
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	turn();
	ck_assert(conn_is_over(c));
	ck_assert(!conn_has_request(c));
}
END_TEST

START_TEST(nothing_is_served_while_a_change_is_under_way)
{
	greet();
	say(FRAME_STATUS, 2);
	say(FRAME_ORG_ADD, 3);
	say(FRAME_STATUS, 4);
	say(FRAME_ORG_ADD, 5);
	say(FRAME_STATUS, 6);
	turn();
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	for (uint32_t id = 3; id <= 5; id += 2) {
		ck_assert_ptr_nonnull(c->change);
		ck_assert(!conn_has_request(c));
		ck_assert(!conn_is_waiting(c));
		ck_assert(!serve(100));
		ck_silence();
		deliver();
		(void)serve(100);
		conn_flush(c);
		ck_heard(id, FRAME_ORG_ADD | FRAME_ANSWER);
		ck_heard(id + 1, FRAME_STATUS | FRAME_ANSWER);
	}
	ck_silence();
	ck_assert_ptr_null(c->change);
}
END_TEST

START_TEST(an_end_waits_for_the_change_that_is_under_way)
{
	greet();
	say(FRAME_ORG_ADD, 2);
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	turn();
	turn();
	ck_assert(c->eof);
	ck_assert(!conn_is_over(c));
	deliver();
	ck_assert(!conn_is_over(c));
	conn_flush(c);
	ck_heard(2, FRAME_ORG_ADD | FRAME_ANSWER);
	ck_assert(conn_is_over(c));
}
END_TEST

START_TEST(a_full_queue_is_busy_and_the_connection_goes_on)
{
	struct changes rest = STAILQ_HEAD_INITIALIZER(rest);

	writer_stop(w, &rest);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 0));
	greet();
	say(FRAME_ORG_ADD, 2);
	say(FRAME_STATUS, 3);
	turn();
	ck_assert_ptr_null(c->change);
	ck_error(2, ERROR_BUSY);
	ck_heard(3, FRAME_STATUS | FRAME_ANSWER);
}
END_TEST

static void
insert_keys(unsigned count)
{
	struct store_txn *t = scratch_begin(&s);

	for (unsigned n = 0; n < count; n++) {
		struct record rec = { .key = { .org = "acme",
					  .user = "eddy" } };

		memcpy(rec.hash, &n, sizeof(n));
		snprintf(rec.key.id, sizeof(rec.key.id), "key_%016u", n);
		snprintf(rec.key.name, sizeof(rec.key.name), "name %u", n);
		memset(rec.key.permissions, 'p', 1000);
		ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	}
	scratch_commit(t);
}

/* Answers of 16 KiB to a client that asks on and on and does not read. */
START_TEST(a_client_that_does_not_read_is_not_read_from)
{
	uint8_t bytes[128];
	uint32_t asked = 1, heard = 1;
	struct reply rep;
	size_t len;

	insert_keys(40);
	greet();
	for (int idle = 0; idle < 3;) {
		len = encode(bytes, sizeof(bytes), FRAME_LIST, asked + 1);
		if (send(client, bytes, len, MSG_NOSIGNAL) == (ssize_t)len)
			asked++;
		else
			idle++;
		turn();
		ck_assert_uint_lt(asked, 100000);
	}
	ck_assert(!conn_wants_read(c));
	ck_assert(conn_wants_write(c));
	ck_assert(!conn_has_request(c));
	ck_assert(!c->gone);
	while (heard < asked) {
		uint32_t id = hear(&rep);

		if (id == 0) {
			turn();
			continue;
		}
		ck_assert_uint_eq(id, ++heard);
		ck_assert_uint_eq(rep.type, FRAME_LIST | FRAME_ANSWER);
	}
	ck_silence();
	ck_assert(conn_wants_read(c));
	ck_assert(!conn_wants_write(c));
	ck_assert_ptr_null(c->in);
	ck_assert_ptr_null(c->out);
}
END_TEST

START_TEST(an_answer_of_a_change_has_room_whatever_came_before_it)
{
	uint8_t bytes[128];
	struct reply rep;
	uint32_t id = 1, heard = 1;

	insert_keys(40);
	greet();
	/* Without a flush the answers stay: a page is 16 KiB. */
	say_bytes(bytes, encode(bytes, sizeof(bytes), FRAME_LIST, ++id));
	say(FRAME_ORG_ADD, ++id);
	say(FRAME_STATUS, ++id);
	conn_receive(c);
	ck_assert(serve(100));
	if (c->change != NULL)
		deliver();
	for (int i = 0; i < 10 && heard < id; i++) {
		conn_flush(c);
		while (hear(&rep) != 0)
			heard++;
		(void)serve(100);
		if (c->change != NULL)
			deliver();
	}
	ck_assert(!c->gone);
	ck_assert_uint_eq(heard, id);
}
END_TEST

/* What was sent of it leaves room only at its front. */
START_TEST(an_answer_goes_behind_one_that_is_half_sent)
{
	struct wire_writer out;

	greet();
	ck_assert_ptr_nonnull(c->out = buffer_take());
	c->out->start = BUFFER_SIZE - FAULT_MAX;
	out = wire_writer(c->out->bytes + c->out->start, FAULT_MAX);
	fault_put(&out, 2, ERROR_BUSY, NULL);
	c->out->end = c->out->start + wire_length(&out);
	say(FRAME_STATUS, 3);
	turn();
	ck_error(2, ERROR_BUSY);
	ck_heard(3, FRAME_STATUS | FRAME_ANSWER);
}
END_TEST

START_TEST(a_client_that_hung_up_is_gone_without_a_signal)
{
	ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	greet();
	say(FRAME_STATUS, 2);
	conn_receive(c);
	close(client);
	client = -1;
	ck_assert(serve(100));
	conn_flush(c);
	ck_assert(c->gone);
	ck_assert(!conn_wants_read(c));
	ck_assert(!conn_wants_write(c));
	conn_receive(c);
	ck_assert(!serve(100));
}
END_TEST

START_TEST(an_ended_connection_is_told_why)
{
	greet();
	say_bytes("\0", 1);
	turn();
	conn_end(c, ERROR_TIMEOUT);
	ck_assert(!conn_is_over(c));
	ck_assert(!conn_wants_read(c));
	conn_flush(c);
	ck_assert(conn_is_over(c));
	ck_error(0, ERROR_TIMEOUT);
}
END_TEST

START_TEST(who_has_not_said_hello_keeps_us_waiting)
{
	ck_assert(conn_is_waiting(c));
	say(FRAME_STATUS, 1);
	turn();
	ck_error(1, ERROR_HELLO);
	ck_assert(conn_is_waiting(c));
	greet();
	ck_assert(!conn_is_waiting(c));
}
END_TEST

START_TEST(unknown_tokens_are_counted_and_others_are_not)
{
	struct request req = { .type = FRAME_VERIFY };
	uint8_t bytes[128];

	conn_free(c);
	close(client);
	connect_as(SOCKET_VERIFY);
	greet();
	ask_org(&a, "acme");
	ask_member(&a, "acme", "eddy", "editor");
	ask_key(&a, 1, "acme", "eddy", "ci", (char[KEY_ID_SIZE]){ "" });
	for (int n = 0; n < 4; n++) {
		memset(req.verify.digest, n, sizeof(req.verify.digest));
		say_bytes(bytes, ask_encode(bytes, sizeof(bytes), &req, 9));
	}
	turn();
	ck_assert_uint_eq(quota.unknown, 3);
	ck_assert_uint_eq(health.verified, 4);
	ck_assert_uint_eq(health.allowed, 1);
	ck_assert_uint_eq(health.latency.counts[LATENCY_BOUNDS], 4);
}
END_TEST

/* --- the bulletin --- */

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

static void
add_bulletin(TCase *tc)
{
	tcase_add_loop_test(tc,
	    the_bulletin_goes_with_the_welcome_to_who_may_use_it, 0,
	    sizeof(hellos) / sizeof(hellos[0]));
	tcase_add_test(tc, it_goes_once_and_not_with_a_later_answer);
	tcase_add_test(tc, it_waits_with_the_welcome_for_who_does_not_read);
	tcase_add_test(tc,
	    a_client_lives_without_it_when_the_kernel_passes_no_more);
}

int
main(void)
{
	Suite *suite = suite_create("conn");
	TCase *tc = tcase_create("conn");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc,
	    a_frame_that_comes_byte_by_byte_is_served_with_its_last);
	tcase_add_test(tc,
	    frames_that_come_together_are_answered_in_their_order);
	tcase_add_test(tc, no_more_than_its_share_is_served_at_a_time);
	tcase_add_test(tc,
	    a_bad_frame_ends_neither_the_connection_nor_its_neighbours);
	tcase_add_test(tc, a_frame_too_large_is_told_and_is_the_last);
	tcase_add_test(tc, what_was_asked_before_the_end_is_answered);
	tcase_add_test(tc, an_end_in_the_middle_of_a_frame_is_the_end);
	tcase_add_test(tc, nothing_is_served_while_a_change_is_under_way);
	tcase_add_test(tc, an_end_waits_for_the_change_that_is_under_way);
	tcase_add_test(tc, a_full_queue_is_busy_and_the_connection_goes_on);
	tcase_add_test(tc, a_client_that_does_not_read_is_not_read_from);
	tcase_add_test(tc,
	    an_answer_of_a_change_has_room_whatever_came_before_it);
	tcase_add_test(tc, an_answer_goes_behind_one_that_is_half_sent);
	tcase_add_test(tc, a_client_that_hung_up_is_gone_without_a_signal);
	tcase_add_test(tc, an_ended_connection_is_told_why);
	tcase_add_test(tc, who_has_not_said_hello_keeps_us_waiting);
	tcase_add_test(tc, unknown_tokens_are_counted_and_others_are_not);
	add_bulletin(tc);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
