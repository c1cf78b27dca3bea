/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "names.h"
#include "op.h"
#include "witness.h"

static void
nth_id(const struct request_revoke *q, unsigned n, char id[KEY_ID_SIZE])
{
	memset(id, 0, KEY_ID_SIZE);
	memcpy(id, q->ids.ptr + (size_t)n * KEY_ID_LEN, KEY_ID_LEN);
}

/* By the token or by the nth id that the request names. */
static enum store_status
find_any(const struct op_call *c, unsigned n, struct record *rec)
{
	const struct request_revoke *q = &c->req->revoke;
	uint8_t hash[STORED_HASH_SIZE];
	char id[KEY_ID_SIZE];

	if (q->by == REVOKE_BY_DIGEST) {
		secret_hash(store_secret(c->txn), q->digest, hash);
		return keys_find(c->txn, hash, rec);
	}
	nth_id(q, n, id);
	return keys_find_id(c->txn, id, rec);
}

/* The nth key that the request names; one of an organization that is none of
   the peer's business is not there. */
static enum store_status
find(const struct op_call *c, unsigned n, struct record *rec)
{
	enum store_status rc = find_any(c, n, rec);

	return rc == STORE_OK && !op_may(c, rec->key.org) ? STORE_NONE : rc;
}

static enum op_result
refuse_id(struct op_call *c, unsigned n)
{
	struct key_info unknown = { .org = "" };

	nth_id(&c->req->revoke, n, unknown.id);
	if (!name_is_key_id(unknown.id))
		return op_refuse(c, ERROR_INVALID,
		    "a key id is key_ and 16 characters of 0-9a-z");
	witness_about(c, &unknown);
	return op_refuse(c, ERROR_NOT_FOUND,
	    "there is no key %s; nothing was revoked", unknown.id);
}

/* The log says more than the answer. */
static enum op_result
refuse_unknown(struct op_call *c, unsigned n)
{
	struct record rec;
	enum op_result result;

	if (c->req->revoke.by == REVOKE_BY_DIGEST)
		result = op_refuse(c, ERROR_NOT_FOUND,
		    "there is no key with this token");
	else
		result = refuse_id(c, n);
	if (find_any(c, n, &rec) == STORE_OK)
		witness_denied(c, &rec.key);
	return result;
}

static enum op_result
check_all(struct op_call *c, unsigned count)
{
	const char *reason = c->req->revoke.reason;
	struct record rec;
	enum store_status rc;

	if (reason[0] != '\0' && !name_is_text(reason, REASON_SIZE))
		return op_refuse(c, ERROR_INVALID,
		    "a reason is at most 255 bytes of UTF-8, with no control "
		    "characters and no space at its ends");
	for (unsigned n = 0; n < count; n++) {
		rc = find(c, n, &rec);
		if (rc == STORE_NONE)
			return refuse_unknown(c, n);
		if (rc != STORE_OK)
			return op_failed(c, rc);
	}
	return OP_DONE;
}

static enum store_status
revoke_one(struct op_call *c, unsigned n, struct page_writer *page,
    uint64_t *revoked)
{
	const struct request_revoke *q = &c->req->revoke;
	struct revoked_row row = { .already = false };
	struct record rec;
	enum store_status rc = find(c, n, &rec);

	if (rc != STORE_OK)
		return rc;
	row.already = rec.key.revoked != 0;
	if (!row.already && !q->dry_run) {
		rc = keys_revoke(c->txn, &rec, c->now, c->peer->uid, q->reason);
		++*revoked;
	}
	if (rc == STORE_OK && !q->dry_run)
		rc = witness_key(c, &rec.key, !row.already);
	strlcpy(row.id, rec.key.id, sizeof(row.id));
	row.revoked = rec.key.revoked;
	page_row_begin(page);
	revoked_put(page->w, &row);
	return rc == STORE_OK && !page_row_end(page) ? STORE_FAILED : rc;
}

/* Revokes all the keys that are named, or none. */
enum op_result
op_revoke(struct op_call *c)
{
	const struct request_revoke *q = &c->req->revoke;
	unsigned count = q->by == REVOKE_BY_DIGEST ? 1 : q->count;
	enum op_result result = check_all(c, count);
	enum store_status rc = STORE_OK;
	size_t start = wire_length(c->out);
	struct page_writer page;
	uint64_t revoked = 0;

	if (result != OP_DONE)
		return result;
	page_begin(&page, c->out, FRAME_ANSWER | FRAME_REVOKE, c->id);
	for (unsigned n = 0; rc == STORE_OK && n < count; n++)
		rc = revoke_one(c, n, &page, &revoked);
	if (rc == STORE_OK)
		rc = keys_count_revoked(c->txn, revoked);
	if (rc != STORE_OK) {
		c->out->at = c->out->start + start;
		return op_failed(c, rc);
	}
	page_end(&page, (struct span){ NULL, 0 });
	return OP_DONE;
}
