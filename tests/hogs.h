/* SPDX-License-Identifier: ISC */
/*
 * hogs.h - processes that leave the caller's processor never idle.
 */
#ifndef KEYD_TESTS_HOGS_H
#define KEYD_TESTS_HOGS_H

#include <sys/types.h>

#define HOGS 4

struct hogs {
	pid_t pids[HOGS];
};

/* The calling thread, and those that it makes, run on one processor only. */
void hogs_one_processor(void);

/* Where the caller runs.  They end with it, too. */
void hogs_start(struct hogs *h);
void hogs_stop(struct hogs *h);

#endif /* KEYD_TESTS_HOGS_H */
