/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "async.h"
#include "client.h"

#define RETRY INT64_C(5000000) /* ns until a full backlog is tried again */
#define LOST_AT_ONCE 3 /* connections, before the next one waits as well */

static struct awaited *
awaited_at(struct keyd_async *a, uint32_t at)
{
	return &a->awaited[at % ASYNC_MAX];
}

static bool
is_any_awaited(const struct keyd_async *a)
{
	return a->first != a->next;
}

static void
finish_queue(struct keyd_async *a, enum keyd_status status)
{
	while (!TAILQ_EMPTY(&a->queue))
		async_finish(a, TAILQ_FIRST(&a->queue), status);
}

/*
 * Bytes that keyd left unread when it closed are the last that were sent: what
 * they ask may be sent again.  What went before may have been read, and so
 * counted.
 */
static bool
may_ask_first_again(struct keyd_async *a, int error)
{
	bool is_last = a->first + 1 == a->next;

	return awaited_at(a, a->first)->end > a->lane.sent ||
	    (error == ECONNRESET && is_last);
}

static void
queue_again(struct keyd_async *a, struct pending *p)
{
	awaited_at(a, p->at)->pending = NULL;
	p->where = ASYNC_QUEUED;
	TAILQ_INSERT_TAIL(&a->queue, p, entries);
}

/* The connection is over.  error: an errno; 0: keyd closed it. */
static void
lose(struct keyd_async *a, int error, enum keyd_status status)
{
	struct pendings later = TAILQ_HEAD_INITIALIZER(later);

	TAILQ_CONCAT(&later, &a->queue, entries);
	for (; is_any_awaited(a); a->first++) {
		struct awaited *w = awaited_at(a, a->first);

		if (w->pending == NULL)
			continue;
		if (may_ask_first_again(a, error))
			queue_again(a, w->pending);
		else
			async_finish(a, w->pending, status);
	}
	TAILQ_CONCAT(&a->queue, &later, entries);
	a->retire = false;
	lane_close(&a->lane);
}

/* keyd ended it.  One that does so each time is not kept busy with more. */
static void
lose_to_keyd(struct keyd_async *a, int error)
{
	lose(a, error, KEYD_EUNAVAILABLE);
	if (++a->lost >= LOST_AT_ONCE)
		a->connect_at = stream_now() + RETRY;
}

/* Nothing that waits has a chance on this keyd. */
static void
give_up(struct keyd_async *a, enum keyd_status status)
{
	lose(a, 0, status);
	finish_queue(a, status);
}

bool
async_epoll_is_ours(const struct keyd_async *a)
{
	struct epoll_event none = { .events = 0 };

	return epoll_ctl(a->epoll_fd, EPOLL_CTL_MOD, a->marker_fd, &none) == 0;
}

static bool
watch(struct keyd_async *a, int op)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (lane_wants_write(&a->lane))
		ev.events |= EPOLLOUT;
	if (op == EPOLL_CTL_MOD && ev.events == a->events)
		return true;
	a->events = ev.events;
	return async_epoll_is_ours(a) &&
	    epoll_ctl(a->epoll_fd, op, a->lane.stream.fd, &ev) == 0;
}

static void
connect_lane(struct keyd_async *a)
{
	if (a->connect_at > stream_now())
		return;
	a->connect_at = 0;
	if (lane_open(&a->lane, a->handle->runtime_dir) == 0) {
		if (!watch(a, EPOLL_CTL_ADD))
			give_up(a, KEYD_EUNAVAILABLE);
	} else if (errno == EAGAIN) {
		a->connect_at = stream_now() + RETRY;
	} else {
		give_up(a, KEYD_EUNAVAILABLE);
	}
}

static bool
fits(const struct keyd_async *a, const struct pending *p)
{
	const struct reply_welcome *w = &a->lane.welcome;

	return w->foreign || strcmp(p->prefix, w->prefix) == 0;
}

static bool
put(struct keyd_async *a, struct pending *p)
{
	struct request req;
	uint32_t id;

	question_put(&p->q, a->lane.page, &req);
	id = lane_put(&a->lane, &req);
	sodium_memzero(&req, sizeof(req));
	if (id == 0)
		return false;
	TAILQ_REMOVE(&a->queue, p, entries);
	p->where = ASYNC_UNDER_WAY;
	p->at = a->next++;
	*awaited_at(a, p->at) = (struct awaited){ p, id, a->lane.put };
	return true;
}

static void
put_all(struct keyd_async *a)
{
	struct pending *p;

	while ((p = TAILQ_FIRST(&a->queue)) != NULL && !a->retire &&
	    a->next - a->first < ASYNC_MAX) {
		if (!fits(a, p))
			async_finish(a, p, KEYD_MALFORMED);
		else if (!put(a, p))
			return;
	}
}

