/* SPDX-License-Identifier: ISC */
#include <sys/random.h>
#include <sys/stat.h>

#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"

#define PAGE 4096
#define PAGES 4096 /* that are written in turn */
#define KEY 32     /* bytes, drawn at random as a hash is */
#define VALUE 200  /* bytes, as a record takes */
#define MAP ((size_t)1 << 30)

/* What keyd puts when a key is created: the tree, NULL for that of the database
   itself, and of its row with what it begins with, how long the key is, whether
   that is drawn at random or rises, and how long the value is. */
static const struct row {
	const char *tree;
	uint8_t tag;
	size_t key;
	bool random;
	size_t value;
} rows[] = {
	{ "keys", 0, 8, false, VALUE },
	{ "index", 1, KEY, true, 8 },
	{ "index", 2, 24, false, 8 },
	{ "index", 3, 20, false, 0 },
	{ "audit", 0, 8, false, VALUE },
	{ NULL, 1, 0, false, 40 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct disk {
	int fd;
	uint8_t page[PAGE];
	off_t next;
	MDB_env *env;
	MDB_dbi dbi;
	MDB_env *wide;
	MDB_dbi tree[ROWS];
	uint64_t serial; /* of the next row of each */
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

static MDB_env *
open_environment(const char *folder, const char *name)
{
	char path[4096];
	MDB_env *env;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (mkdir(path, 0700) != 0)
		err(1, "%s", path);
	must(mdb_env_create(&env), "mdb_env_create");
	must(mdb_env_set_mapsize(env, MAP), "mdb_env_set_mapsize");
	must(mdb_env_set_maxdbs(env, ROWS), "mdb_env_set_maxdbs");
	must(mdb_env_open(env, path, 0, 0600), "mdb_env_open");
	return env;
}

static void
open_tables(struct disk *d)
{
	MDB_txn *txn;

	must(mdb_txn_begin(d->env, NULL, 0, &txn), "mdb_txn_begin");
	must(mdb_dbi_open(txn, NULL, 0, &d->dbi), "mdb_dbi_open");
	must(mdb_txn_commit(txn), "mdb_txn_commit");
	must(mdb_txn_begin(d->wide, NULL, 0, &txn), "mdb_txn_begin");
	for (size_t i = 0; i < ROWS; i++)
		must(mdb_dbi_open(txn, rows[i].tree, MDB_CREATE, &d->tree[i]),
		    "mdb_dbi_open");
	must(mdb_txn_commit(txn), "mdb_txn_commit");
}

struct disk *
disk_open(const char *folder)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		err(1, "calloc");
	open_file(d, folder);
	d->env = open_environment(folder, "narrow");
	d->wide = open_environment(folder, "wide");
	open_tables(d);
	return d;
}

void
disk_close(struct disk *d)
{
	mdb_env_close(d->env);
	mdb_env_close(d->wide);
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

static void
put(struct disk *d, MDB_txn *txn, size_t i)
{
	size_t tag = rows[i].tag != 0 ? 1 : 0, len = rows[i].key;
	uint8_t key[1 + KEY] = { rows[i].tag }, value[VALUE] = { 0 };
	MDB_val k = { tag + len, key }, v = { rows[i].value, value };
	uint64_t serial = htobe64(d->serial);

	if (rows[i].random)
		(void)!getrandom(key + tag, len, 0);
	else if (len > 0)
		memcpy(key + tag + len - sizeof(serial), &serial,
		    sizeof(serial));
	must(mdb_put(txn, d->tree[i], &k, &v, 0), "mdb_put");
}

bool
disk_commit_all(void *disk, unsigned client)
{
	struct disk *d = disk;
	MDB_txn *txn;

	(void)client;
	d->serial++;
	must(mdb_txn_begin(d->wide, NULL, 0, &txn), "mdb_txn_begin");
	for (size_t i = 0; i < ROWS; i++)
		put(d, txn, i);
	must(mdb_txn_commit(txn), "mdb_txn_commit");
	return true;
}
