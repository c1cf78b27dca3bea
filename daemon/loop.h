/* SPDX-License-Identifier: ISC */
/*
 * loop.h - the one thread that owns the sockets and answers what only reads.
 *
 * A round receives from some that have something to say, then brings the view
 * of the store to the last commit, then answers: so a verify that is sent
 * after a revoke was acknowledged sees it.
 */
#ifndef KEYD_LOOP_H
#define KEYD_LOOP_H

#include "config.h"
#include "listen.h"
#include "reserve.h"
#include "share.h"
#include "store.h"

struct loop_options {
	struct config *config; /* taken over */
	const char *config_path;
	bool config_needed; /* it was named: it must be there */
	const struct listeners *listeners;
	struct store *store;
	struct reserve *reserve;
	const struct share *share;
	gid_t admin_gid;
	int state_fd; /* of the state directory */
};

/*
 * Says that it is ready, serves until SIGTERM or SIGINT, finishes what is
 * under way, and returns the exit status: 0, or EX_TEMPFAIL (75) when the
 * store is of no more use and a new start is needed.
 */
int loop_run(const struct loop_options *options);

/* Blocks the signals that the loop takes, before there are threads. */
void loop_block_signals(void);

#endif /* KEYD_LOOP_H */
