/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients.h"
#include "clock.h"
#include "farewell.h"
#include "incoming.h"
#include "jump.h"
#include "leases.h"
#include "log.h"
#include "loop.h"
#include "notes.h"
#include "notify.h"
#include "offer.h"
#include "slice.h"
#include "snapshot.h"
#include "timer.h"

#define EVENTS_MAX 16 /* of a round: so the first answers go out soon */
#define ADMINS_MAX 4  /* and of those on the socket for administrators */
#define ACCEPTS_MAX 4 /* of one socket in a round */
#define STOP_MS 5000  /* that a stop waits for clients to take answers */

struct loop {
	const struct loop_options *options;
	struct config *config;
	int epoll_fd;
	int admin_fd; /* epoll of administrators, in the other one */
	int signal_fd;
	struct timer timer;
	struct jump jump;
	struct acceptor acceptors[2];
	struct clients clients;
	struct health health;
	struct desk *desk;
	struct limiter *limiter;
	struct leases *leases;
	struct snapshot *snapshot;
	struct incoming *incoming;
	uint64_t renewed; /* as store_renewed said last */
	struct writer *writer;
	struct chores chores;
	char boot[CLOCK_BOOT_SIZE];
	bool stopping;
	int64_t stop_by;       /* ms of clock_mono_ms */
	int64_t watchdog_ms;   /* 0: none */
	int64_t watchdog_next; /* ms of clock_mono_ms */
};

static void
fill_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void
loop_block_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
open_signals(void)
{
	sigset_t set;

	fill_signals(&set);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
warn_of_mode(const struct loop *l, const struct grants *g)
{
	if (g->count > 0 && listen_is_private(l->options->listeners))
		log_warning("keyd.conf has grants, and the mode of the admin "
			    "socket keeps those out who are not in its group: "
			    "see admin_mode in keyd.conf(5)");
}

static void
apply_config(struct loop *l)
{
	const struct config *c = l->config;
	struct clients *cs = &l->clients;

	cs->caps.connections_max = c->max_connections;
	cs->caps.per_uid_max = c->max_connections_per_uid;
	cs->timeout_ms = (int64_t)c->frame_timeout * 1000;
	cs->unknown_per_second = c->unknown_per_second;
	l->chores.policy = c->policy;
	clients_grant(cs, policy_grants(c->policy));
	warn_of_mode(l, policy_grants(c->policy));
}

static void
warn_of_restart(const struct config *old, const struct config *new)
{
	if (old->verify_mode != new->verify_mode ||
	    old->admin_mode != new->admin_mode ||
	    strcmp(old->admin_group, new->admin_group) != 0 ||
	    old->map_size != new->map_size || old->queue != new->queue)
		log_notice("verify_mode, admin_mode, admin_group, map_size "
			   "and queue take effect at the next start");
}

/* why: it was not taken; NULL: it was. */
static void
note_reload(struct loop *l, const struct signalfd_siginfo *by, const char *why)
{
	struct event e = { .when = clock_unix(),
		.what = EVENT_RELOAD,
		.outcome = why != NULL ? ERROR_INVALID : 0,
		.uid = by->ssi_uid,
		.pid = by->ssi_pid };

	if (why != NULL)
		strlcpy(e.detail, why, sizeof(e.detail));
	notes_event(l->chores.notes, &e);
}

/* Ahead of whatever is asked of this keyd. */
static void
note_start(struct loop *l)
{
	struct event e = { .when = clock_unix(),
		.what = EVENT_START,
		.uid = geteuid(),
		.pid = (uint32_t)getpid() };

	strlcpy(e.detail, PACKAGE_STRING, sizeof(e.detail));
	notes_event(l->chores.notes, &e);
	if (!notes_write_all(l->chores.notes, l->options->store, e.when))
		log_warning("the audit log cannot be written");
}

/* Nothing that clients were told is of use to them any more. */
static void
void_all(struct loop *l)
{
	if (l->options->share->generations != NULL)
		generations_void_all(l->options->share->generations);
}

static void
reload(struct loop *l, const struct signalfd_siginfo *by)
{
	char why[CONFIG_WHY_SIZE];
	struct config *c;

	notify_send("RELOADING=1");
	c = config_load(l->options->config_path, l->options->config_needed, why,
	    sizeof(why));
	if (c == NULL) {
		log_err("the configuration stays as it was: %s", why);
		strlcpy(l->health.config_error, why,
		    sizeof(l->health.config_error));
	} else {
		warn_of_restart(l->config, c);
		config_free(l->config);
		l->config = c;
		void_all(l);
		l->health.config_error[0] = '\0';
		apply_config(l);
		log_notice("the configuration was read again");
	}
	note_reload(l, by, c != NULL ? NULL : why);
	notify_send("READY=1");
}

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
	void_all(l);
	log_notice("the clock was set");
}

static int
epoll_of(const struct loop *l, const struct acceptor *a)
{
	return a->socket == SOCKET_ADMIN ? l->admin_fd : l->epoll_fd;
}

static void
set_listening(struct loop *l, struct acceptor *a, bool on)
{
	struct epoll_event ev = { .events = on ? EPOLLIN : 0, .data.ptr = a };

	if (epoll_ctl(epoll_of(l, a), EPOLL_CTL_MOD, a->fd, &ev) != 0)
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

static void
deliver_all(struct loop *l, struct changes *done)
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
	deliver_all(l, &done);
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
	if (l->stopping)
		return earlier(due, l->stop_by);
	for (int i = 0; i < 2; i++)
		if (l->acceptors[i].rest_until != 0)
			due = earlier(due, l->acceptors[i].rest_until);
	return due;
}

