/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "keys.h"
#include "log.h"
#include "schema.h"
#include "staging.h"

#define SERIAL_SIZE sizeof(uint64_t)

_Static_assert(STORED_HASH_SIZE == crypto_verify_32_BYTES,
    "how stored hashes are compared");

/* The longest: org, NUL, user, NUL, serial. */
#define INDEX_MAX (ORG_SIZE + USER_SIZE + SERIAL_SIZE)

/* The key of an index entry, made of texts and numbers. */
struct index {
	uint8_t bytes[INDEX_MAX];
	struct wire_writer w;
};

static void
index_begin(struct index *x)
{
	x->w = wire_writer(x->bytes, sizeof(x->bytes));
}

/* With the NUL, so that no org or user is the beginning of another. */
static void
index_text(struct index *x, const char *s)
{
	wire_put_bytes(&x->w, s, strlen(s) + 1);
}

static struct span
index_span(const struct index *x)
{
	return (struct span){ x->bytes, wire_length(&x->w) };
}

static void
index_name(struct index *x, const char *org, const char *name)
{
	index_begin(x);
	index_text(x, org);
	index_text(x, name);
}

static void
index_owner(struct index *x, const char *org, const char *user)
{
	index_begin(x);
	if (org[0] != '\0')
		index_text(x, org);
	if (org[0] != '\0' && user[0] != '\0')
		index_text(x, user);
}

static void
index_serial(struct index *x, uint64_t serial)
{
	index_begin(x);
	wire_put_u64(&x->w, serial);
}

static struct span
id_span(const char *id)
{
	return (struct span){ (const uint8_t *)id, strlen(id) };
}

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

static struct log_throttle throttle;

/* An index entry without its record, or with another's, is damage. */
static enum store_status
confirm(enum store_status rc, bool same)
{
	if (rc == STORE_OK && same)
		return STORE_OK;
	if (rc == STORE_OK || rc == STORE_NONE) {
		log_throttled(&throttle,
		    "store: an index leads to the wrong record");
		return STORE_DAMAGED;
	}
	return rc;
}

/* The same, and is it there for anybody? */
static enum store_status
confirm_visible(struct store_txn *t, enum store_status rc, bool same,
    const struct record *rec)
{
	rc = confirm(rc, same);
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
	return confirm_visible(t, rc,
	    rc == STORE_OK && crypto_verify_32(rec->hash, hash) == 0, rec);
}

enum store_status
keys_has_hash(struct store_txn *t, const uint8_t hash[STORED_HASH_SIZE])
{
	uint64_t serial;

	return store_get_number(t, TABLE_HASHES,
	    (struct span){ hash, STORED_HASH_SIZE }, &serial);
}

enum store_status
keys_find_id(struct store_txn *t, const char *id, struct record *rec)
{
	uint64_t serial;
	enum store_status rc;

	rc = store_get_number(t, TABLE_IDS, id_span(id), &serial);
	if (rc != STORE_OK)
		return rc;
	rc = keys_get(t, serial, rec);
	return confirm_visible(t, rc,
	    rc == STORE_OK && strcmp(rec->key.id, id) == 0, rec);
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
	return confirm(rc,
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
	rc = add_number(t, TABLE_IDS, id_span(rec->key.id), rec->serial);
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
keys_insert(struct store_txn *t, struct record *rec)
{
	uint8_t bytes[RECORD_MAX];
	size_t len = record_encode(rec, bytes, sizeof(bytes));
	struct index x;
	enum store_status rc;

	if (len == 0)
		return STORE_FAILED;
	rc = counter_add(t, COUNTER_SERIAL, 1, &rec->serial);
	if (rc != STORE_OK)
		return rc;
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
	index_serial(&x, rec->serial);
	return store_put(t, TABLE_KEYS, index_span(&x),
	    (struct span){ bytes, len });
}

/* The name may have passed to a later key when this one expired. */
static enum store_status
release_name(struct store_txn *t, const struct record *rec)
{
	struct index x;
	uint64_t holder;
	enum store_status rc;

	index_name(&x, rec->key.org, rec->key.name);
	rc = store_get_number(t, TABLE_NAMES, index_span(&x), &holder);
	if (rc == STORE_OK && holder == rec->serial)
		rc = store_delete(t, TABLE_NAMES, index_span(&x));
	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
keys_forget(struct store_txn *t, const struct record *rec)
{
	struct index x;
	enum store_status rc = release_name(t, rec);

	if (rc == STORE_OK)
		rc = store_delete(t, TABLE_HASHES,
		    (struct span){ rec->hash, sizeof(rec->hash) });
	if (rc == STORE_OK)
		rc = store_delete(t, TABLE_IDS, id_span(rec->key.id));
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
	return rc == STORE_OK ? release_name(t, rec) : rc;
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

struct walk {
	struct store_txn *t;
	keys_step *step;
	void *arg;
	unsigned left;
	struct keys_place *next;
	enum store_status rc;
};

static bool
walk_stop(struct walk *w, struct span key)
{
	w->next->len = key.len;
	memcpy(w->next->bytes, key.ptr, key.len);
	return false;
}

static bool
is_owners(struct span key, const struct record *rec)
{
	struct index x;

	index_owner(&x, rec->key.org, rec->key.user);
	wire_put_u64(&x.w, rec->serial);
	return key.len == wire_length(&x.w) &&
	    memcmp(key.ptr, x.bytes, key.len) == 0;
}

static bool
walk_step(void *arg, struct span key, struct span value)
{
	struct walk *w = arg;
	struct record rec;
	struct wire_reader r;

	(void)value;
	if (key.len < SERIAL_SIZE || key.len > sizeof(w->next->bytes)) {
		w->rc = STORE_DAMAGED;
		return false;
	}
	if (w->left == 0)
		return walk_stop(w, key);
	w->left--;
	r = wire_reader(key.ptr + key.len - SERIAL_SIZE, SERIAL_SIZE);
	w->rc = keys_get(w->t, wire_get_u64(&r), &rec);
	w->rc = confirm_visible(w->t, w->rc,
	    w->rc == STORE_OK && is_owners(key, &rec), &rec);
	if (w->rc == STORE_NONE) {
		w->rc = STORE_OK;
		return true;
	}
	if (w->rc != STORE_OK)
		return false;
	return w->step(w->arg, &rec) || walk_stop(w, key);
}

enum store_status
keys_walk(struct store_txn *t, const char *org, const char *user,
    const struct keys_place *from, unsigned limit, keys_step *step, void *arg,
    struct keys_place *next)
{
	struct walk w = { t, step, arg, limit, next, STORE_OK };
	struct index x;
	enum store_status rc;

	next->len = 0;
	index_owner(&x, org, user);
	rc = store_walk(t, TABLE_OWNERS, index_span(&x),
	    (struct span){ from->bytes, from->len }, walk_step, &w);
	return rc == STORE_OK ? w.rc : rc;
}
