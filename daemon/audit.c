/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "audit.h"
#include "chain.h"

enum store_status
audit_append(struct store_txn *t, struct event *e)
{
	uint8_t bytes[EVENT_MAX], key[8];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	enum store_status rc;
	struct link head;

	if ((rc = chain_get(t, CHAIN_HEAD, &head)) != STORE_OK)
		return rc;
	e->seq = head.seq + 1;
	event_put(&w, e);
	if (!wire_fits(&w))
		return STORE_FAILED;
	chain_hash(t, head.hash, (struct span){ bytes, wire_length(&w) },
	    e->hash);
	memcpy(bytes + wire_length(&w) - sizeof(e->hash), e->hash,
	    sizeof(e->hash));
	chain_key(key, e->seq);
	rc = store_append(t, TABLE_AUDIT, (struct span){ key, sizeof(key) },
	    (struct span){ bytes, wire_length(&w) });
	if (rc != STORE_OK)
		return rc;
	head.seq = e->seq;
	memcpy(head.hash, e->hash, sizeof(head.hash));
	return chain_put(t, CHAIN_HEAD, &head);
}

enum store_status
audit_extent(struct store_txn *t, uint64_t *last, uint64_t *kept)
{
	struct link head, base;
	enum store_status rc = chain_get(t, CHAIN_HEAD, &head);

	if (rc == STORE_OK)
		rc = chain_get(t, CHAIN_BASE, &base);
	*last = rc == STORE_OK ? head.seq : 0;
	*kept = rc == STORE_OK ? head.seq - base.seq : 0;
	return rc;
}

struct walk {
	audit_step *step;
	void *arg;
	uint64_t at;
	bool broken;
};

static bool
walk_step(void *arg, struct span key, struct span value)
{
	struct walk *walk = arg;
	struct event e;

	walk->at++;
	walk->broken = !chain_read(key, value, &e) || e.seq < walk->at;
	if (walk->broken)
		return false;
	walk->at = e.seq;
	return walk->step(walk->arg, &e);
}

enum store_status
audit_walk(struct store_txn *t, uint64_t after, audit_step *step, void *arg,
    uint64_t *at)
{
	struct walk walk = { .step = step, .arg = arg, .at = after };
	enum store_status rc;
	uint8_t from[8];

	if (after == UINT64_MAX)
		return STORE_OK;
	chain_key(from, after + 1);
	rc = store_walk(t, TABLE_AUDIT, (struct span){ 0 },
	    (struct span){ from, sizeof(from) }, walk_step, &walk);
	*at = walk.at;
	return rc == STORE_OK && walk.broken ? STORE_DAMAGED : rc;
}
