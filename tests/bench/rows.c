/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "peer_value.h"
#include "rows.h"

struct rows {
	sqlite3 *db;
	sqlite3_stmt *select;
	const struct mint_digest *keys;
	size_t count;
	uint64_t seed;
};

static void
must(const struct rows *r, int rc, int wanted)
{
	if (rc != wanted)
		errx(1, "sqlite: %s", sqlite3_errmsg(r->db));
}

static void
run(struct rows *r, const char *sql)
{
	must(r, sqlite3_exec(r->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
insert(struct rows *r, sqlite3_stmt *s, size_t i)
{
	char value[PEER_VALUE + 1];

	peer_value(i, value);
	sqlite3_bind_blob(s, 1, r->keys[i].bytes, DIGEST_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, value, PEER_VALUE, SQLITE_TRANSIENT);
	must(r, sqlite3_step(s), SQLITE_DONE);
	sqlite3_reset(s);
}

/* 256 MiB of it may be in memory, which is all. */
static void
fill(struct rows *r)
{
	sqlite3_stmt *s;

	run(r,
	    "PRAGMA cache_size = -262144; PRAGMA synchronous = OFF;"
	    "CREATE TABLE keys (digest BLOB PRIMARY KEY, value TEXT) "
	    "WITHOUT ROWID; BEGIN");
	must(r,
	    sqlite3_prepare_v2(r->db, "INSERT INTO keys VALUES (?1, ?2)", -1,
		&s, NULL),
	    SQLITE_OK);
	for (size_t i = 0; i < r->count; i++)
		insert(r, s, i);
	sqlite3_finalize(s);
	run(r, "COMMIT");
}

struct rows *
rows_open(const char *folder, const struct mint_digest *keys, size_t count)
{
	struct rows *r = calloc(1, sizeof(*r));
	char path[4096];

	if (r == NULL)
		err(1, "calloc");
	r->keys = keys;
	r->count = count;
	snprintf(path, sizeof(path), "%s/sqlite", folder);
	must(r, sqlite3_open(path, &r->db), SQLITE_OK);
	fill(r);
	must(r,
	    sqlite3_prepare_v2(r->db,
		"SELECT value FROM keys WHERE digest = ?1", -1, &r->select,
		NULL),
	    SQLITE_OK);
	return r;
}

void
rows_close(struct rows *r)
{
	sqlite3_finalize(r->select);
	sqlite3_close(r->db);
	free(r);
}

bool
rows_ask(void *rows, unsigned client)
{
	struct rows *r = rows;
	size_t at = mint_draw(&r->seed) % r->count;

	(void)client;
	sqlite3_bind_blob(r->select, 1, r->keys[at].bytes, DIGEST_SIZE,
	    SQLITE_STATIC);
	must(r, sqlite3_step(r->select), SQLITE_ROW);
	if (sqlite3_column_text(r->select, 0) == NULL)
		errx(1, "sqlite: no value");
	sqlite3_reset(r->select);
	return true;
}
