/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "last_backup.h"
#include "last_restore.h"
#include "restore.h"
#include "schema.h"
#include "survey.h"
#include "witness.h"

/* What the rows of a file become, with their MACs and the tree over them: less
   than this many times its bytes. */
#define ROOM 2

/* The keys that come back, for the log. */
struct returns {
	char (*ids)[KEY_ID_SIZE];
	size_t count;
	size_t cap;
};

static bool
note_return(void *arg, const struct record *rec)
{
	struct returns *all = arg;

	if (all->count == all->cap) {
		size_t cap = 2 * all->cap + 64;
		void *more = realloc(all->ids, cap * sizeof(*all->ids));

		if (more == NULL)
			return false;
		all->ids = more;
		all->cap = cap;
	}
	memcpy(all->ids[all->count++], rec->key.id, KEY_ID_SIZE);
	return true;
}

static enum op_result
answer(struct op_call *c, const struct last_restore *last)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_RESTORE_COMMIT,
		.restore = { .made = last->made,
		    .keys = last->keys,
		    .present = last->present,
		    .known = last->known,
		    .back = last->back } };

	return op_answer(c, &rep);
}

/* Asked again after a lost answer, also on another connection. */
static enum op_result
answer_again(struct op_call *c)
{
	const struct span mark = c->req->restore.bytes;
	struct last_restore last;
	enum store_status rc = last_restore_get(c->txn, &last);

	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (last.made == 0 ||
	    memcmp(mark.ptr, last.mark, sizeof(last.mark)) != 0)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "the restore is not under way");
	witness_nothing(c);
	return answer(c, &last);
}

static enum op_result
fail(struct op_call *c, enum store_status rc)
{
	if (rc != STORE_DAMAGED)
		return op_failed(c, rc);
	return op_refuse(c, ERROR_STORE,
	    "the present database is damaged; stop keyd, move data.mdb away, "
	    "start keyd and restore into the new one");
}

static enum store_status
count_keys(struct op_call *c, struct last_restore *r, struct returns *returns)
{
	char table[ARCHIVE_TABLE_SIZE];
	enum store_status rc = STORE_OK;
	struct wire_reader rows;
	uint64_t at = 0;

	while (rc == STORE_OK && incoming_rows(c->incoming, &at, table, &rows))
		if (strcmp(table, store_table_name(TABLE_KEYS)) == 0)
			rc = survey_keys(c->txn, &rows, c->now, &r->known,
			    note_return, returns);
	r->back = returns->count;
	return rc == STORE_OK && at != 0 ? STORE_FAILED : rc;
}

/* Nothing that was acknowledged is lost, nor a revoked key live again, unless
   someone who was told so wants it. */
static enum op_result
check_loss(struct op_call *c, const struct survey *s,
    const struct last_restore *r)
{
	uint64_t lost = r->present > r->known ? r->present - r->known : 0;

	if (c->req->restore.force)
		return OP_DONE;
	if (!survey_needs_force(s) && r->back == 0 && lost == 0)
		return OP_DONE;
	return op_refuse(c, ERROR_EXISTS,
	    "%" PRIu64 " keys that are revoked or expired would be live again, "
	    "%" PRIu64 " keys lost, and %" PRIu64 " changes undone",
	    r->back, lost, s->changes);
}

/* Before anything is written, since a database that grew over its limit could
   not be changed any more. */
static enum op_result
check_room(struct op_call *c)
{
	struct store_size size;
	enum store_status rc = store_measure(c->txn, &size);
	uint64_t need = size.used + ROOM * incoming_size(c->incoming);

	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (need <= size.limit)
		return OP_DONE;
	return op_refuse(c, ERROR_STORE,
	    "the database may have no room for it: set map_size in keyd.conf "
	    "to %" PRIu64 " or more, and start keyd again",
	    (need >> 20) + 1);
}

/* The state is the file's from here on, and so is the last backup. */
static enum store_status
remember(struct op_call *c, struct last_restore *r)
{
	const struct archive_head *head = incoming_head(c->incoming);
	struct last_backup b = { .made = head->made,
		.keys = head->keys,
		.size = incoming_size(c->incoming) };
	struct store_size size;
	enum store_status rc = store_measure(c->txn, &size);

	memcpy(b.hash, incoming_hash(c->incoming), sizeof(b.hash));
	memcpy(r->mark, c->req->restore.bytes.ptr, sizeof(r->mark));
	r->made = head->made;
	r->keys = size.entries[TABLE_KEYS];
	if (rc == STORE_OK)
		rc = last_restore_put(c->txn, r);
	return rc == STORE_OK ? last_backup_put(c->txn, &b) : rc;
}

/* The log names the keys that came back. */
static enum store_status
witness(struct op_call *c, const struct last_restore *r,
    const struct returns *returns)
{
	enum store_status rc = STORE_OK;
	struct record rec;

	witness_detail(c,
	    "as of entry %" PRIu64 "; keys live again: %" PRIu64
	    ", lost: %" PRIu64,
	    incoming_head(c->incoming)->audit_seq, r->back,
	    r->present > r->known ? r->present - r->known : 0);
	for (size_t i = 0; rc == STORE_OK && i < returns->count; i++) {
		rc = keys_find_id(c->txn, returns->ids[i], &rec);
		if (rc == STORE_OK)
			rc = witness_key(c, &rec.key, true);
	}
	witness_count(c, r->keys < UINT32_MAX ? (uint32_t)r->keys : UINT32_MAX);
	return rc;
}

static enum op_result
carry_out(struct op_call *c, const struct survey *s, struct last_restore *r,
    const struct returns *returns)
{
	bool with_log = s->empty && !s->follows;
	enum store_status rc =
	    restore_all(c->txn, c->incoming, with_log, &r->behind);

	if (rc == STORE_OK)
		rc = remember(c, r);
	if (rc == STORE_OK)
		rc = witness(c, r, returns);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	store_touch_all(c->txn, r->behind + incoming_head(c->incoming)->serial);
	return answer(c, r);
}

static enum op_result
commit(struct op_call *c, struct returns *returns)
{
	struct last_restore r = { .made = 0 };
	enum op_result result;
	struct survey s;
	enum store_status rc =
	    survey_begin(&s, c->txn, incoming_head(c->incoming));

	if (rc != STORE_OK)
		return fail(c, rc);
	r.present = s.present;
	if ((rc = count_keys(c, &r, returns)) != STORE_OK)
		return fail(c, rc);
	if ((result = check_loss(c, &s, &r)) != OP_DONE ||
	    (result = check_room(c)) != OP_DONE)
		return result;
	return carry_out(c, &s, &r, returns);
}

/* All that there is becomes what the backup tells, in this one transaction. */
enum op_result
op_restore_commit(struct op_call *c)
{
	const struct request_restore *q = &c->req->restore;
	struct returns returns = { .count = 0 };
	enum op_result result;

	if (q->bytes.len != RESTORE_MARK_SIZE)
		return op_refuse(c, ERROR_INVALID,
		    "a restore has a mark of %d bytes", RESTORE_MARK_SIZE);
	if (!incoming_is_of(c->incoming, c->client) ||
	    !incoming_is_whole(c->incoming))
		return answer_again(c);
	if (q->at != incoming_size(c->incoming))
		return op_refuse(c, ERROR_INVALID,
		    "the backup has another size");
	result = commit(c, &returns);
	free(returns.ids);
	return result;
}
