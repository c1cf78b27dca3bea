/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "newfile.h"

static const struct newfile none = { .fd = -1, .folder = -1 };

static int
open_folder(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (copy == NULL)
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	return fd;
}

/* mkostemp makes it 0600, whatever the umask. */
static bool
open_beside(struct newfile *f, const char *path)
{
	if (asprintf(&f->path, "%s.XXXXXX", path) == -1) {
		f->path = NULL;
		errno = ENOMEM;
		return false;
	}
	f->fd = mkostemp(f->path, O_CLOEXEC);
	if (f->fd == -1)
		return false;
	return true;
}

bool
newfile_open(struct newfile *f, const char *path)
{
	size_t len = strlen(path);

	*f = none;
	f->final = path;
	if (len == 0 || path[len - 1] == '/') {
		errno = EISDIR;
		return false;
	}
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	if ((f->folder = open_folder(path)) != -1 && open_beside(f, path))
		return true;
	newfile_drop(f);
	return false;
}

bool
newfile_write(struct newfile *f, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(f->fd, at, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Never over what came there meanwhile; a file system that cannot promise that
   is looked at before. */
static bool
move(const struct newfile *f)
{
	if (renameat2(AT_FDCWD, f->path, AT_FDCWD, f->final,
		RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (faccessat(AT_FDCWD, f->final, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	return rename(f->path, f->final) == 0;
}

/* In this order: what has the name is whole, whenever the power fails. */
bool
newfile_keep(struct newfile *f)
{
	bool moved = fsync(f->fd) == 0 && move(f);
	bool kept = moved && fsync(f->folder) == 0;
	int e = errno;

	if (moved && !kept)
		(void)unlink(f->final);
	if (moved) {
		free(f->path);
		f->path = NULL;
	}
	newfile_drop(f);
	errno = e;
	return kept;
}

void
newfile_drop(struct newfile *f)
{
	int e = errno;

	if (f->fd != -1) {
		close(f->fd);
		if (f->path != NULL)
			(void)unlink(f->path);
	}
	if (f->folder != -1)
		close(f->folder);
	free(f->path);
	*f = none;
	errno = e;
}
