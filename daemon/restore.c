/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "backup.h"
#include "chain.h"
#include "index.h"
#include "keys.h"
#include "restore.h"
#include "schema.h"
#include "staging.h"

#define REMOVE_AT 2000 /* keys of a half import that go at a time */

/* Where a row has a serial: at the end of its key, or as its value. */
static const struct {
	bool key;
	bool value;
} serials[TABLE_COUNT] = {
	[TABLE_KEYS] = { .key = true },
	[TABLE_HASHES] = { .value = true },
	[TABLE_NAMES] = { .value = true },
	[TABLE_OWNERS] = { .key = true },
	[TABLE_USAGE] = { .key = true },
};

static bool
find_table(const char *name, enum table *table)
{
	for (unsigned i = 0; i < TABLE_COUNT; i++) {
		*table = (enum table)i;
		if (strcmp(store_table_name(*table), name) == 0)
			return true;
	}
	return false;
}

static bool
is(struct span key, const char *name)
{
	return key.len == strlen(name) && memcmp(key.ptr, name, key.len) == 0;
}

/* Copies it, with more added to the serial that it ends with. */
static bool
shift(struct span *s, uint64_t more, uint8_t *bytes)
{
	struct wire_reader r;
	struct wire_writer w;
	uint64_t serial;
	size_t at;

	if (s->len < SERIAL_SIZE)
		return false;
	at = s->len - SERIAL_SIZE;
	memcpy(bytes, s->ptr, at);
	r = wire_reader(s->ptr + at, SERIAL_SIZE);
	serial = wire_get_u64(&r);
	w = wire_writer(bytes + at, SERIAL_SIZE);
	wire_put_u64(&w, serial + more);
	s->ptr = bytes;
	return serial > 0 && serial + more > more;
}

/* The counters are taken from the head, and of the ends of the log only those
   of a log that is taken. */
static enum store_status
put_meta(struct store_txn *t, struct span key, struct span value, bool with_log)
{
	if (backup_leaves_out(TABLE_META, key) || is(key, "serial") ||
	    is(key, "revoked"))
		return STORE_OK;
	if (!with_log && (is(key, CHAIN_HEAD) || is(key, CHAIN_BASE)))
		return STORE_OK;
	return store_put(t, TABLE_META, key, value);
}

static enum store_status
put_row(struct store_txn *t, enum table table, struct span key,
    struct span value, uint64_t behind)
{
	uint8_t key_bytes[ARCHIVE_KEY_MAX], value_bytes[SERIAL_SIZE];

	if (serials[table].key && !shift(&key, behind, key_bytes))
		return STORE_DAMAGED;
	if (serials[table].value &&
	    (value.len != SERIAL_SIZE || !shift(&value, behind, value_bytes)))
		return STORE_DAMAGED;
	return store_append(t, table, key, value);
}

/* Of the file's database, which kept some ids or all, and not of this one. */
static bool
is_left(enum table table, bool with_log)
{
	return backup_leaves_out_all(table) ||
	    (table == TABLE_AUDIT && !with_log);
}

/* Keys are known by their ids, though these go with serials that they had. */
static enum store_status
put_id(struct store_txn *t, struct span key, struct span value, uint64_t behind)
{
	struct wire_reader r = wire_reader(key.ptr, key.len);
	uint64_t serial = wire_get_u64(&r);
	struct record rec;

	if (!wire_done(&r) || !record_decode(&rec, value))
		return STORE_DAMAGED;
	return keys_keep_id(t, rec.key.id, behind + serial);
}

static enum store_status
put_rows(struct store_txn *t, enum table table, struct wire_reader *rows,
    bool with_log, uint64_t behind)
{
	enum store_status rc = STORE_OK;
	struct span key, value;

	if (is_left(table, with_log))
		return STORE_OK;
	while (rc == STORE_OK && archive_row_get(rows, &key, &value)) {
		rc = table == TABLE_META
		    ? put_meta(t, key, value, with_log)
		    : put_row(t, table, key, value, behind);
		if (rc == STORE_OK && table == TABLE_KEYS)
			rc = put_id(t, key, value, behind);
	}
	if (rc == STORE_OK && !wire_done(rows))
		rc = STORE_DAMAGED;
	return rc == STORE_EXISTS ? STORE_DAMAGED : rc;
}

static enum store_status
put_all(struct store_txn *t, struct incoming *in, bool with_log,
    uint64_t behind)
{
	char name[ARCHIVE_TABLE_SIZE];
	struct wire_reader rows;
	enum table table;
	uint64_t at = 0;
	enum store_status rc = STORE_OK;

	while (rc == STORE_OK && incoming_rows(in, &at, name, &rows))
		rc = find_table(name, &table)
		    ? put_rows(t, table, &rows, with_log, behind)
		    : STORE_DAMAGED;
	return rc == STORE_OK && at != 0 ? STORE_DAMAGED : rc;
}

