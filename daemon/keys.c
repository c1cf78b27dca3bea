/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "index.h"
#include "key_id.h"
#include "keys.h"
#include "schema.h"
#include "staging.h"

_Static_assert(STORED_HASH_SIZE == crypto_verify_32_BYTES,
    "how stored hashes are compared");

enum store_status
keys_get(struct store_txn *t, uint64_t serial, struct record *rec)
{
	struct index x;
	struct span value;
	enum store_status rc;

	index_serial(&x, serial);
	rc = store_get(t, TABLE_KEYS, index_span(&x), &value);
	if (rc != STORE_OK)
		return rc;
	rec->serial = serial;
	return record_decode(rec, value) ? STORE_OK : STORE_DAMAGED;
}

/* The same, and is it there for anybody? */
static enum store_status
confirm(struct store_txn *t, enum store_status rc, bool same,
    const struct record *rec)
{
	rc = index_confirm(rc, same);
	return rc == STORE_OK ? staging_see(t, rec) : rc;
}

/* Looks up, unseals and decodes some key, to take the time that it takes. */
static void
pretend(struct store_txn *t)
{
	struct record decoy;
	uint64_t serial;

	if (counter_get(t, COUNTER_SERIAL, &serial) == STORE_OK && serial > 0)
		(void)keys_get(t, serial, &decoy);
}

enum store_status
keys_find(struct store_txn *t, const uint8_t hash[STORED_HASH_SIZE],
    struct record *rec)
{
	uint64_t serial;
	enum store_status rc;

	rc = store_get_number(t, TABLE_HASHES,
	    (struct span){ hash, STORED_HASH_SIZE }, &serial);
	if (rc == STORE_NONE)
		pretend(t);
	if (rc != STORE_OK)
		return rc;
	rc = keys_get(t, serial, rec);
	return confirm(t, rc,
	    rc == STORE_OK && crypto_verify_32(rec->hash, hash) == 0, rec);
}

enum store_status
keys_has_hash(struct store_txn *t, const uint8_t hash[STORED_HASH_SIZE])
{
	uint64_t serial;

	return store_get_number(t, TABLE_HASHES,
	    (struct span){ hash, STORED_HASH_SIZE }, &serial);
}

/* STORE_NONE: no key has it by its serial. */
static enum store_status
find_deciphered(struct store_txn *t, const char *id, struct record *rec)
{
	uint64_t serial;
	enum store_status rc;

	if (!key_id_serial(store_secret(t), id, &serial))
		return STORE_NONE;
	rc = keys_get(t, serial, rec);
	return rc == STORE_OK && strcmp(rec->key.id, id) != 0 ? STORE_NONE : rc;
}

static enum store_status
find_kept(struct store_txn *t, const char *id, struct record *rec)
{
	uint64_t serial;
	enum store_status rc;

	rc = store_get_number(t, TABLE_IDS, text_span(id), &serial);
	if (rc != STORE_OK)
		return rc;
	rc = keys_get(t, serial, rec);
	return index_confirm(rc,
	    rc == STORE_OK && strcmp(rec->key.id, id) == 0);
}

enum store_status
keys_find_id(struct store_txn *t, const char *id, struct record *rec)
{
	enum store_status rc = find_deciphered(t, id, rec);

	if (rc == STORE_NONE)
		rc = find_kept(t, id, rec);
	return rc == STORE_OK ? staging_see(t, rec) : rc;
}

enum store_status
keys_find_name(struct store_txn *t, const char *org, const char *name,
    struct record *rec)
{
	struct index x;
	uint64_t serial;
	enum store_status rc;

	index_name(&x, org, name);
	rc = store_get_number(t, TABLE_NAMES, index_span(&x), &serial);
	if (rc != STORE_OK)
		return rc;
	rc = keys_get(t, serial, rec);
	return index_confirm(rc,
	    rc == STORE_OK && strcmp(rec->key.org, org) == 0 &&
		strcmp(rec->key.name, name) == 0);
}

static enum store_status
add_number(struct store_txn *t, enum table table, struct span key,
    uint64_t number)
{
	struct index x;

	index_serial(&x, number);
	return store_add(t, table, key, index_span(&x));
}

static enum store_status
index_all(struct store_txn *t, const struct record *rec)
{
	struct index x;
	enum store_status rc;

	rc = add_number(t, TABLE_HASHES,
	    (struct span){ rec->hash, sizeof(rec->hash) }, rec->serial);
	if (rc != STORE_OK)
		return rc;
	index_name(&x, rec->key.org, rec->key.name);
	rc = store_put_number(t, TABLE_NAMES, index_span(&x), rec->serial);
	if (rc != STORE_OK)
		return rc;
	index_owner(&x, rec->key.org, rec->key.user);
	wire_put_u64(&x.w, rec->serial);
	return store_add(t, TABLE_OWNERS, index_span(&x),
	    (struct span){ NULL, 0 });
}

enum store_status
keys_keep_id(struct store_txn *t, const char *id, uint64_t serial)
{
	uint64_t own;

	if (key_id_serial(store_secret(t), id, &own) && own == serial)
		return STORE_OK;
	return add_number(t, TABLE_IDS, text_span(id), serial);
}

/* The next serial, unless a key from elsewhere has the id that goes with it, as
   one in 2^82 may. */
