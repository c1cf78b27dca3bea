/* SPDX-License-Identifier: ISC */
/*
 * newfile.h - a file that is there whole, and on the disk, or not at all.
 *
 * Until then it lies beside its place under a name of its own, for its owner
 * alone.  What is at its place already stays as it is.
 */
#ifndef KEYDCTL_NEWFILE_H
#define KEYDCTL_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct newfile {
	int fd;
	int folder;        /* that it lies in */
	char *path;        /* to write to meanwhile */
	const char *final; /* its place; borrowed */
};

/* Begins the file that is to be at path, which lives as long.  False, and
   errno, on failure; EEXIST when something is there. */
bool newfile_open(struct newfile *f, const char *path);

bool newfile_write(struct newfile *f, const void *bytes, size_t len);

/* It is whole: it comes to its place, and to the disk.  False, and errno, when
   it did not; then it is gone. */
bool newfile_keep(struct newfile *f);

/* It goes, unless it was kept; errno stays.  Once more is fine. */
void newfile_drop(struct newfile *f);

#endif /* KEYDCTL_NEWFILE_H */