static void
turn_once(struct loop *l)
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
	feed_watchdog(l);
}

static bool
watch(int epoll_fd, int fd, void *what)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = what };

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static bool
watch_all(struct loop *l)
{
	struct acceptor *verify = &l->acceptors[0], *admin = &l->acceptors[1];

	return watch(l->epoll_fd, l->timer.fd, &l->timer) &&
	    watch(l->epoll_fd, l->jump.fd, &l->jump) &&
	    watch(l->epoll_fd, l->signal_fd, &l->signal_fd) &&
	    watch(l->epoll_fd, writer_fd(l->writer), &l->writer) &&
	    watch(l->epoll_fd, l->admin_fd, &l->admin_fd) &&
	    watch(epoll_of(l, verify), verify->fd, verify) &&
	    watch(epoll_of(l, admin), admin->fd, admin);
}

/* All that there are, revoked ones, too. */
static uint64_t
count_keys(struct store *st)
{
	struct store_txn *t = store_view(st);
	struct store_size size = { .entries = { 0 } };

	if (t != NULL)
		(void)store_measure(t, &size);
	store_view_reset(st);
	return size.entries[TABLE_KEYS];
}

static bool
begin(struct loop *l)
{
	const struct listeners *ls = l->options->listeners;
	bool timers = timer_open(&l->timer);

	timers = jump_open(&l->jump) && timers;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->admin_fd = epoll_create1(EPOLL_CLOEXEC);
	l->signal_fd = open_signals();
	clients_init(&l->clients, l->epoll_fd, l->admin_fd);
	l->clients.caps.admin_gid = l->options->admin_gid;
	l->clients.now_ms = l->health.started = clock_mono_ms();
	apply_config(l);
	acceptor_init(&l->acceptors[0], ls->verify, SOCKET_VERIFY);
	acceptor_init(&l->acceptors[1], ls->admin, SOCKET_ADMIN);
	l->watchdog_ms = notify_watchdog_ms();
	l->desk = desk_new(count_keys(l->options->store));
	l->leases = leases_new();
	l->snapshot = l->clients.snapshot = snapshot_new(l->options->store);
	clock_boot_id(l->boot);
	l->limiter = farewell_read(l->options->store, l->boot, clock_boot_ns());
	l->incoming = l->chores.incoming = incoming_new(l->options->state_fd);
	l->clients.chores = &l->chores;
	l->chores.notes = notes_new();
	if (l->chores.notes != NULL)
		note_start(l);
	l->writer = writer_start(l->options->store, l->options->reserve,
	    l->config->queue);
	slice_shorten();
	l->chores.writer = l->writer;
	l->chores.uses = uses_new(l->options->store);
	l->chores.next = l->clients.now_ms + CHORES_MS;
	l->health.shared = l->options->share->generations != NULL;
	return timers && l->desk != NULL && l->limiter != NULL &&
	    l->leases != NULL && l->snapshot != NULL && l->incoming != NULL &&
	    l->writer != NULL && l->chores.uses != NULL &&
	    l->chores.notes != NULL && watch_all(l);
}

/* Nothing new is taken; what was sent so far is answered. */
static void
stop(struct loop *l)
{
	notify_send("STOPPING=1");
	l->stopping = true;
	l->stop_by = l->clients.now_ms + STOP_MS;
	for (int i = 0; i < 2; i++)
		(void)epoll_ctl(epoll_of(l, &l->acceptors[i]), EPOLL_CTL_DEL,
		    l->acceptors[i].fd, NULL);
	clients_stop(&l->clients);
	while (!TAILQ_EMPTY(&l->clients.all) && l->clients.now_ms < l->stop_by)
		turn_once(l);
}

/* No other thread writes by now. */
static void
say_farewell(struct loop *l)
{
	if (l->chores.uses != NULL &&
	    !uses_write_all(l->chores.uses, l->options->store))
		log_warning("the last uses of keys cannot be kept");
	if (l->chores.notes != NULL &&
	    !notes_write_all(l->chores.notes, l->options->store, clock_unix()))
		log_warning("the last entries of the audit log cannot be kept");
	if (l->limiter != NULL &&
	    !farewell_write(l->options->store, l->limiter, l->boot,
		clock_boot_ns()))
		log_warning("what the keys used cannot be kept: at the next "
			    "start they begin with nothing of their burst");
}

static void
end(struct loop *l)
{
	struct changes rest = STAILQ_HEAD_INITIALIZER(rest);

	writer_stop(l->writer, &rest);
	l->chores.writer = NULL;
	deliver_all(l, &rest);
	clients_free(&l->clients);
	snapshot_free(l->snapshot);
	incoming_free(l->incoming);
	say_farewell(l);
	for (int i = 0; i < 2; i++)
		acceptor_close(&l->acceptors[i]);
	timer_close(&l->timer);
	jump_close(&l->jump);
	close(l->epoll_fd);
	close(l->admin_fd);
	close(l->signal_fd);
	config_free(l->config);
	desk_free(l->desk);
	limiter_free(l->limiter);
	leases_free(l->leases);
	uses_free(l->chores.uses);
	notes_free(l->chores.notes);
	buffer_free_all();
}

int
loop_run(const struct loop_options *options)
{
	struct loop l = { .options = options, .config = options->config };
	int code = EX_OSERR;

	if (begin(&l)) {
		notify_send("READY=1");
		log_notice("ready");
		while (!l.stopping && !writer_broken(l.writer))
			turn_once(&l);
		stop(&l);
		code = writer_broken(l.writer) ? EX_TEMPFAIL : 0;
	} else {
		log_err("cannot start: %s", strerror(errno));
	}
	end(&l);
	log_notice("stopped");
	return code;
}
