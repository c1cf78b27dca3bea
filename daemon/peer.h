/* SPDX-License-Identifier: ISC */
/*
 * peer.h - who is at the other end, as the kernel says.
 *
 * Read at accept, before the first byte.  What a peer may do follows from its
 * uid and groups and the grants of the configuration that name them; its pid
 * may be another process by now and is for logs only.
 */
#ifndef KEYD_PEER_H
#define KEYD_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include "grants.h"

struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid; /* for logs */
	bool in_admin_group;
	bool granted_admin; /* by one of its grants */
	uint32_t grants;    /* those that name it, as of grants_match */
};

/*
 * Reads who connected fd.  admin_gid: (gid_t)-1 when there is no such group,
 * and then nobody is in it.  False, and a peer that may nothing, when the
 * kernel does not say.
 */
bool peer_read(int fd, gid_t admin_gid, struct peer *p);

/*
 * Finds the grants that name the peer of fd, which was read before.  Again is
 * fine: it forgets those it had.
 */
void peer_grant(int fd, const struct grants *g, struct peer *p);

/* Root, keyd's own effective uid, one of the admin group, or granted it. */
bool peer_may_admin(const struct peer *p);

/* Has it any power at all, if only over the keys of one organization? */
bool peer_may_issue(const struct peer *p);

/* Looks a group up.  False, and *gid (gid_t)-1, when there is none. */
bool peer_group(const char *name, gid_t *gid);
/* The same with a user. */
bool peer_user(const char *name, uid_t *uid);

#endif /* KEYD_PEER_H */
