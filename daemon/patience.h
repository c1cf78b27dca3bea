/* SPDX-License-Identifier: ISC */
/*
 * patience.h - when the thread that writes has stood back for long enough.
 *
 * What it stands back from is keyd's loop, but the scheduler has it stand back
 * from everybody in the same group, which without cgroups or sessions is the
 * host: beside others that leave no processor idle, a commit that takes half a
 * millisecond takes ten.  So it looks how long its commits had to wait for a
 * processor of late; and when that is too long, it does not stand back for a
 * while.
 */
#ifndef KEYD_PATIENCE_H
#define KEYD_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct patience {
	int fd;            /* says how long the thread has waited; -1: none */
	uint64_t waited;   /* ns, until the last commit */
	uint64_t mean;     /* ns a commit, of late */
	int64_t out_until; /* ms of clock_mono_ms */
};

/* Of the calling thread.  False when the kernel does not tell how long it waits
   (proc_pid_schedstat in proc(5)). */
bool patience_open(struct patience *p);
void patience_close(struct patience *p);

/* The calling thread's commit is over. */
void patience_look(struct patience *p, int64_t now_ms);

/* The same, of a commit that waited for so many ns. */
void patience_count(struct patience *p, uint64_t ns, int64_t now_ms);

bool patience_is_out(const struct patience *p, int64_t now_ms);

#endif /* KEYD_PATIENCE_H */