/* keyd is asked for its prefix by a new connection, when nothing is under way
   on this one. */
static void
retire(struct keyd_async *a)
{
	if (a->retire && !is_any_awaited(a) && a->lane.state == LANE_UP)
		lose(a, 0, KEYD_EUNAVAILABLE);
}

/* keyd may have answered before it closed: what it said is read, and the end
   after it, when the descriptor becomes readable.  A descriptor that the host
   took away never does. */
static void
flush(struct keyd_async *a)
{
	if (lane_flush(&a->lane) == 0 || errno == EPIPE || errno == ECONNRESET)
		return;
	lose(a, errno, KEYD_EUNAVAILABLE);
	if (!TAILQ_EMPTY(&a->queue))
		connect_lane(a);
}

void
async_pump(struct keyd_async *a)
{
	retire(a);
	if (a->lane.state == LANE_DOWN && !TAILQ_EMPTY(&a->queue))
		connect_lane(a);
	if (a->lane.state == LANE_UP)
		put_all(a);
	if (a->lane.state == LANE_DOWN)
		return;
	flush(a);
	if (a->lane.state != LANE_DOWN && !watch(a, EPOLL_CTL_MOD))
		give_up(a, KEYD_EUNAVAILABLE);
}

static void
greet(struct keyd_async *a, const struct reply *rep)
{
	struct lane *l = &a->lane;
	int fd = l->passed;

	if (!client_welcome_good(&rep->welcome)) {
		give_up(a, KEYD_EPROTOCOL);
		return;
	}
	l->passed = -1;
	l->page = bulletins_take(&a->handle->pool.bulletins, fd);
	l->welcome = rep->welcome;
	l->state = LANE_UP;
	format_learn(&a->handle->formats, &rep->welcome);
}

/* An error that is of no request ends the connection. */
static void
end_with(struct keyd_async *a, const struct reply *rep)
{
	struct pending *p;
	enum keyd_status status = client_error_status(rep->error.code);

	TAILQ_FOREACH (p, &a->times, times)
		p->verdict.retry_after = rep->error.retry_after;
	give_up(a, status);
}

static void
take_answer(struct keyd_async *a, const struct frame *f,
    const struct reply *rep)
{
	struct awaited *w = awaited_at(a, a->first);
	struct pending *p = w->pending;
	enum keyd_status status = KEYD_OK;

	if (!is_any_awaited(a) || w->id != f->id) {
		give_up(a, KEYD_EPROTOCOL);
		return;
	}
	a->first++;
	a->lost = 0;
	if (p == NULL)
		return;
	if (rep->type == FRAME_ERROR)
		status = client_error_status(rep->error.code);
	status = question_take(&p->q, a->lane.page, status, rep, &p->verdict);
	async_finish(a, p, status);
}

/* What it may be is known from the state before the body is looked at. */
static bool
is_expected(const struct keyd_async *a, const struct frame *f)
{
	uint8_t type = a->lane.state == LANE_UP ? FRAME_VERIFY : FRAME_HELLO;

	if (f->type == FRAME_ERROR)
		return true;
	return f->major == PROTOCOL_MAJOR && f->type == (type | FRAME_ANSWER);
}

static void
take_frame(struct keyd_async *a, const struct frame *f)
{
	struct reply rep;

	if (!is_expected(a, f) || !reply_decode(&rep, f))
		give_up(a, KEYD_EPROTOCOL);
	else if (rep.type == FRAME_ERROR &&
	    (f->id == 0 || a->lane.state == LANE_GREETING))
		end_with(a, &rep);
	else if (a->lane.state == LANE_GREETING)
		greet(a, &rep);
	else
		take_answer(a, f, &rep);
}

static void
take_frames(struct keyd_async *a)
{
	struct frame f;

	while (a->lane.state != LANE_DOWN) {
		switch (lane_next(&a->lane, &f)) {
		case FRAME_WHOLE:
			take_frame(a, &f);
			break;
		case FRAME_TOO_LARGE:
			give_up(a, KEYD_EPROTOCOL);
			return;
		case FRAME_PARTIAL:
			return;
		}
	}
}

void
async_receive(struct keyd_async *a)
{
	while (a->lane.state != LANE_DOWN) {
		ssize_t n = lane_receive(&a->lane);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			lose_to_keyd(a, n < 0 ? errno : 0);
			return;
		}
		take_frames(a);
	}
}

void
async_expire(struct keyd_async *a)
{
	int64_t now = stream_now();
	struct pending *p;

	while ((p = TAILQ_FIRST(&a->times)) != NULL && p->deadline <= now)
		async_finish(a, p, KEYD_ETIMEOUT);
}
