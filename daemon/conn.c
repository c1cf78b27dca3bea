/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conn.h"
#include "fault.h"
#include "notes.h"

struct conn *
conn_new(int fd, enum socket_kind socket, const struct peer *peer)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->fd = fd;
	c->pass_fd = -1;
	c->socket = socket;
	c->peer = *peer;
	return c;
}

void
conn_free(struct conn *c)
{
	buffer_give(c->in);
	buffer_give(c->out);
	if (c->fd != -1)
		close(c->fd);
	free(c);
}

static void
give_if_empty(struct buffer **b)
{
	if (*b == NULL || (*b)->start < (*b)->end)
		return;
	buffer_give(*b);
	*b = NULL;
}

/* Without memory this client has to come back later. */
static bool
take_if_none(struct conn *c, struct buffer **b)
{
	if (*b == NULL)
		*b = buffer_take();
	if (*b == NULL)
		c->gone = true;
	return *b != NULL;
}

void
conn_receive(struct conn *c)
{
	size_t room;
	ssize_t n;

	c->rest = !conn_wants_read(c);
	if (c->rest || !take_if_none(c, &c->in))
		return;
	buffer_pack(c->in);
	room = buffer_room(c->in);
	n = recv(c->fd, c->in->bytes + c->in->end, room, 0);
	/* Less than there is room for is all, but for a client that sends what
	   no client of ours does: descriptors, or urgent bytes. */
	c->rest = n == (ssize_t)room || (n == -1 && errno == EINTR);
	if (n > 0)
		c->in->end += (size_t)n;
	else if (n == 0)
		c->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		c->gone = true;
	give_if_empty(&c->in);
}

static struct wire_writer
answer_writer(const struct conn *c)
{
	return wire_writer(c->out->bytes + c->out->end, buffer_room(c->out));
}

static void
put_error(struct conn *c, uint32_t id, enum error_code code)
{
	struct wire_writer w;

	if (!take_if_none(c, &c->out))
		return;
	w = answer_writer(c);
	fault_put(&w, id, code, NULL);
	if (wire_fits(&w))
		c->out->end += wire_length(&w);
}

void
conn_end(struct conn *c, enum error_code code)
{
	put_error(c, 0, code);
	c->closing = true;
}

/* Room for the largest answer, and an error after it. */
#define ANSWER_ROOM (FRAME_MAX + FAULT_MAX)

static bool
may_answer(const struct conn *c)
{
	size_t used = c->out != NULL ? c->out->end - c->out->start : 0;

	return c->change == NULL && !c->closing && !c->gone &&
	    BUFFER_SIZE - used >= ANSWER_ROOM;
}

static bool
can_answer(struct conn *c)
{
	if (!may_answer(c) || !take_if_none(c, &c->out))
		return false;
	if (buffer_room(c->out) < ANSWER_ROOM)
		buffer_pack(c->out);
	return true;
}

static void
submit(struct conn *c, struct change *ch, struct turn *t)
{
	ch->owner = c;
	c->change = ch;
	if ((!change_reads_uses(ch) || chores_hurry(t->chores)) &&
	    writer_submit(t->writer, ch))
		return;
	c->change = NULL;
	put_error(c, ch->id, ERROR_BUSY);
	change_free(ch);
}

static void
serve_one(struct conn *c, struct turn *t, const struct frame *f)
{
	struct wire_writer out = answer_writer(c);
	struct op_call call = {
		.peer = &c->peer,
		.policy = t->policy,
		.now = t->now,
		.now_ms = t->now_ms,
		.now_ns = t->now_ns,
		.health = t->health,
		.session = &c->session,
		.desk = t->desk,
		.limiter = t->limiter,
		.leases = t->leases,
		.uses = t->uses,
		.notes = t->notes,
		.snapshot = t->snapshot,
		.incoming = t->incoming,
		.txn = t->view,
		.out = &out,
	};
	struct change *ch = dispatch(&call, c->socket, f, t->policy);

	t->verifies += f->type == FRAME_VERIFY;
	if (ch != NULL)
		submit(c, ch, t);
	else if (wire_fits(&out))
		c->out->end += wire_length(&out);
	else
		put_error(c, f->id, ERROR_STORE);
	if (call.unknown) {
		quota_count_unknown(c->quota, t->now_ms);
		notes_unknown(t->notes, c->peer.uid, t->now);
	}
	if (call.hang_up)
		c->closing = true;
	if (call.page && c->socket == SOCKET_VERIFY)
		c->pass_fd = t->page_fd;
}

