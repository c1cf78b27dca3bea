/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

#define GROUPS_FEW 32             /* of nearly everyone; no allocation */
#define GROUPS_MOST 65536         /* NGROUPS_MAX of Linux */
#define RECORD_MOST (1024 * 1024) /* bytes of a line of group(5) */
#define NOBODY ((uid_t)-1)        /* no process has it */
#define NO_GROUP ((gid_t)-1)

static bool
contains(const gid_t *groups, socklen_t bytes, gid_t gid)
{
	for (size_t i = 0; i < bytes / sizeof(*groups); i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

/* The same with as much room as the kernel said it needs. */
static bool
is_in_many(int fd, gid_t gid, socklen_t bytes)
{
	gid_t *groups;
	bool found;

	if (bytes > GROUPS_MOST * sizeof(*groups) ||
	    (groups = malloc(bytes)) == NULL)
		return false;
	/* They were fixed at connect, so that their number cannot grow. */
	found =
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &bytes) == 0 &&
	    contains(groups, bytes, gid);
	free(groups);
	return found;
}

/* Is gid one of the peer's supplementary groups?  No, if nobody says. */
static bool
is_in(int fd, gid_t gid)
{
	gid_t groups[GROUPS_FEW];
	socklen_t bytes = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &bytes) == 0)
		return contains(groups, bytes, gid);
	return errno == ERANGE && is_in_many(fd, gid, bytes);
}

bool
peer_read(int fd, gid_t admin_gid, struct peer *p)
{
	struct ucred cred = { 0, NOBODY, NO_GROUP };
	socklen_t len = sizeof(cred);

	*p = (struct peer){ NOBODY, NO_GROUP, 0, false };
	/* A socket without a peer gives NOBODY, and no error. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    len != sizeof(cred) || cred.uid == NOBODY)
		return false;
	p->uid = cred.uid;
	p->gid = cred.gid;
	p->pid = cred.pid;
	if (admin_gid != NO_GROUP)
		p->in_admin_group =
		    cred.gid == admin_gid || is_in(fd, admin_gid);
	return true;
}

bool
peer_may_admin(const struct peer *p)
{
	if (p->uid == NOBODY)
		return false;
	return p->uid == 0 || p->uid == geteuid() || p->in_admin_group;
}

bool
peer_group(const char *name, gid_t *gid)
{
	struct group record;
	struct group *found = NULL;
	char *bytes = NULL;
	char *more;
	int e = ERANGE;

	*gid = NO_GROUP;
	for (size_t size = 1024; e == ERANGE && size <= RECORD_MOST;
	     size *= 2) {
		if ((more = realloc(bytes, size)) == NULL)
			break;
		bytes = more;
		e = getgrnam_r(name, &record, bytes, size, &found);
	}
	if (e == 0 && found != NULL)
		*gid = found->gr_gid;
	free(bytes);
	return *gid != NO_GROUP;
}
