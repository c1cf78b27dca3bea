/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "leases.h"
#include "limiter.h"
#include "log.h"
#include "notify.h"
#include "offer.h"
#include "reload.h"
#include "snapshot.h"

#define EVENTS_MAX 16 /* of a round: so the first answers go out soon */
#define ADMINS_MAX 4  /* and of those on the socket for administrators */
#define ACCEPTS_MAX 4 /* of one socket in a round */

static void
on_signal(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(l, &info);
		else
			l->stopping = true;
	}
}

static void
on_jump(struct loop *l)
{
	if (!jump_happened(&l->jump))
		return;
	reload_void_all(l);
	log_notice("the clock was set");
}

static void
set_listening(struct loop *l, struct acceptor *a, bool on)
{
	struct epoll_event ev = { .events = on ? EPOLLIN : 0, .data.ptr = a };

	if (epoll_ctl(clients_epoll(&l->clients, a->socket), EPOLL_CTL_MOD,
		a->fd, &ev) != 0)
		log_err("epoll_ctl: %s", strerror(errno));
}

static void
on_accept(struct loop *l, struct acceptor *a)
{
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct conn *c;
		enum accepted got =
		    accept_take(a, &l->clients.caps, l->clients.now_ms, &c);

		if (got == ACCEPT_NONE)
			break;
		if (got == ACCEPT_ONE)
			clients_add(&l->clients, c);
	}
	if (a->rest_until != 0)
		set_listening(l, a, false);
}

static void
wake_acceptors(struct loop *l)
{
	for (int i = 0; i < 2 && !l->stopping; i++) {
		struct acceptor *a = &l->acceptors[i];

		if (a->rest_until == 0 || a->rest_until > l->clients.now_ms)
			continue;
		acceptor_wake(a);
		set_listening(l, a, true);
	}
}

void
round_deliver(struct loop *l, struct changes *done)
{
	struct change *ch;

	while ((ch = STAILQ_FIRST(done)) != NULL) {
		STAILQ_REMOVE_HEAD(done, entries);
		if (ch->owner == NULL) {
			chores_settle(&l->chores, ch, l->clients.now_ms);
			continue;
		}
		l->health.changes++;
		clients_deliver(&l->clients, ch);
	}
}

static void
on_done(struct loop *l)
{
	struct changes done = STAILQ_HEAD_INITIALIZER(done);

	writer_take(l->writer, &done);
	store_view_reset(l->options->store); /* it is behind now */
	round_deliver(l, &done);
	snapshot_weigh(l->snapshot, writer_disk_is_full(l->writer));
}

static int
wait_for(int epoll_fd, struct epoll_event *events, int most, int timeout)
{
	int n = epoll_wait(epoll_fd, events, most, timeout);

	if (n == -1 && errno != EINTR)
		fatal(EX_OSERR, "epoll_wait: %s", strerror(errno));
	return n;
}

static void
on_socket(struct loop *l, const struct epoll_event *ev)
{
	void *what = ev->data.ptr;

	if (what == &l->acceptors[0] || what == &l->acceptors[1])
		on_accept(l, what);
	else
		clients_hear(&l->clients, what, ev->events);
}

/* A few of them, so that those who verify do not wait behind all. */
static void
on_admins(struct loop *l)
{
	struct epoll_event events[ADMINS_MAX];
	int n = wait_for(l->admin_fd, events, ADMINS_MAX, 0);

	for (int i = 0; i < n; i++)
		on_socket(l, &events[i]);
}

static void
on_event(struct loop *l, const struct epoll_event *ev)
{
	const void *what = ev->data.ptr;

	if (what == &l->signal_fd)
		on_signal(l);
	else if (what == &l->writer)
		on_done(l);
	else if (what == &l->timer)
		timer_clear(&l->timer);
	else if (what == &l->jump)
		on_jump(l);
	else if (what == &l->admin_fd)
		on_admins(l);
	else
		on_socket(l, ev);
}

/* What is known of keys by their serials is not of those that a restore brought
   back, whose serials are new; they may just have been used. */
static void
see_renewal(struct loop *l, int64_t now_ns)
{
	uint64_t renewed = store_renewed(l->options->store);

	if (renewed == l->renewed)
		return;
	l->renewed = renewed;
	limiter_begin_anew(l->limiter, renewed, now_ns);
	l->health.census = (struct census){ .known = false };
}

/* The view is asked for here, after everything was received; see loop.h. */
static void
serve(struct loop *l)
{
	struct turn t = {
		.policy = l->config->policy,
		.health = &l->health,
		.desk = l->desk,
		.limiter = l->limiter,
		.leases = l->leases,
		.page_fd = l->options->share->posting.fd,
		.uses = l->chores.uses,
		.notes = l->chores.notes,
		.snapshot = l->snapshot,
		.incoming = l->incoming,
		.chores = &l->chores,
		.writer = l->writer,
		.now = clock_unix(),
		.now_ms = l->clients.now_ms,
		.now_ns = clock_boot_ns(),
	};

	if (!clients_any_ready(&l->clients))
		return;
	t.view = store_view(l->options->store);
	if (t.view == NULL)
		fatal(EX_TEMPFAIL, "the database cannot be read");
	see_renewal(l, t.now_ns);
	l->health.connections = l->clients.caps.connections;
	l->health.refused = l->clients.caps.refused;
	offer_expire(l->leases, l->limiter, t.now_ns);
	clients_serve(&l->clients, &t);
}

static void
feed_watchdog(struct loop *l)
{
	if (l->watchdog_ms == 0 || l->clients.now_ms < l->watchdog_next)
		return;
	notify_send("WATCHDOG=1");
	l->watchdog_next = l->clients.now_ms + l->watchdog_ms;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the clock must be looked at though nothing happens. */
static int64_t
next_due(struct loop *l)
{
	int64_t due = clients_next_deadline(&l->clients);

	if (l->watchdog_ms != 0)
		due = earlier(due, l->watchdog_next);
	due = earlier(due, chores_due(&l->chores));
	due = earlier(due, snapshot_due(l->snapshot));
	due = earlier(due, writer_due(l->writer));
	if (l->stopping)
		return earlier(due, l->stop_by);
	for (int i = 0; i < 2; i++)
		if (l->acceptors[i].rest_until != 0)
			due = earlier(due, l->acceptors[i].rest_until);
	return due;
}

void
round_turn(struct loop *l)
{
	struct epoll_event events[EVENTS_MAX];
	int timeout = clients_any_ready(&l->clients) ? 0 : -1;
	int n;

	timer_set(&l->timer, next_due(l));
	n = wait_for(l->epoll_fd, events, EVENTS_MAX, timeout);
	l->clients.now_ms = clock_mono_ms();
	for (int i = 0; i < n; i++)
		on_event(l, &events[i]);
	serve(l);
	l->health.bad_frames += clients_end_overdue(&l->clients);
	wake_acceptors(l);
	chores_run(&l->chores, l->clients.now_ms);
	snapshot_watch(l->snapshot, l->clients.now_ms);
	writer_look(l->writer, l->clients.now_ms);
	feed_watchdog(l);
}
