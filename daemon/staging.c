/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "keys.h"
#include "staging.h"

#define STAGING "import" /* in META */
#define STAGING_SIZE 64

enum store_status
staging_get(struct store_txn *t, struct staging *s)
{
	struct wire_reader r;
	struct span value;
	enum store_status rc =
	    store_get(t, TABLE_META, text_span(STAGING), &value);

	*s = (struct staging){ 0 };
	if (rc != STORE_OK)
		return rc == STORE_NONE ? STORE_OK : rc;
	r = wire_reader(value.ptr, value.len);
	s->id = wire_get_u64(&r);
	s->pending = wire_get_flag(&r);
	s->count = wire_get_u32(&r);
	s->first = wire_get_u64(&r);
	s->active = wire_get_time(&r);
	return wire_done(&r) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
staging_put(struct store_txn *t, const struct staging *s)
{
	uint8_t bytes[STAGING_SIZE];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u64(&w, s->id);
	wire_put_u8(&w, s->pending);
	wire_put_u32(&w, s->count);
	wire_put_u64(&w, s->first);
	wire_put_time(&w, s->active);
	return store_put(t, TABLE_META, text_span(STAGING),
	    (struct span){ bytes, wire_length(&w) });
}

enum store_status
staging_see(struct store_txn *t, const struct record *rec)
{
	struct staging s;
	enum store_status rc;

	if (rec->import == 0)
		return STORE_OK;
	if ((rc = staging_get(t, &s)) != STORE_OK)
		return rc;
	return s.pending && s.id == rec->import ? STORE_NONE : STORE_OK;
}

/* Serials, since a walk bears no writing. */
struct gathering {
	uint64_t *serials;
	unsigned count;
	unsigned limit;
};

static bool
gather(void *arg, struct span key, struct span value)
{
	struct gathering *g = arg;
	struct wire_reader r = wire_reader(key.ptr, key.len);

	(void)value;
	if (g->count == g->limit)
		return false;
	g->serials[g->count++] = wire_get_u64(&r);
	return true;
}

static enum store_status
remove_some(struct store_txn *t, struct staging *s, const struct gathering *g)
{
	enum store_status rc = STORE_OK;
	struct record rec;

	for (unsigned i = 0; rc == STORE_OK && i < g->count; i++) {
		rc = keys_get(t, g->serials[i], &rec);
		if (rc == STORE_OK && rec.import == s->id) {
			rc = keys_forget(t, &rec);
			s->count -= s->count > 0;
		}
		s->first = g->serials[i] + 1;
	}
	return rc;
}

enum store_status
staging_remove(struct store_txn *t, struct staging *s, unsigned limit,
    bool *left)
{
	struct gathering g = { .limit = limit };
	uint8_t from[8];
	struct wire_writer w = wire_writer(from, sizeof(from));
	enum store_status rc;

	if ((g.serials = calloc(limit, sizeof(*g.serials))) == NULL)
		return STORE_FAILED;
	wire_put_u64(&w, s->first);
	rc = store_walk(t, TABLE_KEYS, (struct span){ 0 },
	    (struct span){ from, sizeof(from) }, gather, &g);
	if (rc == STORE_OK)
		rc = remove_some(t, s, &g);
	*left = g.count == limit;
	free(g.serials);
	return rc;
}
