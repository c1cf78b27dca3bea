/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "incoming.h"
#include "op.h"
#include "survey.h"
#include "witness.h"

#define LOOK_AT 64 /* chunks of one request */

/* A key's record in a chunk takes 120 bytes at the least. */
#define IDS_OF_CHUNK (ARCHIVE_CHUNK_MAX / 120)
#define IDS_MAX 800 /* of one answer */

struct check {
	struct op_call *call;
	struct reply_restore *rep;
	uint8_t ids[IDS_MAX * KEY_ID_LEN];
	struct wire_writer w;
};

static bool
comes_back(void *arg, const struct record *rec)
{
	struct check *k = arg;

	wire_put_bytes(&k->w, rec->key.id, KEY_ID_LEN);
	k->rep->back++;
	return wire_fits(&k->w);
}

static bool
has_room(const struct check *k)
{
	return k->rep->back + IDS_OF_CHUNK <= IDS_MAX;
}

static enum store_status
look(struct check *k)
{
	struct op_call *c = k->call;
	struct reply_restore *rep = k->rep;
	char table[ARCHIVE_TABLE_SIZE];
	enum store_status rc = STORE_OK;
	struct wire_reader rows;

	for (unsigned i = 0; rc == STORE_OK && i < LOOK_AT && has_room(k);
	     i++) {
		if (!incoming_rows(c->incoming, &rep->at, table, &rows))
			return rep->at == 0 ? STORE_OK : STORE_FAILED;
		if (strcmp(table, store_table_name(TABLE_KEYS)) == 0)
			rc = survey_keys(c->txn, &rows, c->now, &rep->known,
			    comes_back, k);
	}
	return rc;
}

/* Once for the whole: what does the log say? */
static enum store_status
begin(struct op_call *c, struct reply_restore *rep)
{
	const struct archive_head *head = incoming_head(c->incoming);
	struct survey s = { .empty = false };
	enum store_status rc = STORE_OK;

	rep->made = head->made;
	rep->keys = head->keys;
	rep->at = c->req->restore.at;
	if (rep->at == 0)
		rc = survey_begin(&s, c->txn, head);
	rep->present = s.present;
	rep->changes = s.changes;
	rep->needs_force = rep->at == 0 && survey_needs_force(&s);
	return rc;
}

/* What would come of a part of the backup, if all of it were restored now. */
enum op_result
op_restore_check(struct op_call *c)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_RESTORE_CHECK };
	struct check k = { .call = c, .rep = &rep.restore };
	enum store_status rc;

	if (!incoming_is_of(c->incoming, c->client) ||
	    !incoming_is_whole(c->incoming))
		return op_refuse(c, ERROR_NOT_FOUND,
		    "the restore is not under way");
	k.w = wire_writer(k.ids, sizeof(k.ids));
	rc = begin(c, &rep.restore);
	if (rc == STORE_OK)
		rc = look(&k);
	if (rc == STORE_DAMAGED)
		return op_refuse(c, ERROR_STORE,
		    "the present database is damaged; stop keyd, move data.mdb "
		    "away, start keyd and restore into the new one");
	if (rc != STORE_OK)
		return op_failed(c, rc);
	rep.restore.ids = (struct span){ k.ids, wire_length(&k.w) };
	witness_nothing(c);
	return op_answer(c, &rep);
}
