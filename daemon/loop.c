/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "farewell.h"
#include "incoming.h"
#include "leases.h"
#include "log.h"
#include "notes.h"
#include "notify.h"
#include "reload.h"
#include "slice.h"
#include "snapshot.h"

#define STOP_MS 5000 /* that a stop waits for clients to take answers */

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
	    watch(l->epoll_fd, verify->fd, verify) &&
	    watch(l->admin_fd, admin->fd, admin);
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
	reload_apply(l);
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
		(void)epoll_ctl(clients_epoll(&l->clients,
				    l->acceptors[i].socket),
		    EPOLL_CTL_DEL, l->acceptors[i].fd, NULL);
	clients_stop(&l->clients);
	while (!TAILQ_EMPTY(&l->clients.all) && l->clients.now_ms < l->stop_by)
		round_turn(l);
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
	round_deliver(l, &rest);
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
			round_turn(&l);
		stop(&l);
		code = writer_broken(l.writer) ? EX_TEMPFAIL : 0;
	} else {
		log_err("cannot start: %s", strerror(errno));
	}
	end(&l);
	log_notice("stopped");
	return code;
}