static enum store_status
name_key(struct store_txn *t, struct record *rec)
{
	enum store_status rc;
	struct span taken;

	do {
		rc = counter_add(t, COUNTER_SERIAL, 1, &rec->serial);
		if (rc != STORE_OK)
			return rc;
		if (rec->serial >= KEY_ID_SERIALS)
			return STORE_FULL;
		key_id_of(store_secret(t), rec->hash, rec->serial, rec->key.id);
		rc = store_get(t, TABLE_IDS, text_span(rec->key.id), &taken);
	} while (rc == STORE_OK);
	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
keys_insert(struct store_txn *t, struct record *rec)
{
	uint8_t bytes[RECORD_MAX];
	struct index x;
	enum store_status rc = name_key(t, rec);
	size_t len;

	if (rc != STORE_OK)
		return rc;
	if ((len = record_encode(rec, bytes, sizeof(bytes))) == 0)
		return STORE_FAILED;
	index_serial(&x, rec->serial);
	rc = store_append(t, TABLE_KEYS, index_span(&x),
	    (struct span){ bytes, len });
	return rc == STORE_OK ? index_all(t, rec) : rc;
}

enum store_status
keys_update(struct store_txn *t, const struct record *rec)
{
	uint8_t bytes[RECORD_MAX];
	size_t len = record_encode(rec, bytes, sizeof(bytes));
	struct index x;

	if (len == 0)
		return STORE_FAILED;
	store_touch_key(t, rec->serial);
	index_serial(&x, rec->serial);
	return store_put(t, TABLE_KEYS, index_span(&x),
	    (struct span){ bytes, len });
}

/* The name may have passed to a later key when this one expired. */
static enum store_status
holds_name(struct store_txn *t, const struct record *rec, bool *holds)
{
	struct index x;
	uint64_t holder;
	enum store_status rc;

	index_name(&x, rec->key.org, rec->key.name);
	rc = store_get_number(t, TABLE_NAMES, index_span(&x), &holder);
	*holds = rc == STORE_OK && holder == rec->serial;
	return rc == STORE_NONE ? STORE_OK : rc;
}

/* The latest of those that it took the place of, one after the other, that is
   live; STORE_NONE: none is. */
static enum store_status
find_live_ancestor(struct store_txn *t, const struct record *rec, int64_t now,
    struct record *found)
{
	enum store_status rc = STORE_OK;

	*found = *rec;
	do {
		char id[KEY_ID_SIZE];

		memcpy(id, found->key.rotated_from, sizeof(id));
		rc = id[0] != '\0' ? keys_find_id(t, id, found) : STORE_NONE;
	} while (rc == STORE_OK && !key_is_live(&found->key, now));
	return rc;
}

/* A name is free when no live key has it: the key that this one was to take
   the place of may live on, and then has it again. */
static enum store_status
release_name(struct store_txn *t, const struct record *rec, int64_t now)
{
	struct record heir;
	struct index x;
	bool holds;
	enum store_status rc = holds_name(t, rec, &holds);

	if (rc != STORE_OK || !holds)
		return rc;
	index_name(&x, rec->key.org, rec->key.name);
	rc = find_live_ancestor(t, rec, now, &heir);
	if (rc == STORE_OK)
		return store_put_number(t, TABLE_NAMES, index_span(&x),
		    heir.serial);
	return rc == STORE_NONE ? store_delete(t, TABLE_NAMES, index_span(&x))
				: rc;
}

/* Most ids are not kept. */
static enum store_status
forget_id(struct store_txn *t, const char *id)
{
	enum store_status rc = store_delete(t, TABLE_IDS, text_span(id));

	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
keys_forget(struct store_txn *t, const struct record *rec)
{
	struct index x;
	enum store_status rc = release_name(t, rec, INT64_MAX);

	store_touch_key(t, rec->serial);
	if (rc == STORE_OK)
		rc = store_delete(t, TABLE_HASHES,
		    (struct span){ rec->hash, sizeof(rec->hash) });
	if (rc == STORE_OK)
		rc = forget_id(t, rec->key.id);
	index_owner(&x, rec->key.org, rec->key.user);
	wire_put_u64(&x.w, rec->serial);
	if (rc == STORE_OK)
		rc = store_delete(t, TABLE_OWNERS, index_span(&x));
	index_serial(&x, rec->serial);
	return rc == STORE_OK ? store_delete(t, TABLE_KEYS, index_span(&x))
			      : rc;
}

enum store_status
keys_revoke(struct store_txn *t, struct record *rec, int64_t now, uint32_t uid,
    const char *reason)
{
	enum store_status rc;

	rec->key.revoked = now;
	rec->key.revoker_uid = uid;
	memset(rec->key.reason, 0, sizeof(rec->key.reason));
	memcpy(rec->key.reason, reason,
	    strnlen(reason, sizeof(rec->key.reason) - 1));
	rc = keys_update(t, rec);
	return rc == STORE_OK ? release_name(t, rec, now) : rc;
}

enum store_status
keys_count_revoked(struct store_txn *t, uint64_t more)
{
	uint64_t revoked;

	return more > 0 ? counter_add(t, COUNTER_REVOKED, more, &revoked)
			: STORE_OK;
}

bool
key_is_live(const struct key_info *k, int64_t now)
{
	return k->revoked == 0 && (k->expires == 0 || now < k->expires);
}
