/* SPDX-License-Identifier: ISC */
/*
 * keyd-http - verdicts of keyd over HTTP.  See keyd-http(8).
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <signal.h>
#include <sysexits.h>
#include <time.h>

#include "listen.h"
#include "log.h"
#include "notify.h"
#include "options.h"
#include "server.h"

#define WHY_SIZE 512
#define SWEEP_S 1
#define STOP_MS 3000 /* that a stop waits for requests under way */

/* Tokens pass through here: nothing of this process is for others to read. */
static void
harden(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit files;

	umask(077);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* For all threads, which inherit it. */
static void
block_signals(sigset_t *stop)
{
	sigemptyset(stop);
	sigaddset(stop, SIGTERM);
	sigaddset(stop, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, stop, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
}

static void
wait_for(const sigset_t *stop, struct site *s)
{
	const struct timespec step = { .tv_sec = SWEEP_S };

	while (sigtimedwait(stop, NULL, &step) == -1)
		visitors_sweep(&s->visitors);
}

static void
open_site(struct site *s, const struct options *o, const struct listener *l)
{
	enum keyd_status status;

	s->realm = o->realm;
	s->introspect = o->introspect;
	s->is_unix = l->is_unix;
	visitors_init(&s->visitors, o->connections);
	if ((status = handles_init(&s->handles, o->runtime_dir)) != KEYD_OK)
		fatal(EX_USAGE, "libkeyd cannot be used: %s",
		    keyd_strerror(status));
}

int
main(int argc, char **argv)
{
	static struct site site;
	struct MHD_Daemon *server;
	struct listener listener;
	struct options o;
	char why[WHY_SIZE];
	sigset_t stop;

	log_set_program("keyd-http");
	options_parse(argc, argv, &o);
	harden();
	block_signals(&stop);
	if (!listen_open(&listener, &o, why, sizeof(why)))
		fatal(EX_CANTCREAT, "%s", why);
	open_site(&site, &o, &listener);
	if ((server = server_start(&site, &listener, &o)) == NULL)
		fatal(EX_OSERR, "the HTTP server cannot be started");
	notify_send("READY=1");
	log_notice("ready on %s", listener.name);
	wait_for(&stop, &site);
	notify_send("STOPPING=1");
	server_stop(server, &site, STOP_MS);
	listener.fd = -1;
	listen_close(&listener);
	handles_free(&site.handles);
	log_notice("stopped");
	return 0;
}