static enum store_status
put_counter(struct store_txn *t, const char *name, uint64_t value)
{
	return store_put_number(t, TABLE_META, text_span(name), value);
}

/* Its ends too: a log that has none begins with 1. */
static enum store_status
clear_log(struct store_txn *t)
{
	static const char *const ends[] = { CHAIN_HEAD, CHAIN_BASE };
	enum store_status rc = store_clear(t, TABLE_AUDIT);

	for (size_t i = 0; rc == STORE_OK && i < 2; i++) {
		rc = store_delete(t, TABLE_META, text_span(ends[i]));
		if (rc == STORE_NONE)
			rc = STORE_OK;
	}
	return rc;
}

static enum store_status
clear_all(struct store_txn *t, bool with_log)
{
	enum store_status rc = with_log ? clear_log(t) : STORE_OK;

	for (unsigned i = 0; rc == STORE_OK && i < TABLE_COUNT; i++)
		if (i != TABLE_META && i != TABLE_AUDIT)
			rc = store_clear(t, (enum table)i);
	return rc;
}

/* Whoever was importing, then or now, cannot go on: his keys would be some of
   one and some of the other. */
static enum store_status
end_import(struct store_txn *t, uint64_t last_id)
{
	struct staging s;
	bool left = true;
	enum store_status rc = staging_get(t, &s);

	while (rc == STORE_OK && s.pending && left)
		rc = staging_remove(t, &s, REMOVE_AT, &left);
	if (rc != STORE_OK)
		return rc;
	s.pending = false;
	s.count = 0;
	if (s.id < last_id)
		s.id = last_id;
	return staging_put(t, &s);
}

/* The entries of a new log, while the old one takes its place. */
struct entries {
	uint8_t *bytes;
	size_t len;
	size_t cap;
	bool failed;
};

static bool
keep_entry(void *arg, const struct event *e)
{
	struct entries *all = arg;
	struct wire_writer w;

	if (all->cap - all->len < EVENT_MAX) {
		size_t cap = 2 * all->cap + 16 * (size_t)EVENT_MAX;
		uint8_t *more = realloc(all->bytes, cap);

		if (more == NULL) {
			all->failed = true;
			return false;
		}
		all->bytes = more;
		all->cap = cap;
	}
	w = wire_writer(all->bytes + all->len, all->cap - all->len);
	event_put(&w, e);
	all->len += wire_length(&w);
	return true;
}

static enum store_status
append_entries(struct store_txn *t, const struct entries *all)
{
	struct wire_reader r = wire_reader(all->bytes, all->len);
	enum store_status rc = STORE_OK;
	struct event e;

	while (rc == STORE_OK && r.at < r.end) {
		event_get(&r, &e);
		rc = r.bad ? STORE_FAILED : audit_append(t, &e);
	}
	return rc;
}

static enum store_status
replace(struct store_txn *t, struct incoming *in, bool with_log,
    uint64_t behind)
{
	const struct archive_head *head = incoming_head(in);
	struct staging s;
	enum store_status rc = staging_get(t, &s);
	uint64_t last_import = s.id;

	s = (struct staging){ .id = 0 };
	if (rc == STORE_OK)
		rc = clear_all(t, with_log);
	if (rc == STORE_OK)
		rc = staging_put(t, &s);
	if (rc == STORE_OK)
		rc = put_all(t, in, with_log, behind);
	if (rc == STORE_OK)
		rc = put_counter(t, "serial", behind + head->serial);
	if (rc == STORE_OK)
		rc = put_counter(t, "revoked", head->revoked);
	return rc == STORE_OK ? end_import(t, last_import) : rc;
}

enum store_status
restore_all(struct store_txn *t, struct incoming *in, bool with_log,
    uint64_t *behind)
{
	struct entries kept = { .len = 0 };
	enum store_status rc = counter_get(t, COUNTER_SERIAL, behind);
	uint64_t at;

	if (rc == STORE_OK && with_log)
		rc = audit_walk(t, 0, keep_entry, &kept, &at);
	if (rc == STORE_OK && kept.failed)
		rc = STORE_FAILED;
	if (rc == STORE_OK)
		rc = replace(t, in, with_log, *behind);
	if (rc == STORE_OK)
		rc = append_entries(t, &kept);
	free(kept.bytes);
	return rc;
}
