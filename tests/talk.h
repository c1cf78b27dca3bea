/* SPDX-License-Identifier: ISC */
/*
 * talk.h - a connection of keyd without its loop, and the client at the other
 * end.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_TALK_H
#define KEYD_TESTS_TALK_H

#include <sys/socket.h>

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "conn.h"

static struct scratch s;
static struct asker a; /* for its policy, and to fill the store */
static struct writer *w;
static struct health health;
static struct quota quota;
static int page_fd = -1; /* what keyd has of the bulletin */
static struct conn *c;
static int client;

static inline void
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

static inline void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 10));
	connect_as(SOCKET_ADMIN);
}

static inline void
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

static inline void
say_bytes(const void *bytes, size_t len)
{
	ck_assert_int_eq(send(client, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static inline size_t
encode(uint8_t *bytes, size_t cap, uint8_t type, uint32_t id)
{
	struct request req = { .type = type };

	if (type == FRAME_HELLO)
		req.hello.lowest = req.hello.highest = PROTOCOL_MAJOR;
	if (type == FRAME_ORG_ADD)
		snprintf(req.org.slug, sizeof(req.org.slug), "org-%u", id);
	return ask_encode(bytes, cap, &req, id);
}

static inline void
say(uint8_t type, uint32_t id)
{
	uint8_t bytes[512];

	say_bytes(bytes, encode(bytes, sizeof(bytes), type, id));
}

static inline bool
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
static inline void
turn(void)
{
	conn_receive(c);
	(void)serve(100);
	conn_flush(c);
}

/* The next answer's id and type; 0 when there is none. */
static inline uint32_t
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

static inline void
ck_heard(uint32_t id, uint8_t type)
{
	struct reply rep;

	ck_assert_uint_eq(hear(&rep), id);
	ck_assert_uint_eq(rep.type, type);
}

static inline void
ck_error(uint32_t id, enum error_code code)
{
	uint8_t bytes[FRAME_HEADER];
	struct reply rep;

	ck_assert_int_eq(recv(client, bytes, sizeof(bytes), MSG_PEEK),
	    FRAME_HEADER);
	ck_assert_uint_eq(hear(&rep), id);
	ask_refused(&rep, code);
}

static inline void
ck_silence(void)
{
	uint8_t byte;

	ck_assert_int_eq(recv(client, &byte, 1, MSG_PEEK), -1);
}

static inline void
greet(void)
{
	say(FRAME_HELLO, 1);
	turn();
	ck_heard(1, FRAME_HELLO | FRAME_ANSWER);
}

/* Waits for the writer, and gives the change back. */
static inline void
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

#endif /* KEYD_TESTS_TALK_H */
