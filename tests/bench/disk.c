/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include <err.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "disk.h"

#define PAGE 4096
#define PAGES 4096 /* that are written in turn */
#define KEY 32     /* bytes, drawn at random as a hash is */
#define VALUE 200  /* bytes, as a record takes */
#define MAP ((size_t)1 << 30)

struct disk {
	int fd;
	uint8_t page[PAGE];
	off_t next;
	MDB_env *env;
	MDB_dbi dbi;
};

static void
must(int e, const char *what)
{
	if (e != 0)
		errx(1, "%s: %s", what, mdb_strerror(e));
}

static void
open_file(struct disk *d, const char *folder)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/sync", folder);
	d->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (d->fd < 0)
		err(1, "%s", path);
	for (int i = 0; i < PAGES; i++)
		if (write(d->fd, d->page, PAGE) != PAGE)
			err(1, "%s", path);
	if (fsync(d->fd) != 0)
		err(1, "%s", path);
}

static void
open_environment(struct disk *d, const char *folder)
{
	MDB_txn *txn;

	must(mdb_env_create(&d->env), "mdb_env_create");
	must(mdb_env_set_mapsize(d->env, MAP), "mdb_env_set_mapsize");
	must(mdb_env_open(d->env, folder, 0, 0600), "mdb_env_open");
	must(mdb_txn_begin(d->env, NULL, 0, &txn), "mdb_txn_begin");
	must(mdb_dbi_open(txn, NULL, 0, &d->dbi), "mdb_dbi_open");
	must(mdb_txn_commit(txn), "mdb_txn_commit");
}

struct disk *
disk_open(const char *folder)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		err(1, "calloc");
	open_file(d, folder);
	open_environment(d, folder);
	return d;
}

void
disk_close(struct disk *d)
{
	mdb_env_close(d->env);
	close(d->fd);
	free(d);
}

bool
disk_sync(void *disk, unsigned client)
{
	struct disk *d = disk;
	off_t at = d->next++ % PAGES * PAGE;

	(void)client;
	d->page[0]++;
	if (pwrite(d->fd, d->page, PAGE, at) != PAGE || fdatasync(d->fd) != 0)
		err(1, "pwrite and fdatasync");
	return true;
}

bool
disk_commit(void *disk, unsigned client)
{
	struct disk *d = disk;
	uint8_t key[KEY], value[VALUE] = { 0 };
	MDB_val k = { sizeof(key), key }, v = { sizeof(value), value };
	MDB_txn *txn;

	(void)client;
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		err(1, "getrandom");
	must(mdb_txn_begin(d->env, NULL, 0, &txn), "mdb_txn_begin");
	must(mdb_put(txn, d->dbi, &k, &v, 0), "mdb_put");
	must(mdb_txn_commit(txn), "mdb_txn_commit");
	return true;
}
