/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

#define GROUPS_FEW 32     /* of nearly everyone; no allocation */
#define GROUPS_MOST 65536 /* NGROUPS_MAX of Linux */
#define RECORD_LEAST 1024
#define RECORD_MOST (1024 * 1024) /* bytes of a line of group(5) */
#define NOBODY ((uid_t)-1)        /* no process has it */
#define NO_GROUP ((gid_t)-1)

/* The supplementary groups of a peer. */
struct groups {
	gid_t few[GROUPS_FEW];
	gid_t *many; /* NULL, or where they are instead; allocated */
	const gid_t *all;
	size_t count;
};

/* They were fixed at connect, so that their number cannot grow. */
static bool
read_many(int fd, struct groups *g, socklen_t bytes)
{
	if (bytes > GROUPS_MOST * sizeof(*g->many) ||
	    (g->many = malloc(bytes)) == NULL ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, g->many, &bytes) != 0)
		return false;
	g->all = g->many;
	g->count = bytes / sizeof(*g->many);
	return true;
}

/* None, if nobody says. */
static void
groups_read(int fd, struct groups *g)
{
	socklen_t bytes = sizeof(g->few);

	g->many = NULL;
	g->all = g->few;
	g->count = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, g->few, &bytes) == 0)
		g->count = bytes / sizeof(*g->few);
	else if (errno == ERANGE)
		(void)read_many(fd, g, bytes);
}

static void
groups_free(struct groups *g)
{
	free(g->many);
}

static bool
is_in(int fd, gid_t gid)
{
	struct groups g;
	bool found = false;

	groups_read(fd, &g);
	for (size_t i = 0; i < g.count && !found; i++)
		found = g.all[i] == gid;
	groups_free(&g);
	return found;
}

bool
peer_read(int fd, gid_t admin_gid, struct peer *p)
{
	struct ucred cred = { 0, NOBODY, NO_GROUP };
	socklen_t len = sizeof(cred);

	*p = (struct peer){ .uid = NOBODY, .gid = NO_GROUP };
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

void
peer_grant(int fd, const struct grants *g, struct peer *p)
{
	struct groups in;

	p->grants = 0;
	p->granted_admin = false;
	if (g->count == 0 || p->uid == NOBODY)
		return;
	groups_read(fd, &in);
	p->grants = grants_match(g, p->uid, p->gid, in.all, in.count);
	p->granted_admin = grants_admin(g, p->grants);
	groups_free(&in);
}

bool
peer_may_admin(const struct peer *p)
{
	if (p->uid == NOBODY)
		return false;
	return p->in_admin_group || p->granted_admin || p->uid == 0 ||
	    p->uid == geteuid();
}

bool
peer_may_issue(const struct peer *p)
{
	return p->grants != 0 || peer_may_admin(p);
}

/* More room for a record of a database, if there may be more. */
static char *
more_room(char *bytes, size_t *size)
{
	char *more = NULL;

	*size = *size == 0 ? RECORD_LEAST : *size * 2;
	if (*size <= RECORD_MOST)
		more = realloc(bytes, *size);
	if (more == NULL)
		free(bytes);
	return more;
}

bool
peer_group(const char *name, gid_t *gid)
{
	struct group record, *found = NULL;
	char *bytes = NULL;
	size_t size = 0;
	int e = ERANGE;

	*gid = NO_GROUP;
	while (e == ERANGE && (bytes = more_room(bytes, &size)) != NULL)
		e = getgrnam_r(name, &record, bytes, size, &found);
	if (e == 0 && found != NULL)
		*gid = found->gr_gid;
	free(bytes);
	return *gid != NO_GROUP;
}

bool
peer_user(const char *name, uid_t *uid)
{
	struct passwd record, *found = NULL;
	char *bytes = NULL;
	size_t size = 0;
	int e = ERANGE;

	*uid = NOBODY;
	while (e == ERANGE && (bytes = more_room(bytes, &size)) != NULL)
		e = getpwnam_r(name, &record, bytes, size, &found);
	if (e == 0 && found != NULL)
		*uid = found->pw_uid;
	free(bytes);
	return *uid != NOBODY;
}
