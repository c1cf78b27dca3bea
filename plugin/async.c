/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "async.h"
#include "bearer.h"
#include "guest.h"
#include "token.h"
#include "verdict.h"

#define MS INT64_C(1000000) /* ns */

bool
async_is_ours(const struct keyd_async *a)
{
	return a->owner == pool_number(&a->handle->pool);
}

static bool
open_descriptors(struct keyd_async *a)
{
	struct epoll_event none = { .events = 0 };

	a->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	a->marker_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->epoll_fd != -1 && a->marker_fd != -1 &&
	    epoll_ctl(a->epoll_fd, EPOLL_CTL_ADD, a->marker_fd, &none) == 0)
		return true;
	if (a->epoll_fd != -1)
		close(a->epoll_fd);
	if (a->marker_fd != -1)
		close(a->marker_fd);
	return false;
}

static void
close_descriptors(struct keyd_async *a)
{
	lane_close(&a->lane);
	if (!async_epoll_is_ours(a))
		return;
	close(a->epoll_fd);
	close(a->marker_fd);
}

static enum keyd_status
open_async(struct keyd *handle, struct keyd_async **async)
{
	struct keyd_async *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return KEYD_ENOMEM;
	a->handle = handle;
	a->owner = pool_number(&handle->pool);
	a->epoll_fd = a->marker_fd = -1;
	lane_init(&a->lane);
	TAILQ_INIT(&a->queue);
	TAILQ_INIT(&a->ready);
	TAILQ_INIT(&a->times);
	if (a->owner == 0 || !open_descriptors(a)) {
		free(a);
		return KEYD_ENOMEM;
	}
	*async = a;
	return KEYD_OK;
}

enum keyd_status
keyd_async_open(struct keyd *handle, struct keyd_async **async)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;

	if (async != NULL) {
		*async = NULL;
		if (handle != NULL)
			status = open_async(handle, async);
	}
	guest_leave(g);
	return status;
}

static void
give_up_ticket(struct keyd_async *a, struct pending *p)
{
	a->by_ticket[p->ticket % ASYNC_MAX] = NULL;
	a->count--;
	sodium_memzero(p, sizeof(*p));
	free(p);
}

void
async_forget(struct keyd_async *a, struct pending *p)
{
	if (p->where != ASYNC_READY)
		TAILQ_REMOVE(&a->times, p, times);
	if (p->where == ASYNC_UNDER_WAY)
		a->awaited[p->at % ASYNC_MAX].pending = NULL;
	else
		TAILQ_REMOVE(p->where == ASYNC_READY ? &a->ready : &a->queue, p,
		    entries);
	give_up_ticket(a, p);
}

static void
forget_all(struct keyd_async *a)
{
	for (size_t i = 0; i < ASYNC_MAX && a->count > 0; i++)
		if (a->by_ticket[i] != NULL)
			async_forget(a, a->by_ticket[i]);
}

void
keyd_async_close(struct keyd_async *a)
{
	struct guest g = guest_enter();

	if (a != NULL && !a->closed) {
		forget_all(a);
		close_descriptors(a);
		a->closed = true;
		if (!a->draining)
			free(a);
	}
	guest_leave(g);
}

