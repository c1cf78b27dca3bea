/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "chain.h"

#define LINK_SIZE (8 + EVENT_HASH_SIZE)
#define SEALED_LINK_SIZE (LINK_SIZE + CHAIN_SIZE)

/* The name goes in, so that one end cannot stand for the other. */
static void
seal(struct store_txn *t, const char *name, const uint8_t link[LINK_SIZE],
    uint8_t hash[CHAIN_SIZE])
{
	secret_chain(store_secret(t), text_span(name),
	    (struct span){ link, LINK_SIZE }, hash);
}

enum store_status
chain_get(struct store_txn *t, const char *name, struct link *l)
{
	uint8_t hash[CHAIN_SIZE];
	struct wire_reader r;
	struct span value;
	enum store_status rc =
	    store_get(t, TABLE_META, text_span(name), &value);

	*l = (struct link){ 0 };
	if (rc == STORE_NONE)
		return STORE_OK;
	if (rc != STORE_OK)
		return rc;
	if (value.len != SEALED_LINK_SIZE)
		return STORE_DAMAGED;
	seal(t, name, value.ptr, hash);
	if (memcmp(hash, value.ptr + LINK_SIZE, CHAIN_SIZE) != 0)
		return STORE_DAMAGED;
	r = wire_reader(value.ptr, LINK_SIZE);
	l->seq = wire_get_u64(&r);
	wire_get_bytes(&r, l->hash, sizeof(l->hash));
	return STORE_OK;
}

enum store_status
chain_put(struct store_txn *t, const char *name, const struct link *l)
{
	uint8_t bytes[SEALED_LINK_SIZE];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u64(&w, l->seq);
	wire_put_bytes(&w, l->hash, sizeof(l->hash));
	seal(t, name, bytes, bytes + LINK_SIZE);
	return store_put(t, TABLE_META, text_span(name),
	    (struct span){ bytes, sizeof(bytes) });
}

void
chain_key(uint8_t key[8], uint64_t seq)
{
	struct wire_writer w = wire_writer(key, 8);

	wire_put_u64(&w, seq);
}

void
chain_hash(struct store_txn *t, const uint8_t before[EVENT_HASH_SIZE],
    struct span bytes, uint8_t hash[EVENT_HASH_SIZE])
{
	bytes.len -= EVENT_HASH_SIZE;
	secret_chain(store_secret(t), (struct span){ before, EVENT_HASH_SIZE },
	    bytes, hash);
}

_Static_assert(EVENT_HASH_SIZE == CHAIN_SIZE, "the hash of an entry");

bool
chain_read(struct span key, struct span value, struct event *e)
{
	struct wire_reader r = wire_reader(value.ptr, value.len);

	event_get(&r, e);
	if (!wire_done(&r))
		return false;
	r = wire_reader(key.ptr, key.len);
	return wire_get_u64(&r) == e->seq && wire_done(&r);
}
