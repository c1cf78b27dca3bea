/* SPDX-License-Identifier: ISC */
/*
 * peer.h - who is at the other end, as the kernel says.
 *
 * Read at accept, before the first byte.  What a peer may do follows from its
 * uid and groups; its pid may be another process by now and is for logs only.
 */
#ifndef KEYD_PEER_H
#define KEYD_PEER_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid; /* for logs */
	bool in_admin_group;
};

/*
 * Reads who connected fd.  admin_gid: (gid_t)-1 when there is no such group,
 * and then nobody is in it.  False, and a peer that may nothing, when the
 * kernel does not say.
 */
bool peer_read(int fd, gid_t admin_gid, struct peer *p);

/* Root, keyd's own effective uid, or one of the admin group. */
bool peer_may_admin(const struct peer *p);

/* Looks a group up.  False, and *gid (gid_t)-1, when there is none. */
bool peer_group(const char *name, gid_t *gid);

#endif /* KEYD_PEER_H */
