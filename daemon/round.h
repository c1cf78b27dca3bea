/* SPDX-License-Identifier: ISC */
/*
 * round.h - what the loop has, and one round of it; for the loop's own sources.
 */
#ifndef KEYD_ROUND_H
#define KEYD_ROUND_H

#include "clients.h"
#include "clock.h"
#include "jump.h"
#include "loop.h"
#include "timer.h"

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

/* Waits until there is something to do, and does it. */
void round_turn(struct loop *l);

/* Gives everyone what the writer has done for him. */
void round_deliver(struct loop *l, struct changes *done);

#endif /* KEYD_ROUND_H */
