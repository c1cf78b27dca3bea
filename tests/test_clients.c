/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "clients.h"
#include "suite.h"

#define TIMEOUT 5000 /* ms */

static struct scratch s;
static struct asker a; /* for its policy */
static struct writer *w;
static struct health health;
static struct clients cs;

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 100));
	cs.verify_fd = epoll_create1(EPOLL_CLOEXEC);
	clients_init(&cs, cs.verify_fd, cs.verify_fd);
	cs.caps.connections_max = cs.caps.per_uid_max = 100;
	cs.timeout_ms = TIMEOUT;
	cs.unknown_per_second = 10;
	cs.now_ms = 1000;
}

static void
tear_down(void)
{
	struct changes rest = STAILQ_HEAD_INITIALIZER(rest);
	struct change *ch;

	writer_stop(w, &rest);
	while ((ch = STAILQ_FIRST(&rest)) != NULL) {
		STAILQ_REMOVE_HEAD(&rest, entries);
		clients_deliver(&cs, ch);
	}
	clients_free(&cs);
	ck_assert(TAILQ_EMPTY(&cs.all));
	ck_assert(TAILQ_EMPTY(&cs.late));
	ck_assert_uint_eq(cs.caps.connections, 0);
	ck_assert_ptr_null(cs.caps.quotas.root);
	close(cs.verify_fd);
	buffer_free_all();
	asker_close(&a);
	scratch_close(&s);
}

/* A connection on this descriptor, as accept makes it. */
static struct conn *
add(int fd, enum socket_kind socket, uid_t uid)
{
	struct conn *c = conn_new(fd, socket, &(struct peer){ .uid = uid });

	ck_assert_ptr_nonnull(c);
	c->quota = quota_open(&cs.caps.quotas, uid, 100);
	ck_assert_ptr_nonnull(c->quota);
	cs.caps.connections++;
	clients_add(&cs, c);
	return c;
}

static struct conn *
join(enum socket_kind socket, int *client)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	*client = ends[1];
	return add(ends[0], socket, 0);
}

static size_t
encode(uint8_t *bytes, uint8_t type, uint32_t id)
{
	struct request req = { .type = type };

	if (type == FRAME_HELLO)
		req.hello.lowest = req.hello.highest = PROTOCOL_MAJOR;
	if (type == FRAME_ORG_ADD)
		strlcpy(req.org.slug, "acme", sizeof(req.org.slug));
	return ask_encode(bytes, 128, &req, id);
}

