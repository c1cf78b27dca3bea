/* SPDX-License-Identifier: ISC */
/*
 * disk.h - what it costs to have something on disk, without keyd.
 */
#ifndef KEYD_DISK_H
#define KEYD_DISK_H

#include <stdbool.h>

struct disk;

/* Makes a file and LMDB environments in a folder that there is. */
struct disk *disk_open(const char *folder);
void disk_close(struct disk *d);

/* For struct load, with one client: */
bool disk_sync(void *disk, unsigned client);   /* pwrite, fdatasync: 4 KiB */
bool disk_commit(void *disk, unsigned client); /* one put, one commit */
/* What a create puts into keyd's tables, and one commit. */
bool disk_commit_all(void *disk, unsigned client);

#endif /* KEYD_DISK_H */
