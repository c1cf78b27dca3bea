/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "names.h"
#include "op.h"
#include "witness.h"

static enum op_result
answer(struct op_call *c, bool existed, const struct record *made,
    const struct record *old)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_ROTATE };

	rep.rotated.existed = existed;
	rep.rotated.key = made->key;
	rep.rotated.old_expires = old->key.expires;
	return op_answer(c, &rep);
}

static enum op_result
find_old(struct op_call *c, struct record *old)
{
	enum op_result result = op_find_key(c, c->req->rotate.id, old);

	if (result == OP_DONE)
		witness_about(c, &old->key);
	return result;
}

/* A lost answer is asked for again with the digest that it was about. */
static enum op_result
answer_existing(struct op_call *c, const struct record *made,
    const struct record *old)
{
	if (!op_may(c, made->key.org))
		return op_refuse(c, ERROR_EXISTS,
		    "this token belongs to another key");
	if (strcmp(made->key.rotated_from, old->key.id) != 0 ||
	    made->key.revoked != 0)
		return op_refuse(c, ERROR_EXISTS,
		    "this token belongs to another key, %s", made->key.id);
	(void)witness_key(c, &made->key, false); /* there is room for two */
	return answer(c, true, made, old);
}

static enum op_result
check_live(struct op_call *c, const struct key_info *old)
{
	if (old->revoked != 0)
		return op_refuse(c, ERROR_INVALID,
		    "%s is revoked and cannot be rotated; create a new key",
		    old->id);
	if (!key_is_live(old, c->now))
		return op_refuse(c, ERROR_INVALID,
		    "%s has expired and cannot be rotated; create a new key",
		    old->id);
	return OP_DONE;
}

/* A successor whose token got lost may be revoked, and another be made. */
static enum op_result
check_successor(struct op_call *c, const struct key_info *old)
{
	struct record next;
	enum store_status rc;

	if (old->rotated_to[0] == '\0')
		return OP_DONE;
	rc = keys_find_id(c->txn, old->rotated_to, &next);
	if (rc == STORE_OK && key_is_live(&next.key, c->now))
		return op_refuse(c, ERROR_EXISTS,
		    "%s was rotated already; rotate its successor %s, or "
		    "revoke that first",
		    old->id, next.key.id);
	return rc == STORE_OK || rc == STORE_NONE ? OP_DONE : op_failed(c, rc);
}

/* After a dead successor the name may have gone to someone else. */
static enum op_result
check_name(struct op_call *c, const struct record *old)
{
	struct record holder;
	enum store_status rc =
	    keys_find_name(c->txn, old->key.org, old->key.name, &holder);

	if (rc == STORE_OK && holder.serial != old->serial &&
	    key_is_live(&holder.key, c->now))
		return op_refuse(c, ERROR_EXISTS,
		    "the name is taken by the live key %s", holder.key.id);
	return rc == STORE_OK || rc == STORE_NONE ? OP_DONE : op_failed(c, rc);
}

/* The permissions are those that the old key has, whatever its owner's role
   may by now. */
static void
draft(const struct op_call *c, const struct record *old, struct record *made)
{
	made->key = old->key;
	made->key.created = c->now;
	made->key.creator_uid = c->peer->uid;
	strlcpy(made->key.rotated_from, old->key.id,
	    sizeof(made->key.rotated_from));
	made->key.rotated_to[0] = '\0';
}

static void
retire(const struct op_call *c, struct key_info *old, const char *successor)
{
	const struct request_rotate *q = &c->req->rotate;
	int64_t end = c->now + q->grace;

	strlcpy(old->rotated_to, successor, sizeof(old->rotated_to));
	if (q->has_grace && (old->expires == 0 || end < old->expires))
		old->expires = end;
}

static enum op_result
rotate(struct op_call *c, struct record *old, struct record *made)
{
	enum op_result result;
	enum store_status rc;

	if ((result = check_live(c, &old->key)) != OP_DONE ||
	    (result = check_successor(c, &old->key)) != OP_DONE ||
	    (result = check_name(c, old)) != OP_DONE)
		return result;
	draft(c, old, made);
	if ((rc = keys_insert(c->txn, made)) == STORE_OK) {
		retire(c, &old->key, made->key.id);
		rc = keys_update(c->txn, old);
	}
	if (rc == STORE_OK)
		rc = witness_key(c, &made->key, true); /* the old one is */
	return rc == STORE_OK ? answer(c, false, made, old) : op_failed(c, rc);
}

/* Makes a key that takes the place of another. */
enum op_result
op_rotate(struct op_call *c)
{
	struct record old = { .serial = 0 }, taken, made = { .serial = 0 };
	enum op_result result = find_old(c, &old);
	enum store_status rc;

	if (result != OP_DONE)
		return result;
	secret_hash(store_secret(c->txn), c->req->rotate.digest, made.hash);
	rc = keys_find(c->txn, made.hash, &taken);
	if (rc == STORE_OK)
		return answer_existing(c, &taken, &old);
	return rc == STORE_NONE ? rotate(c, &old, &made) : op_failed(c, rc);
}
