/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

#define LOCK_FILE "keyd.lock"
#define LMDB_DATA "data.mdb"
#define LMDB_LOCK "lock.mdb"

/* LMDB writes its lock file through a map: on a full disk a hole in it kills
   by SIGBUS, so it gets its blocks first.  Room for some 900 readers. */
#define LMDB_LOCK_SIZE 65536

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

static bool
fail(char *why, size_t why_size, const char *dir, const char *what)
{
	snprintf(why, why_size, "state directory %s: %s", dir, what);
	return false;
}

static bool
fail_errno(char *why, size_t why_size, const char *dir, const char *what)
{
	int e = errno;

	snprintf(why, why_size, "state directory %s: %s: %s", dir, what,
	    strerror(e));
	return false;
}

/* Locks and memory maps do not hold across hosts there. */
static bool
is_remote(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	switch ((unsigned long)fs.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
		return true;
	default:
		return false;
	}
}

static bool
open_dir(struct state *s, char *why, size_t why_size)
{
	struct stat st;

	if (mkdir(s->dir, 0700) != 0 && errno != EEXIST)
		return fail_errno(why, why_size, s->dir, "cannot make it");
	s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd == -1)
		return fail_errno(why, why_size, s->dir, "cannot open it");
	if (fstat(s->dir_fd, &st) != 0)
		return fail_errno(why, why_size, s->dir, "cannot stat it");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return fail(why, why_size, s->dir,
		    "it belongs to another user; chown it to keyd's");
	if ((st.st_mode & 077) != 0)
		return fail(why, why_size, s->dir,
		    "others may enter it; chmod it to 0700");
	if (is_remote(s->dir_fd))
		return fail(why, why_size, s->dir,
		    "it is on a network or FUSE file system, where a database "
		    "is not safe; use a local disk");
	return true;
}

static bool
take_lock(struct state *s, char *why, size_t why_size)
{
	s->lock_fd = openat(s->dir_fd, LOCK_FILE,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd == -1)
		return fail_errno(why, why_size, s->dir,
		    "cannot write to it (" LOCK_FILE ")");
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return fail(why, why_size, s->dir,
		    "another keyd is running on it; stop that one first");
	return fail_errno(why, why_size, s->dir, "cannot lock " LOCK_FILE);
}

static bool
reserve_lmdb_lock(const struct state *s, char *why, size_t why_size)
{
	int fd = openat(s->dir_fd, LMDB_LOCK,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int e;

	if (fd == -1)
		return fail_errno(why, why_size, s->dir,
		    "cannot open " LMDB_LOCK);
	e = posix_fallocate(fd, 0, LMDB_LOCK_SIZE);
	close(fd);
	if (e == 0)
		return true;
	errno = e;
	return fail_errno(why, why_size, s->dir, "no room for " LMDB_LOCK);
}

bool
state_open(struct state *s, const char *dir, char *why, size_t why_size)
{
	struct stat st;

	*s = (struct state){ .dir = dir, .dir_fd = -1, .lock_fd = -1 };
	if (!open_dir(s, why, why_size) || !take_lock(s, why, why_size) ||
	    !reserve_lmdb_lock(s, why, why_size)) {
		state_close(s);
		return false;
	}
	s->has_database =
	    fstatat(s->dir_fd, LMDB_DATA, &st, AT_SYMLINK_NOFOLLOW) == 0;
	return true;
}

void
state_close(struct state *s)
{
	if (s->lock_fd != -1)
		close(s->lock_fd);
	if (s->dir_fd != -1)
		close(s->dir_fd);
	s->lock_fd = s->dir_fd = -1;
}

bool
state_sync(const struct state *s)
{
	return fsync(s->dir_fd) == 0;
}
