/* SPDX-License-Identifier: ISC */
/*
 * quota.h - what each uid takes of keyd: connections, and answers UNKNOWN.
 *
 * A uid is remembered while it has a connection.  Who asks for more unknown
 * tokens than the budget is served last, never refused: behind the same uid
 * may be a server whose other clients hold valid keys.
 */
#ifndef KEYD_QUOTA_H
#define KEYD_QUOTA_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct quota {
	uid_t uid;
	uint32_t connections;
	uint32_t unknown; /* in the second that began at since */
	int64_t since;    /* ms of clock_mono_ms */
};

/* All uids that have connections; a tree of tsearch(3).  All zero is empty. */
struct quotas {
	void *root;
};

/* Counts a connection.  NULL when the uid has max already, or no memory. */
struct quota *quota_open(struct quotas *all, uid_t uid, uint32_t max);
void quota_close(struct quotas *all, struct quota *q);

void quota_count_unknown(struct quota *q, int64_t now_ms);
bool quota_is_over(struct quota *q, uint32_t per_second, int64_t now_ms);

#endif /* KEYD_QUOTA_H */
