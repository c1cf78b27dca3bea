/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trust.h"

bool
trust_rule(const struct trust *t)
{
	if (t->peer == 0 || t->peer == t->self)
		return true;
	return t->given && t->peer == t->owner;
}

bool
trust_step(const struct stat *st)
{
	if (st->st_uid != 0)
		return false;
	if (S_ISLNK(st->st_mode))
		return true;
	return S_ISDIR(st->st_mode) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Every directory above path; path itself may be another's, but no link. */
static bool
steps_are_roots(const char *path)
{
	char part[PATH_MAX];
	struct stat st;

	for (const char *end = path; (end = strchr(end, '/')) != NULL; end++) {
		size_t len = (size_t)(end - path) + (end == path);

		if (len >= sizeof(part))
			return false;
		memcpy(part, path, len);
		part[len] = '\0';
		if (lstat(part, &st) != 0 || !trust_step(&st))
			return false;
	}
	if (lstat(path, &st) != 0)
		return false;
	return !S_ISLNK(st.st_mode) || trust_step(&st);
}

/*
 * The path as given, for the links in it: one that a stranger made could lead
 * to a home directory, which root gave away, but to the stranger.  Then the
 * real path, for where the links lead.
 */
static bool
root_gave_away(const char *dir)
{
	char real[PATH_MAX];

	return dir[0] == '/' && steps_are_roots(dir) &&
	    realpath(dir, real) != NULL && steps_are_roots(real);
}

bool
trust_peer(int fd, const char *runtime_dir, uid_t *peer)
{
	struct trust t = { .self = geteuid() };
	struct ucred who;
	struct stat st;
	socklen_t len = sizeof(who);

	*peer = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return false;
	*peer = t.peer = who.uid;
	if (trust_rule(&t))
		return true;
	if (stat(runtime_dir, &st) != 0)
		return false;
	t.owner = st.st_uid;
	t.given = root_gave_away(runtime_dir);
	return trust_rule(&t);
}
