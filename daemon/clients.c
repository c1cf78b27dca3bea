/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clients.h"
#include "clock.h"
#include "log.h"
#include "snapshot.h"

/*
 * Edge-triggered: a socket that was emptied is not looked at again until more
 * comes.  One that may not be is asked about anew once there is room for more;
 * and since what comes before an end comes with it, so is one that ended.
 */
#define READING (EPOLLET | EPOLLIN | EPOLLRDHUP)

/* Requests of one connection in a round: a page of a list takes a hundred
   times as long as a verify. */
static const unsigned shares[RANK_COUNT] = {
	[RANK_VERIFY] = 32,
	[RANK_ADMIN] = 1,
	[RANK_LATE] = 1,
};

void
clients_init(struct clients *cs, int verify_fd, int admin_fd)
{
	*cs = (struct clients){ .verify_fd = verify_fd,
		.admin_fd = admin_fd,
		.admin_ns = CLIENTS_ADMIN_NS };
	TAILQ_INIT(&cs->all);
	TAILQ_INIT(&cs->late);
	for (int i = 0; i < RANK_COUNT; i++)
		TAILQ_INIT(&cs->ready[i]);
}

int
clients_epoll(const struct clients *cs, enum socket_kind socket)
{
	return socket == SOCKET_ADMIN ? cs->admin_fd : cs->verify_fd;
}

void
clients_grant(struct clients *cs, const struct grants *g)
{
	struct conn *c;

	cs->caps.grants = g;
	TAILQ_FOREACH (c, &cs->all, all_entries)
		if (c->socket == SOCKET_ADMIN)
			peer_grant(c->fd, g, &c->peer);
}

static enum rank
rank_of(struct clients *cs, const struct conn *c)
{
	if (c->socket == SOCKET_ADMIN)
		return peer_may_issue(&c->peer) ? RANK_ADMIN : RANK_LATE;
	if (quota_is_over(c->quota, cs->unknown_per_second, cs->now_ms))
		return RANK_LATE;
	return RANK_VERIFY;
}

void
clients_ready(struct clients *cs, struct conn *c)
{
	if (c->ready_in != NULL || c->zombie)
		return;
	c->ready_in = &cs->ready[rank_of(cs, c)];
	TAILQ_INSERT_TAIL(c->ready_in, c, ready_entries);
}

void
clients_hear(struct clients *cs, struct conn *c, uint32_t events)
{
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		conn_receive(c);
	if ((events & EPOLLRDHUP) != 0)
		c->rest = true;
	/* Hung up, and nothing will be read: no one is left to answer. */
	if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !conn_wants_read(c))
		c->gone = true;
	clients_ready(cs, c);
}

static void
set_late(struct clients *cs, struct conn *c, bool late)
{
	if (c->late == late)
		return;
	c->late = late;
	if (!late) {
		TAILQ_REMOVE(&cs->late, c, late_entries);
		return;
	}
	c->deadline = cs->now_ms + cs->timeout_ms;
	TAILQ_INSERT_TAIL(&cs->late, c, late_entries);
}

static void
drop(struct clients *cs, struct conn *c)
{
	set_late(cs, c, false);
	if (c->ready_in != NULL)
		TAILQ_REMOVE(c->ready_in, c, ready_entries);
	c->ready_in = NULL;
	TAILQ_REMOVE(&cs->all, c, all_entries);
	accept_release(&cs->caps, c);
	snapshot_leave(cs->snapshot, &c->session);
	if (c->session.restoring && cs->chores != NULL)
		chores_release(cs->chores, c->session.number);
	if (c->change == NULL) {
		conn_free(c);
		return;
	}
	close(c->fd);
	c->fd = -1;
	c->zombie = true;
}

void
clients_add(struct clients *cs, struct conn *c)
{
	struct epoll_event ev = { .events = READING, .data.ptr = c };

	c->events = ev.events;
	c->session.number = ++cs->numbers;
	TAILQ_INSERT_TAIL(&cs->all, c, all_entries);
	if (epoll_ctl(clients_epoll(cs, c->socket), EPOLL_CTL_ADD, c->fd,
		&ev) == 0)
		set_late(cs, c, true);
	else
		drop(cs, c);
}

