/* SPDX-License-Identifier: ISC */
/*
 * schedstat.h - how long a thread ran, and waited for a processor
 * (Documentation/scheduler/sched-stats.rst of Linux).
 */
#ifndef KEYD_SCHEDSTAT_H
#define KEYD_SCHEDSTAT_H

#include <stdbool.h>
#include <stdint.h>

struct schedstat {
	uint64_t ran;    /* ns */
	uint64_t waited; /* ns, without one though it had something to do */
};

/* A descriptor for schedstat_read(), by any thread, about the calling one; -1:
   the kernel does not tell. */
int schedstat_open(void);

bool schedstat_read(int fd, struct schedstat *s)
    __attribute__((warn_unused_result));

#endif /* KEYD_SCHEDSTAT_H */