int
keyd_async_fd(const struct keyd_async *a)
{
	return a->epoll_fd;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int
keyd_async_timeout(const struct keyd_async *a)
{
	const struct pending *p = TAILQ_FIRST(&a->times);
	int64_t due, left;

	if (!TAILQ_EMPTY(&a->ready))
		return 0;
	if (p == NULL)
		return -1;
	due = p->deadline;
	if (a->lane.state == LANE_DOWN && a->connect_at != 0)
		due = earlier(due, a->connect_at);
	left = (due - stream_now() + MS - 1) / MS;
	return left > 0 ? (int)earlier(left, INT_MAX) : 0;
}

void
keyd_async_process(struct keyd_async *a)
{
	struct guest g = guest_enter();

	if (!a->draining && !a->closed && async_is_ours(a)) {
		async_receive(a);
		async_expire(a);
		async_pump(a);
		async_drain(a);
	}
	guest_leave(g);
}

/* A ticket says where it is looked for, and is never the same again. */
static bool
give_ticket(struct keyd_async *a, struct pending *p)
{
	if (a->count == ASYNC_MAX)
		return false;
	do
		p->ticket = ++a->last_ticket;
	while (a->by_ticket[p->ticket % ASYNC_MAX] != NULL || p->ticket == 0);
	a->by_ticket[p->ticket % ASYNC_MAX] = p;
	a->count++;
	return true;
}

/* A question that only keyd, or only a later moment, can answer. */
static struct pending *
pend(struct keyd_async *a, const struct question *q, keyd_done *done, void *arg)
{
	struct pending *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->done = done;
	p->arg = arg;
	p->q = *q;
	if (q->permission != NULL) {
		(void)memccpy(p->permission, q->permission, '\0',
		    sizeof(p->permission) - 1);
		p->q.permission = p->permission;
	}
	if (!give_ticket(a, p)) {
		free(p);
		return NULL;
	}
	p->where = ASYNC_QUEUED;
	p->deadline = client_deadline(a->handle->deadline_ms);
	TAILQ_INSERT_TAIL(&a->queue, p, entries);
	TAILQ_INSERT_TAIL(&a->times, p, times);
	return p;
}

void
async_finish(struct keyd_async *a, struct pending *p, enum keyd_status status)
{
	TAILQ_REMOVE(&a->times, p, times);
	if (p->where == ASYNC_QUEUED)
		TAILQ_REMOVE(&a->queue, p, entries);
	else
		a->awaited[p->at % ASYNC_MAX].pending = NULL;
	question_wipe(&p->q);
	p->where = ASYNC_READY;
	p->status = status;
	TAILQ_INSERT_TAIL(&a->ready, p, entries);
}

/* The host's function runs as its own, not as a guest's. */
static void
call(keyd_done *done, void *arg, enum keyd_status status,
    struct keyd_verdict *verdict)
{
	verdict->size = sizeof(*verdict);
	verdict_settle(verdict, status);
	done(arg, status, verdict);
}

/* Callbacks may make more ready, and close. */
static void
drain_on(struct keyd_async *a)
{
	struct pending *p, now;

	while (!a->closed && (p = TAILQ_FIRST(&a->ready)) != NULL) {
		TAILQ_REMOVE(&a->ready, p, entries);
		now = *p;
		give_up_ticket(a, p);
		call(now.done, now.arg, now.status, &now.verdict);
	}
	a->draining = false;
	if (a->closed)
		free(a);
}

void
async_drain(struct keyd_async *a)
{
	if (a->draining)
		return;
	a->draining = true;
	drain_on(a);
}

/* Known at once: called at once, unless a callback is what asks. */
static enum keyd_status
answer_now(struct keyd_async *a, const struct question *q,
    enum keyd_status status, struct keyd_verdict *v, keyd_done *done, void *arg,
    uint64_t *ticket)
{
	struct pending *p;

	if (!a->draining) {
		a->draining = true;
		call(done, arg, status, v);
		drain_on(a);
		return KEYD_OK;
	}
	if ((p = pend(a, q, done, arg)) == NULL)
		return KEYD_ENOMEM;
	*ticket = p->ticket;
	p->verdict = *v;
	async_finish(a, p, status);
	return KEYD_OK;
}

/* keyd may have been given another prefix since it was heard: then, now and
   then, it is heard again before a text is refused. */
static bool
is_no_token(struct keyd_async *a, const char *prefix)
{
	struct formats *f = &a->handle->formats;
	const struct format *known = atomic_load(&f->now);

	if (known == NULL || known->foreign ||
	    strcmp(known->prefix, prefix) == 0)
		return false;
	if (!format_stale(f))
		return true;
	a->retire = true;
	return false;
}

static enum keyd_status
ask_keyd(struct keyd_async *a, struct question *q, const char *prefix,
    keyd_done *done, void *arg, uint64_t *ticket)
{
	struct pending *p;

	question_digest(q);
	p = pend(a, q, done, arg);
	question_wipe(q);
	if (p == NULL)
		return KEYD_ENOMEM;
	memcpy(p->prefix, prefix, sizeof(p->prefix));
	*ticket = p->ticket;
	async_pump(a);
	async_drain(a);
	return KEYD_OK;
}

/* found: what came of looking for a token in what the caller has. */
static enum keyd_status
submit(struct keyd_async *a, struct question *q, enum keyd_status found,
    keyd_done *done, void *arg, uint64_t *ticket)
{
	char prefix[PREFIX_SIZE];
	enum keyd_status status;
	struct keyd_verdict v; /* whole when it is known: the way of most */

	if (found == KEYD_OK && question_known(q, &status, &v))
		return answer_now(a, q, status, &v, done, arg, ticket);
	v = (struct keyd_verdict)KEYD_VERDICT_INIT;
	status = found == KEYD_OK ? question_check(q) : found;
	if (status == KEYD_OK) {
		format_prefix_of(q->text, prefix);
		if (is_no_token(a, prefix))
			status = KEYD_MALFORMED;
	}
	if (status != KEYD_OK)
		return answer_now(a, q, status, &v, done, arg, ticket);
	return ask_keyd(a, q, prefix, done, arg, ticket);
}

static enum keyd_status
begin(struct keyd_async *a, enum keyd_status found, struct span text,
    const char *permission, keyd_done *done, void *arg, uint64_t *ticket)
{
	struct question q = { .text = text, .permission = permission };
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;
	uint64_t unseen;

	if (ticket == NULL)
		ticket = &unseen;
	*ticket = 0;
	if (a != NULL && done != NULL && !a->closed && async_is_ours(a)) {
		q.handle = a->handle;
		if (a->count == ASYNC_MAX)
			status = KEYD_EBUSY;
		else
			status = submit(a, &q, found, done, arg, ticket);
	}
	guest_leave(g);
	return status;
}

enum keyd_status
keyd_async_verify(struct keyd_async *a, const char *token,
    const char *permission, keyd_done *done, void *arg, uint64_t *ticket)
{
	struct span text = { NULL, 0 };

	if (token == NULL)
		return begin(a, KEYD_MISSING, text, permission, done, arg,
		    ticket);
	text = (struct span){ (const uint8_t *)token,
		strnlen(token, TOKEN_FOREIGN_MAX + 1) };
	return begin(a, KEYD_OK, text, permission, done, arg, ticket);
}

enum keyd_status
keyd_async_verify_bearer(struct keyd_async *a, const char *authorization,
    const char *permission, keyd_done *done, void *arg, uint64_t *ticket)
{
	struct span text;
	enum keyd_status found = bearer_parse(authorization, &text);

	return begin(a, found, text, permission, done, arg, ticket);
}

int
keyd_async_cancel(struct keyd_async *a, uint64_t ticket)
{
	struct guest g = guest_enter();
	struct pending *p = NULL;

	if (a != NULL && !a->closed && ticket != 0)
		p = a->by_ticket[ticket % ASYNC_MAX];
	if (p != NULL && p->ticket != ticket)
		p = NULL;
	if (p != NULL)
		async_forget(a, p);
	guest_leave(g);
	return p != NULL;
}
