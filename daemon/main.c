/* SPDX-License-Identifier: ISC */
/*
 * keyd - the local authority for API keys.  See keyd(8).
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "config.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "peer.h"
#include "reserve.h"
#include "secret.h"
#include "share.h"
#include "state.h"
#include "store.h"

#define WHY_SIZE 1024

struct options {
	bool test;
	bool config_named;
	const char *config;
	const char *state_dir;
	const char *runtime_dir;
};

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: keyd [-htv] [-c CONFIG] [-d STATE_DIR] [-r RUNTIME_DIR]\n"
	    "  -c  configuration, by default %s\n"
	    "  -d  directory of the database, by default %s\n"
	    "  -r  directory of the sockets, by default %s\n"
	    "  -h  print this\n"
	    "  -t  check the configuration and exit\n"
	    "  -v  print the version\n"
	    "See keyd(8).\n",
	    KEYD_CONFIG_DEFAULT, KEYD_STATE_DIR_DEFAULT,
	    KEYD_RUNTIME_DIR_DEFAULT);
}

static void
parse(int argc, char **argv, struct options *o)
{
	int ch;

	*o = (struct options){ .config = KEYD_CONFIG_DEFAULT,
		.state_dir = KEYD_STATE_DIR_DEFAULT,
		.runtime_dir = KEYD_RUNTIME_DIR_DEFAULT };
	while ((ch = getopt(argc, argv, "c:d:hr:tv")) != -1) {
		switch (ch) {
		case 'c':
			o->config = optarg;
			o->config_named = true;
			break;
		case 'd':
			o->state_dir = optarg;
			break;
		case 'r':
			o->runtime_dir = optarg;
			break;
		case 't':
			o->test = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'v':
			printf("keyd %s\n", PACKAGE_VERSION);
			exit(0);
		default:
			usage(stderr);
			exit(EX_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "keyd: no operand is expected: %s\n",
		    argv[optind]);
		exit(EX_USAGE);
	}
}

/* The log must not go into a file of the state that took the place of a closed
   standard error. */
static void
hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			(void)open("/dev/null",
			    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Nothing of this process is for others to read, alive or dead. */
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
	if (sodium_init() == -1)
		fatal(EX_OSERR, "libsodium cannot be initialised");
}

static struct config *
read_config(const struct options *o)
{
	char why[WHY_SIZE];
	struct config *c =
	    config_load(o->config, o->config_named, why, sizeof(why));

	if (c == NULL)
		fatal(EX_CONFIG, "%s", why);
	return c;
}

static gid_t
admin_gid(const struct config *c)
{
	gid_t gid = (gid_t)-1;

	if (c->admin_group[0] != '\0')
		(void)peer_group(c->admin_group, &gid);
	return gid;
}

static void
warn_of_group(const struct config *c, gid_t gid)
{
	if (c->admin_group[0] != '\0' && gid == (gid_t)-1)
		log_warning("there is no group %s: only root and keyd's own "
			    "user may manage keys",
		    c->admin_group);
}

static int
run(const struct options *o, struct config *c, struct share *share)
{
	struct loop_options loop = { .config = c,
		.config_path = o->config,
		.config_needed = o->config_named,
		.share = share };
	struct listen_want want = { c->verify_mode, c->admin_mode, 0 };
	struct listeners listeners;
	struct reserve reserve;
	struct state state;
	struct secret *secret;
	char why[WHY_SIZE];
	int code;

	if (!state_open(&state, o->state_dir, why, sizeof(why)))
		fatal(EX_CANTCREAT, "%s", why);
	if ((secret = secret_open(&state, why, sizeof(why))) == NULL)
		fatal(EX_CONFIG, "%s", why);
	loop.store = store_open(&state, secret, c->map_size, why, sizeof(why));
	if (loop.store == NULL)
		fatal(EX_DATAERR, "%s", why);
	share_start(share);
	store_share(loop.store, share->generations);
	loop.state_fd = state.dir_fd;
	reserve_init(&reserve, &state);
	loop.reserve = &reserve;
	loop.admin_gid = want.admin_gid = admin_gid(c);
	if (!listen_open(&listeners, o->runtime_dir, &want, why, sizeof(why)))
		fatal(EX_CANTCREAT, "%s", why);
	loop.listeners = &listeners;
	warn_of_group(c, loop.admin_gid);
	code = loop_run(&loop);
	store_share(loop.store, NULL);
	share_stop(share);
	listen_close(&listeners);
	store_close(loop.store);
	secret_close(secret);
	state_close(&state);
	return code;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct config *c;
	struct share share;

	hold_standard_descriptors();
	parse(argc, argv, &o);
	if (!o.test)
		share_open(&share);
	harden();
	loop_block_signals();
	c = read_config(&o);
	if (!o.test)
		return run(&o, c, &share);
	config_free(c);
	if (access(o.config, F_OK) == 0)
		fprintf(stderr, "keyd: %s is good\n", o.config);
	else
		fprintf(stderr, "keyd: there is no %s; the defaults hold\n",
		    o.config);
	return 0;
}
