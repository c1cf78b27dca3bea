/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "chain.h"

/* A check under way: the last entry that is whole, and what is not. */
struct check {
	struct store_txn *t;
	struct link at;
	unsigned limit;
	int64_t before; /* 0: whatever its time */
	struct reply_checked *found;
};

static bool
broken(struct check *c, uint64_t seq, const char *why)
{
	c->found->broken = seq;
	snprintf(c->found->why, sizeof(c->found->why), "%s", why);
	return false;
}

static bool
check_step(void *arg, struct span key, struct span value)
{
	uint8_t hash[EVENT_HASH_SIZE];
	struct check *c = arg;
	uint64_t seq = c->at.seq + 1;
	struct wire_reader r = wire_reader(key.ptr, key.len);
	struct event e;

	if (c->limit == 0)
		return false;
	if (wire_get_u64(&r) != seq || !wire_done(&r))
		return broken(c, seq, "it is missing");
	if (!chain_read(key, value, &e))
		return broken(c, seq, "its bytes are not an entry");
	chain_hash(c->t, c->at.hash, value, hash);
	if (memcmp(hash, e.hash, sizeof(hash)) != 0)
		return broken(c, seq,
		    "it, or the one before it, is not as it was written");
	if (c->before != 0 && e.when >= c->before)
		return false;
	c->at.seq = seq;
	memcpy(c->at.hash, hash, sizeof(hash));
	c->limit--;
	return true;
}

static enum store_status
check_entries(struct check *c)
{
	uint8_t from[8];

	chain_key(from, c->at.seq + 1);
	return store_walk(c->t, TABLE_AUDIT, (struct span){ 0 },
	    (struct span){ from, sizeof(from) }, check_step, c);
}

/* Does the chain end where keyd ended it? */
static void
check_end(struct check *c, const struct link *head)
{
	if (c->at.seq < head->seq)
		broken(c, c->at.seq + 1,
		    "it is missing, and so is all behind it");
	else if (c->at.seq > head->seq)
		broken(c, head->seq + 1, "it lies behind the end of the log");
	else if (memcmp(c->at.hash, head->hash, sizeof(head->hash)) != 0)
		broken(c, head->seq, "it is not the end that was written");
}

/* The hash that the next entry must follow. */
static enum store_status
begin_behind(struct store_txn *t, uint64_t after, struct link *at)
{
	enum store_status rc;
	struct span value;
	struct event e;
	uint8_t key[8];

	if (after <= at->seq)
		return STORE_OK;
	chain_key(key, after);
	rc = store_get(t, TABLE_AUDIT, (struct span){ key, sizeof(key) },
	    &value);
	if (rc != STORE_OK)
		return rc;
	if (!chain_read((struct span){ key, sizeof(key) }, value, &e))
		return STORE_DAMAGED;
	at->seq = after;
	memcpy(at->hash, e.hash, sizeof(at->hash));
	return STORE_OK;
}

/* Sets base and head; when one is not keyd's, found says so and it is false. */
static bool
get_ends(struct check *c, struct link *base, struct link *head,
    enum store_status *rc)
{
	*rc = chain_get(c->t, CHAIN_BASE, base);
	if (*rc == STORE_DAMAGED)
		broken(c, 1, "where the log begins is not what was written");
	if (*rc != STORE_OK)
		return false;
	*rc = chain_get(c->t, CHAIN_HEAD, head);
	if (*rc == STORE_DAMAGED)
		broken(c, base->seq + 1,
		    "where the log ends is not what was written");
	return *rc == STORE_OK;
}

enum store_status
audit_check(struct store_txn *t, uint64_t after, unsigned limit,
    struct reply_checked *found)
{
	struct check c = { .t = t, .limit = limit, .found = found };
	enum store_status rc;
	struct link head;

	*found = (struct reply_checked){ .last = after };
	if (!get_ends(&c, &c.at, &head, &rc))
		return rc == STORE_DAMAGED ? STORE_OK : rc;
	rc = begin_behind(t, after, &c.at);
	if (rc == STORE_NONE || rc == STORE_DAMAGED) {
		broken(&c, after, "it is missing, or no entry any more");
		return STORE_OK;
	}
	if (rc == STORE_OK)
		rc = check_entries(&c);
	if (rc == STORE_OK && found->broken == 0 && c.limit > 0)
		check_end(&c, &head);
	found->last = c.at.seq > after ? c.at.seq : after;
	return rc;
}

static enum store_status
remove_entries(struct store_txn *t, uint64_t first, uint64_t last)
{
	enum store_status rc = STORE_OK;
	uint8_t key[8];

	for (uint64_t seq = first; rc == STORE_OK && seq <= last; seq++) {
		chain_key(key, seq);
		rc = store_delete(t, TABLE_AUDIT,
		    (struct span){ key, sizeof(key) });
	}
	return rc;
}

enum store_status
audit_prune(struct store_txn *t, int64_t before, unsigned limit,
    struct reply_pruned *pruned, struct reply_checked *found)
{
	struct check c = { .t = t,
		.limit = limit,
		.before = before,
		.found = found };
	struct link base, head;
	enum store_status rc;

	*found = (struct reply_checked){ 0 };
	*pruned = (struct reply_pruned){ 0 };
	if (!get_ends(&c, &base, &head, &rc))
		return rc;
	c.at = base;
	if ((rc = check_entries(&c)) != STORE_OK)
		return rc;
	if (found->broken != 0)
		return STORE_DAMAGED;
	pruned->removed = (uint32_t)(c.at.seq - base.seq);
	pruned->first = c.at.seq < head.seq ? c.at.seq + 1 : 0;
	if (pruned->removed == 0)
		return STORE_OK;
	rc = remove_entries(t, base.seq + 1, c.at.seq);
	return rc == STORE_OK ? chain_put(t, CHAIN_BASE, &c.at) : rc;
}
