/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "log.h"
#include "store_lmdb.h"
#include "tree.h"

/* Bytes of a sealed value with its table and key before it: a key record with
   every text at its longest takes 2.5 KiB. */
#define SEALED_MAX 4096

_Static_assert(MAC_SIZE == crypto_verify_16_BYTES, "how MACs are compared");

static bool
is_sealed(enum table table)
{
	return table == TABLE_ORGS || table == TABLE_MEMBERS ||
	    table == TABLE_KEYS || table == TABLE_USAGE ||
	    table == TABLE_LIMITS;
}

static enum store_status
seal(const struct store_txn *t, enum table table, struct span key,
    struct span value, uint8_t mac[MAC_SIZE])
{
	uint8_t bytes[SEALED_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u8(&w, (uint8_t)table);
	wire_put_span(&w, key);
	wire_put_span(&w, value);
	if (!wire_fits(&w))
		return STORE_FAILED;
	secret_mac(t->st->secret, (struct span){ bytes, wire_length(&w) }, mac);
	return STORE_OK;
}

static struct log_throttle throttle;

/* Takes the MAC off a value, if it is the right one. */
static enum store_status
unseal(const struct store_txn *t, enum table table, struct span key,
    struct span *value)
{
	uint8_t mac[MAC_SIZE];
	struct span bare;

	if (!is_sealed(table))
		return STORE_OK;
	if (value->len < MAC_SIZE)
		return STORE_DAMAGED;
	bare = (struct span){ value->ptr, value->len - MAC_SIZE };
	if (seal(t, table, key, bare, mac) != STORE_OK ||
	    crypto_verify_16(mac, value->ptr + bare.len) != 0) {
		log_throttled(&throttle,
		    "store: a record of table %s is damaged",
		    store_table_name(table));
		return STORE_DAMAGED;
	}
	*value = bare;
	return STORE_OK;
}

enum store_status
store_get(struct store_txn *t, enum table table, struct span key,
    struct span *value)
{
	uint8_t room[TREE_KEY_MAX];
	MDB_val k = store_val(tree_key(table, key, room)), v;
	enum store_status rc;

	if (key.len == 0 || k.mv_size > TREE_KEY_MAX)
		return STORE_NONE;
	rc = store_status_of("get", mdb_get(t->mdb, t->st->dbi[table], &k, &v));
	if (rc != STORE_OK)
		return rc;
	*value = store_span(v);
	return unseal(t, table, key, value);
}

static enum store_status
put(struct store_txn *t, enum table table, struct span key, struct span value,
    unsigned flags)
{
	bool sealed = is_sealed(table);
	uint8_t mac[MAC_SIZE], room[TREE_KEY_MAX];
	MDB_val k = store_val(tree_key(table, key, room)), v;
	enum store_status rc;

	if (key.len == 0 || k.mv_size > TREE_KEY_MAX)
		return store_status_of("put", MDB_BAD_VALSIZE);
	if (sealed && (rc = seal(t, table, key, value, mac)) != STORE_OK)
		return rc;
	v.mv_size = value.len + (sealed ? MAC_SIZE : 0);
	rc = store_status_of("put",
	    mdb_put(t->mdb, t->st->dbi[table], &k, &v, flags | MDB_RESERVE));
	if (rc != STORE_OK)
		return rc;
	if (value.len > 0)
		memcpy(v.mv_data, value.ptr, value.len);
	if (sealed)
		memcpy((uint8_t *)v.mv_data + value.len, mac, MAC_SIZE);
	return STORE_OK;
}

enum store_status
store_put(struct store_txn *t, enum table table, struct span key,
    struct span value)
{
	return put(t, table, key, value, 0);
}

enum store_status
store_add(struct store_txn *t, enum table table, struct span key,
    struct span value)
{
	return put(t, table, key, value, MDB_NOOVERWRITE);
}

enum store_status
store_append(struct store_txn *t, enum table table, struct span key,
    struct span value)
{
	return put(t, table, key, value, MDB_APPEND);
}

enum store_status
store_delete(struct store_txn *t, enum table table, struct span key)
{
	uint8_t room[TREE_KEY_MAX];
	MDB_val k = store_val(tree_key(table, key, room));

	if (key.len == 0 || k.mv_size > TREE_KEY_MAX)
		return STORE_NONE;
	return store_status_of("delete",
	    mdb_del(t->mdb, t->st->dbi[table], &k, NULL));
}

enum store_status
store_clear(struct store_txn *t, enum table table)
{
	if (tree_name(table) == NULL) /* with it, all others would go */
		return STORE_FAILED;
	return store_status_of("clear", mdb_drop(t->mdb, t->st->dbi[table], 0));
}

enum store_status
store_get_number(struct store_txn *t, enum table table, struct span key,
    uint64_t *number)
{
	struct span value;
	enum store_status rc = store_get(t, table, key, &value);
	struct wire_reader r;

	*number = 0;
	if (rc != STORE_OK)
		return rc;
	r = wire_reader(value.ptr, value.len);
	*number = wire_get_u64(&r);
	return wire_done(&r) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
store_put_number(struct store_txn *t, enum table table, struct span key,
    uint64_t number)
{
	uint8_t bytes[sizeof(number)];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u64(&w, number);
	return store_put(t, table, key,
	    (struct span){ bytes, wire_length(&w) });
}

static bool
begins_with(struct span s, struct span prefix)
{
	return s.len >= prefix.len &&
	    (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

enum store_status
store_walk(struct store_txn *t, enum table table, struct span prefix,
    struct span from, store_step *step, void *arg)
{
	uint8_t room[TREE_KEY_MAX];
	struct span start = tree_key(table, from.len > 0 ? from : prefix, room);
	MDB_val k = store_val(start), v;
	MDB_cursor_op op = k.mv_size > 0 ? MDB_SET_RANGE : MDB_FIRST;
	MDB_cursor *cursor;
	enum store_status rc;

	if (k.mv_size > TREE_KEY_MAX)
		return STORE_OK;
	rc = store_status_of("cursor",
	    mdb_cursor_open(t->mdb, t->st->dbi[table], &cursor));
	if (rc != STORE_OK)
		return rc;
	for (;; op = MDB_NEXT) {
		struct span key, value;

		rc =
		    store_status_of("walk", mdb_cursor_get(cursor, &k, &v, op));
		if (rc != STORE_OK || !tree_has(table, store_span(k)))
			break;
		key = tree_row(table, store_span(k));
		value = store_span(v);
		if (!begins_with(key, prefix))
			break;
		rc = unseal(t, table, key, &value);
		if (rc != STORE_OK || !step(arg, key, value))
			break;
	}
	mdb_cursor_close(cursor);
	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
store_measure(struct store_txn *t, struct store_size *size)
{
	MDB_envinfo info;
	MDB_stat st;
	enum store_status rc;

	for (int i = 0; i < TABLE_COUNT; i++) {
		rc = store_status_of("stat",
		    mdb_stat(t->mdb, t->st->dbi[i], &st));
		if (rc != STORE_OK)
			return rc;
		size->entries[i] = st.ms_entries;
	}
	rc = store_status_of("info", mdb_env_info(t->st->env, &info));
	if (rc != STORE_OK)
		return rc;
	size->used = (info.me_last_pgno + 1) * (uint64_t)st.ms_psize;
	size->limit = info.me_mapsize - STORE_SPARE;
	return STORE_OK;
}

bool
store_is_full(struct store_txn *t)
{
	struct store_size size;

	return store_measure(t, &size) == STORE_OK && size.used >= size.limit;
}