/* One who has no power, on the socket of those who have. */
static bool
is_stranger(const struct conn *c)
{
	return c->socket == SOCKET_ADMIN && !peer_may_issue(&c->peer);
}

/* Takes one frame, or what cannot be one, out of the buffer. */
static bool
take_frame(struct conn *c, struct turn *t)
{
	struct frame f;

	switch (frame_parse(buffer_content(c->in), &f)) {
	case FRAME_PARTIAL:
		return false;
	case FRAME_TOO_LARGE:
		t->health->bad_frames++;
		conn_end(c, ERROR_TOO_LARGE);
		c->in->start = c->in->end;
		break;
	case FRAME_WHOLE:
		serve_one(c, t, &f);
		c->in->start += frame_size(&f);
		break;
	}
	give_if_empty(&c->in);
	return true;
}

void
conn_look_ahead(const struct conn *c, struct ahead *a)
{
	struct span rest;
	struct frame f;

	if (c->in == NULL || c->socket != SOCKET_VERIFY)
		return;
	rest = buffer_content(c->in);
	while (frame_parse(rest, &f) == FRAME_WHOLE && ahead_note(a, &f)) {
		rest.ptr += frame_size(&f);
		rest.len -= frame_size(&f);
	}
}

/* One look at the clock for all that go out together. */
static void
count_latency(const struct turn *t, unsigned verifies)
{
	if (verifies > 0)
		latency_count(&t->health->latency, verifies,
		    clock_boot_ns() - t->now_ns);
}

bool
conn_serve(struct conn *c, struct turn *t, unsigned share)
{
	unsigned before = t->verifies;
	bool was_greeted = c->session.greeted, progress = false;

	while (c->in != NULL && share > 0 && can_answer(c)) {
		bool greeted = c->session.greeted;

		if (!take_frame(c, t))
			break;
		progress = true;
		if (greeted == c->session.greeted)
			share--;
	}
	if (c->session.greeted && !was_greeted && c->change != NULL)
		c->held = true;
	count_latency(t, t->verifies - before);
	give_if_empty(&c->out);
	return progress;
}

void
conn_deliver(struct conn *c)
{
	struct change *ch = c->change;

	c->change = NULL;
	c->held = false;
	if (take_if_none(c, &c->out) && buffer_room(c->out) >= ch->answer_len) {
		memcpy(c->out->bytes + c->out->end, ch->answer, ch->answer_len);
		c->out->end += ch->answer_len;
	} else {
		c->gone = true;
	}
	change_free(ch);
}

/* A descriptor goes with the first byte, if that goes at all. */
static ssize_t
send_passing(struct conn *c, struct span s)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	struct iovec iov = { .iov_base = (void *)s.ptr, .iov_len = s.len };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&m);
	ssize_t n;

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &c->pass_fd, sizeof(int));
	n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	if (n >= 0)
		c->pass_fd = -1;
	return n;
}

/* The kernel bounds the descriptors that nobody has received yet; a client
   lives without. */
static bool
cannot_pass(ssize_t n)
{
	return n == -1 && errno == ETOOMANYREFS;
}

static ssize_t
send_some(struct conn *c, struct span s)
{
	if (c->pass_fd != -1) {
		ssize_t n = send_passing(c, s);

		if (!cannot_pass(n))
			return n;
		c->pass_fd = -1;
	}
	return send(c->fd, s.ptr, s.len, MSG_NOSIGNAL);
}

void
conn_flush(struct conn *c)
{
	while (conn_wants_write(c)) {
		struct span s = buffer_content(c->out);
		ssize_t n = send_some(c, s);

		if (n >= 0)
			c->out->start += (size_t)n;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			c->gone = true;
		give_if_empty(&c->out);
	}
}

bool
conn_has_request(const struct conn *c)
{
	struct frame f;

	return c->in != NULL && may_answer(c) &&
	    frame_parse(buffer_content(c->in), &f) != FRAME_PARTIAL;
}

bool
conn_wants_read(const struct conn *c)
{
	bool full = c->in != NULL && c->in->end - c->in->start == BUFFER_SIZE;

	return !c->eof && !c->closing && !c->gone && !full;
}

bool
conn_wants_write(const struct conn *c)
{
	return c->out != NULL && !c->held && !c->gone;
}

bool
conn_is_waiting(const struct conn *c)
{
	if (c->closing)
		return c->out != NULL;
	if (c->change != NULL || c->out != NULL)
		return false;
	return c->in != NULL || !c->session.greeted || is_stranger(c);
}

bool
conn_is_over(const struct conn *c)
{
	return (c->eof || c->closing) && c->change == NULL && c->out == NULL;
}