static void
update_events(struct clients *cs, struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLET, .data.ptr = c };

	if (conn_wants_read(c))
		ev.events |= READING;
	if (conn_wants_write(c))
		ev.events |= EPOLLOUT;
	if (ev.events == c->events && !c->rest)
		return;
	c->rest = false;
	c->events = ev.events;
	if (epoll_ctl(clients_epoll(cs, c->socket), EPOLL_CTL_MOD, c->fd,
		&ev) != 0)
		log_err("epoll_ctl: %s", strerror(errno));
}

/* A frame that was finished starts the deadline of the next one anew. */
static void
settle(struct clients *cs, struct conn *c, bool progress)
{
	if (c->gone || (conn_is_over(c) && !conn_has_request(c))) {
		drop(cs, c);
		return;
	}
	if (progress)
		set_late(cs, c, false);
	if (conn_has_request(c)) {
		clients_ready(cs, c);
		return;
	}
	set_late(cs, c, conn_is_waiting(c));
	update_events(cs, c);
}

static void
serve_one(struct clients *cs, struct turn *t, struct conn *c, enum rank rank)
{
	bool progress;

	c->ready_in = NULL;
	progress = conn_serve(c, t, shares[rank]);
	conn_flush(c);
	settle(cs, c, progress);
}

/* However many administrators list keys, the verifies come between them. */
static bool
is_over(const struct clients *cs, enum rank rank, int64_t began)
{
	return rank == RANK_ADMIN && clock_mono_ns() - began >= cs->admin_ns;
}

/* Looks at as many as it can; returns how many. */
static unsigned
look_ahead(const struct conns *list, const struct turn *t)
{
	struct ahead a = { .count = 0 };
	const struct conn *c;
	unsigned seen = 0;

	TAILQ_FOREACH (c, list, ready_entries) {
		if (ahead_is_full(&a))
			break;
		conn_look_ahead(c, &a);
		seen++;
	}
	ahead_fetch(&a, t->desk, t->limiter, t->uses);
	return seen;
}

/* Those for whom there was no time left are the first of the next round. */
static void
serve_rank(struct clients *cs, struct turn *t, enum rank rank)
{
	struct conns now = TAILQ_HEAD_INITIALIZER(now);
	int64_t began = rank == RANK_ADMIN ? clock_mono_ns() : 0;
	unsigned near = 0;
	bool over = false;
	struct conn *c;

	TAILQ_CONCAT(&now, &cs->ready[rank], ready_entries);
	while (!over && (c = TAILQ_FIRST(&now)) != NULL) {
		if (near == 0)
			near = look_ahead(&now, t);
		near--;
		TAILQ_REMOVE(&now, c, ready_entries);
		serve_one(cs, t, c, rank);
		over = is_over(cs, rank, began);
	}
	TAILQ_CONCAT(&now, &cs->ready[rank], ready_entries);
	TAILQ_CONCAT(&cs->ready[rank], &now, ready_entries);
}

void
clients_serve(struct clients *cs, struct turn *t)
{
	for (enum rank rank = RANK_VERIFY; rank < RANK_COUNT; rank++)
		serve_rank(cs, t, rank);
}

bool
clients_any_ready(const struct clients *cs)
{
	for (enum rank rank = RANK_VERIFY; rank < RANK_COUNT; rank++)
		if (!TAILQ_EMPTY(&cs->ready[rank]))
			return true;
	return false;
}

unsigned
clients_end_overdue(struct clients *cs)
{
	unsigned ended = 0;
	struct conn *c;

	while (
	    (c = TAILQ_FIRST(&cs->late)) != NULL && c->deadline <= cs->now_ms) {
		if (c->closing)
			c->gone = true;
		else
			conn_end(c, ERROR_TIMEOUT);
		conn_flush(c);
		settle(cs, c, true);
		ended++;
	}
	return ended;
}

int64_t
clients_next_deadline(const struct clients *cs)
{
	const struct conn *first = TAILQ_FIRST(&cs->late);

	return first != NULL ? first->deadline : INT64_MAX;
}

void
clients_stop(struct clients *cs)
{
	struct conn *c;

	TAILQ_FOREACH (c, &cs->all, all_entries)
		(void)shutdown(c->fd, SHUT_RD);
}

void
clients_deliver(struct clients *cs, struct change *ch)
{
	struct conn *c = ch->owner;

	if (c->zombie) {
		change_free(ch);
		c->change = NULL;
		conn_free(c);
		return;
	}
	conn_deliver(c);
	clients_ready(cs, c);
}

void
clients_free(struct clients *cs)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&cs->all)) != NULL) {
		conn_flush(c);
		drop(cs, c);
	}
}
