/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "index.h"
#include "keys.h"
#include "staging.h"

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
	w->rc = index_confirm(w->rc, w->rc == STORE_OK && is_owners(key, &rec));
	if (w->rc == STORE_OK)
		w->rc = staging_see(w->t, &rec);
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