static void
say(int client, uint8_t type, uint32_t id)
{
	uint8_t bytes[128];
	size_t len = encode(bytes, type, id);

	ck_assert_int_eq(send(client, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void
serve(void)
{
	struct turn t = { .view = scratch_view(&s),
		.policy = a.policy,
		.health = &health,
		.desk = a.desk,
		.limiter = a.limiter,
		.uses = a.uses,
		.notes = a.notes,
		.writer = w,
		.now = ASK_NOW,
		.now_ms = cs.now_ms };

	clients_serve(&cs, &t);
	store_view_reset(s.store);
}

/* One round of the loop, without waiting. */
static void
turn(void)
{
	struct epoll_event events[64];
	int n = epoll_wait(cs.verify_fd, events, 64, 0);

	for (int i = 0; i < n; i++)
		clients_hear(&cs, events[i].data.ptr, events[i].events);
	serve();
}

/* The id of the next answer; 0: none; -1: the connection is closed. */
static int64_t
hear(int client, struct reply *rep)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame f;
	ssize_t n = recv(client, bytes, FRAME_HEADER, MSG_PEEK);

	memset(rep, 0, sizeof(*rep));
	if (n < FRAME_HEADER)
		return n == 0 ? -1 : 0;
	n = FRAME_HEADER + (bytes[2] << 8 | bytes[3]);
	ck_assert_int_eq(recv(client, bytes, (size_t)n, 0), n);
	ck_assert_int_eq(frame_parse((struct span){ bytes, (size_t)n }, &f),
	    FRAME_WHOLE);
	ck_assert(reply_decode(rep, &f));
	return f.id;
}

static void
greet(int client)
{
	struct reply rep;

	say(client, FRAME_HELLO, 1);
	turn();
	ck_assert_int_eq(hear(client, &rep), 1);
	ask_done(&rep);
}

/* It got this error, and the connection is closed. */
static void
ck_ended(int client, enum error_code code)
{
	struct reply rep;

	ck_assert_int_eq(hear(client, &rep), 0);
	ask_refused(&rep, code);
	ck_assert_int_eq(hear(client, &rep), -1);
	close(client);
}

static unsigned
count_heard(int client)
{
	struct reply rep;
	unsigned n = 0;

	while (hear(client, &rep) > 0)
		n++;
	return n;
}

/* As if so many whole frames had been received. */
static void
fill_in(struct conn *c, uint8_t type, uint32_t id, unsigned count)
{
	c->session.greeted = true;
	ck_assert_ptr_nonnull(c->in = buffer_take());
	for (unsigned i = 0; i < count; i++)
		c->in->end += encode(c->in->bytes + c->in->end, type, id);
	clients_ready(&cs, c);
}

START_TEST(who_verifies_is_served_first_and_guessers_last)
{
	struct conn *late, *verify, *admin;
	struct reply rep;
	int ends[2];

	/* One client's socket for all three, to see their order. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     ends),
	    0);
	late = add(ends[0], SOCKET_VERIFY, 1000);
	verify = add(dup(ends[0]), SOCKET_VERIFY, 1001);
	admin = add(dup(ends[0]), SOCKET_ADMIN, 0);
	for (int i = 0; i < 11; i++)
		quota_count_unknown(late->quota, cs.now_ms);
	fill_in(late, FRAME_HELLO, 3, 1);
	fill_in(admin, FRAME_HELLO, 2, 1);
	fill_in(verify, FRAME_HELLO, 1, 1);
	ck_assert_ptr_eq(late->ready_in, &cs.ready[RANK_LATE]);
	ck_assert_ptr_eq(verify->ready_in, &cs.ready[RANK_VERIFY]);
	ck_assert_ptr_eq(admin->ready_in, &cs.ready[RANK_ADMIN]);
	ck_assert(clients_any_ready(&cs));
	serve();
	for (int64_t id = 1; id <= 3; id++)
		ck_assert_int_eq(hear(ends[1], &rep), id);
	ck_assert(!clients_any_ready(&cs));
	close(ends[1]);
}
END_TEST

static const struct grants to_1000 = { .count = 1,
	.all = { { .power = POWER_ISSUE,
	    .user_count = 1,
	    .users = { 1000 },
	    .org_count = 1,
	    .orgs = { "acme" } } } };
static const struct grants to_nobody;

/* On a socket of its own, greeted. */
static struct conn *
join_as(uid_t uid, int *client)
{
	struct conn *c = join(SOCKET_ADMIN, client);

	c->peer.uid = uid;
	peer_grant(-1, &to_1000, &c->peer);
	greet(*client);
	return c;
}

START_TEST(who_has_a_grant_is_served_as_administrators_are)
{
	struct conn *issuer, *stranger;
	int ends[2];

	issuer = join_as(1000, &ends[0]);
	stranger = join_as(1001, &ends[1]);
	fill_in(issuer, FRAME_SHOW, 2, 1);
	fill_in(stranger, FRAME_SHOW, 2, 1);
	ck_assert_ptr_eq(issuer->ready_in, &cs.ready[RANK_ADMIN]);
	ck_assert_ptr_eq(stranger->ready_in, &cs.ready[RANK_LATE]);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(a_power_that_is_taken_away_is_gone_at_once)
{
	struct reply rep;
	struct conn *c;
	int client;

	c = join_as(1000, &client);
	say(client, FRAME_STATUS, 2);
	turn();
	ck_assert_int_eq(hear(client, &rep), 2);
	ask_refused(&rep, ERROR_DENIED);
	say(client, FRAME_LIST, 3);
	turn();
	ck_assert_int_eq(hear(client, &rep), 3);
	ask_refused(&rep, ERROR_DENIED);
	ck_assert_uint_eq(cs.caps.connections, 1);
	clients_grant(&cs, &to_nobody);
	ck_assert_uint_eq(c->peer.grants, 0);
	clients_grant(&cs, &to_1000);
	ck_assert_uint_eq(c->peer.grants, 1);
	clients_grant(&cs, &to_nobody);
	say(client, FRAME_LIST, 4);
	turn();
	ck_assert_int_eq(hear(client, &rep), 4);
	ask_refused(&rep, ERROR_DENIED);
	ck_assert_uint_eq(cs.caps.connections, 0);
	close(client);
}
END_TEST

START_TEST(a_stranger_is_not_kept_on_the_socket_of_administrators)
{
	struct conn *issuer, *stranger;
	struct reply rep;
	int ends[2];

	issuer = join_as(1000, &ends[0]);
	stranger = join_as(1001, &ends[1]);
	ck_assert(!issuer->late);
	ck_assert(stranger->late);
	cs.now_ms += TIMEOUT;
	ck_assert_uint_eq(clients_end_overdue(&cs), 1);
	ck_assert_uint_eq(cs.caps.connections, 1);
	ck_assert_int_eq(hear(ends[1], &rep), 0);
	ask_refused(&rep, ERROR_TIMEOUT);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(nobody_is_served_more_than_a_share_in_a_round)
{
	int first, second, guesser;
	struct conn *c;

	fill_in(join(SOCKET_VERIFY, &first), FRAME_HELLO, 5, 100);
	fill_in(join(SOCKET_VERIFY, &second), FRAME_HELLO, 5, 1);
	serve();
	ck_assert_uint_eq(count_heard(first), 32);
	ck_assert_uint_eq(count_heard(second), 1);
	ck_assert(clients_any_ready(&cs));
	for (int i = 0; i < 3; i++)
		serve();
	ck_assert_uint_eq(count_heard(first), 68);
	ck_assert(!clients_any_ready(&cs));
	c = join(SOCKET_VERIFY, &guesser);
	for (int i = 0; i < 11; i++)
		quota_count_unknown(c->quota, cs.now_ms);
	fill_in(c, FRAME_HELLO, 5, 3);
	for (int i = 0; i < 3; i++) {
		serve();
		ck_assert_uint_eq(count_heard(guesser), 1);
	}
	close(first);
	close(second);
	close(guesser);
}
END_TEST

/* Without any time, that is one of them in each round. */
START_TEST(many_administrators_do_not_hold_up_the_verifies)
{
	static const unsigned of_verifier[] = { 32, 8, 0 };
	int admins[3], verifier;

	cs.admin_ns = 0;
	for (int i = 0; i < 3; i++)
		fill_in(join(SOCKET_ADMIN, &admins[i]), FRAME_HELLO, 5, 2);
	fill_in(join(SOCKET_VERIFY, &verifier), FRAME_HELLO, 5, 40);
	for (int i = 0; i < 3; i++) {
		serve();
		ck_assert_uint_eq(count_heard(admins[i]), 1);
		ck_assert_uint_eq(count_heard(verifier), of_verifier[i]);
		ck_assert(clients_any_ready(&cs));
	}
	for (int i = 0; i < 3; i++) {
		serve();
		ck_assert_uint_eq(count_heard(admins[i]), 1);
	}
	ck_assert(!clients_any_ready(&cs));
	cs.admin_ns = INT64_MAX;
	for (int i = 0; i < 3; i++)
		say(admins[i], FRAME_HELLO, 9);
	turn();
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(count_heard(admins[i]), 1);
		close(admins[i]);
	}
	close(verifier);
}
END_TEST

START_TEST(who_says_no_hello_is_ended_in_time)
{
	int early, later;

	(void)join(SOCKET_VERIFY, &early);
	cs.now_ms += 100;
	(void)join(SOCKET_VERIFY, &later);
	cs.now_ms = 1000 + TIMEOUT - 1;
	ck_assert_uint_eq(clients_end_overdue(&cs), 0);
	cs.now_ms++;
	ck_assert_uint_eq(clients_end_overdue(&cs), 1);
	ck_ended(early, ERROR_TIMEOUT);
	ck_assert_uint_eq(cs.caps.connections, 1);
	cs.now_ms += 100;
	ck_assert_uint_eq(clients_end_overdue(&cs), 1);
	ck_ended(later, ERROR_TIMEOUT);
	ck_assert_uint_eq(clients_end_overdue(&cs), 0);
}
END_TEST

START_TEST(half_a_frame_has_a_deadline_that_more_halves_do_not_move)
{
	uint8_t bytes[128];
	size_t len = encode(bytes, FRAME_HELLO, 2);
	struct conn *c;
	int client;

	c = join(SOCKET_VERIFY, &client);
	greet(client);
	ck_assert(!c->late);
	cs.now_ms += 10 * TIMEOUT;
	ck_assert_uint_eq(clients_end_overdue(&cs), 0);
	for (size_t i = 0; i < 10; i++) {
		ck_assert_int_eq(send(client, bytes + i, 1, 0), 1);
		turn();
		ck_assert(c->late);
		ck_assert_uint_eq(clients_end_overdue(&cs), 0);
		cs.now_ms += TIMEOUT / 10;
	}
	ck_assert_uint_lt(10, len);
	ck_assert_uint_eq(clients_end_overdue(&cs), 1);
	ck_ended(client, ERROR_TIMEOUT);
}
END_TEST

START_TEST(a_frame_that_is_finished_starts_the_deadline_anew)
{
	uint8_t bytes[128];
	size_t len = encode(bytes, FRAME_VERIFY, 2);
	struct conn *c;
	int client;

	c = join(SOCKET_VERIFY, &client);
	greet(client);
	ck_assert_int_eq(send(client, bytes, 5, 0), 5);
	turn();
	cs.now_ms += TIMEOUT - 1;
	ck_assert_int_eq(send(client, bytes + 5, len - 5, 0), (ssize_t)len - 5);
	ck_assert_int_eq(send(client, bytes, 5, 0), 5);
	turn();
	ck_assert(c->late);
	ck_assert_int_eq(c->deadline, cs.now_ms + TIMEOUT);
	cs.now_ms += TIMEOUT - 1;
	ck_assert_uint_eq(clients_end_overdue(&cs), 0);
	ck_assert_uint_eq(count_heard(client), 1);
	close(client);
}
END_TEST

START_TEST(a_change_that_is_under_way_has_no_deadline)
{
	struct conn *c;
	int client;

	c = join(SOCKET_ADMIN, &client);
	greet(client);
	say(client, FRAME_ORG_ADD, 2);
	turn();
	ck_assert_ptr_nonnull(c->change);
	ck_assert(!c->late);
	cs.now_ms += 10 * TIMEOUT;
	ck_assert_uint_eq(clients_end_overdue(&cs), 0);
	close(client);
}
END_TEST

START_TEST(who_ends_is_dropped_and_its_place_is_free)
{
	int client;

	(void)join(SOCKET_VERIFY, &client);
	greet(client);
	ck_assert_uint_eq(cs.caps.connections, 1);
	close(client);
	turn();
	ck_assert_uint_eq(cs.caps.connections, 0);
	ck_assert(TAILQ_EMPTY(&cs.all));
	ck_assert(!clients_any_ready(&cs));
}
END_TEST

static struct change *
wait_for_change(void)
{
	struct changes done = STAILQ_HEAD_INITIALIZER(done);

	while (STAILQ_EMPTY(&done))
		writer_take(w, &done);
	ck_assert_ptr_null(STAILQ_NEXT(STAILQ_FIRST(&done), entries));
	return STAILQ_FIRST(&done);
}

START_TEST(a_change_comes_back_to_its_client)
{
	struct reply rep;
	int client;

	(void)join(SOCKET_ADMIN, &client);
	greet(client);
	say(client, FRAME_ORG_ADD, 2);
	turn();
	ck_assert_int_eq(hear(client, &rep), 0);
	clients_deliver(&cs, wait_for_change());
	ck_assert(clients_any_ready(&cs));
	serve();
	ck_assert_int_eq(hear(client, &rep), 2);
	ask_done(&rep);
	close(client);
}
END_TEST

/* The counts are given back at once, the memory with the change. */
START_TEST(a_change_whose_client_has_gone_is_freed_when_it_is_back)
{
	struct change *ch;
	struct conn *c;
	int client;

	c = join(SOCKET_ADMIN, &client);
	greet(client);
	say(client, FRAME_ORG_ADD, 2);
	turn();
	ck_assert_ptr_nonnull(c->change);
	c->gone = true;
	clients_ready(&cs, c);
	serve();
	ck_assert(TAILQ_EMPTY(&cs.all));
	ck_assert_uint_eq(cs.caps.connections, 0);
	ck_assert(c->zombie);
	ck_assert_int_eq(c->fd, -1);
	clients_ready(&cs, c);
	ck_assert(!clients_any_ready(&cs));
	ch = wait_for_change();
	ck_assert_ptr_eq(ch->owner, c);
	clients_deliver(&cs, ch);
	close(client);
}
END_TEST

START_TEST(a_stop_answers_what_was_sent_and_ends_all)
{
	int idle, half, asking, changing, late;
	struct reply rep;
	struct conn *c;

	(void)join(SOCKET_VERIFY, &idle);
	(void)join(SOCKET_VERIFY, &half);
	greet(half);
	ck_assert_int_eq(send(half, "\0", 1, 0), 1);
	(void)join(SOCKET_ADMIN, &changing);
	greet(changing);
	say(changing, FRAME_ORG_ADD, 2);
	turn();
	fill_in(join(SOCKET_VERIFY, &asking), FRAME_HELLO, 5, 40);
	(void)join(SOCKET_VERIFY, &late);
	say(late, FRAME_HELLO, 7);
	clients_stop(&cs);
	ck_assert_int_eq(send(late, "x", 1, MSG_NOSIGNAL), -1);
	ck_assert_int_eq(errno, EPIPE);
	for (int i = 0; i < 3; i++)
		turn();
	ck_assert_int_eq(hear(late, &rep), 7);
	ck_assert_int_eq(hear(late, &rep), -1);
	ck_assert_int_eq(hear(idle, &rep), -1);
	ck_assert_int_eq(hear(half, &rep), -1);
	ck_assert_uint_eq(count_heard(asking), 40);
	ck_assert_int_eq(hear(asking, &rep), -1);
	ck_assert_uint_eq(cs.caps.connections, 1);
	c = TAILQ_FIRST(&cs.all);
	ck_assert_ptr_nonnull(c->change);
	clients_deliver(&cs, wait_for_change());
	turn();
	turn();
	ck_assert_int_eq(hear(changing, &rep), 2);
	ck_assert_int_eq(hear(changing, &rep), -1);
	ck_assert(TAILQ_EMPTY(&cs.all));
	close(late);
	close(idle);
	close(half);
	close(asking);
	close(changing);
}
END_TEST

START_TEST(who_does_not_read_is_waited_for_to_read)
{
	uint32_t asked = 1, heard = 1;
	struct reply rep;
	struct conn *c;
	int client;

	c = join(SOCKET_ADMIN, &client);
	greet(client);
	for (int idle = 0; idle < 3;) {
		uint8_t bytes[128];
		size_t len = encode(bytes, FRAME_STATUS, asked + 1);

		if (send(client, bytes, len, MSG_NOSIGNAL) == (ssize_t)len)
			asked++;
		else
			idle++;
		turn();
		ck_assert_uint_lt(asked, 1000000);
	}
	while (clients_any_ready(&cs))
		turn();
	ck_assert_uint_eq(c->events, EPOLLET | EPOLLOUT);
	ck_assert(!clients_any_ready(&cs));
	cs.now_ms += 10 * TIMEOUT;
	ck_assert_uint_eq(clients_end_overdue(&cs), 0);
	while (heard < asked) {
		int64_t id = hear(client, &rep);

		if (id == 0) {
			turn();
			continue;
		}
		ck_assert_int_eq(id, ++heard);
	}
	turn();
	ck_assert_uint_eq(c->events, EPOLLET | EPOLLIN | EPOLLRDHUP);
	close(client);
}
END_TEST

START_TEST(one_that_cannot_be_watched_is_dropped)
{
	int closed = dup(0);

	close(closed);
	(void)add(closed, SOCKET_VERIFY, 1000);
	ck_assert(TAILQ_EMPTY(&cs.all));
	ck_assert_uint_eq(cs.caps.connections, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clients");
	TCase *tc = tcase_create("clients");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, who_has_a_grant_is_served_as_administrators_are);
	tcase_add_test(tc, a_power_that_is_taken_away_is_gone_at_once);
	tcase_add_test(tc,
	    a_stranger_is_not_kept_on_the_socket_of_administrators);
	tcase_add_test(tc, who_verifies_is_served_first_and_guessers_last);
	tcase_add_test(tc, nobody_is_served_more_than_a_share_in_a_round);
	tcase_add_test(tc, many_administrators_do_not_hold_up_the_verifies);
	tcase_add_test(tc, who_says_no_hello_is_ended_in_time);
	tcase_add_test(tc,
	    half_a_frame_has_a_deadline_that_more_halves_do_not_move);
	tcase_add_test(tc, a_frame_that_is_finished_starts_the_deadline_anew);
	tcase_add_test(tc, a_change_that_is_under_way_has_no_deadline);
	tcase_add_test(tc, who_ends_is_dropped_and_its_place_is_free);
	tcase_add_test(tc, a_change_comes_back_to_its_client);
	tcase_add_test(tc,
	    a_change_whose_client_has_gone_is_freed_when_it_is_back);
	tcase_add_test(tc, a_stop_answers_what_was_sent_and_ends_all);
	tcase_add_test(tc, who_does_not_read_is_waited_for_to_read);
	tcase_add_test(tc, one_that_cannot_be_watched_is_dropped);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
