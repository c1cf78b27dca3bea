/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "audit.h"
#include "chain.h"
#include "frame.h"
#include "index.h"
#include "keys.h"
#include "survey.h"

static bool
is_change(const struct event *e)
{
	switch (e->what) {
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
	case FRAME_CREATE:
	case FRAME_REVOKE:
	case FRAME_REVOKE_ALL:
	case FRAME_ROTATE:
	case FRAME_IMPORT_COMMIT:
	case FRAME_RESTORE_COMMIT:
		return e->outcome == 0;
	default:
		return false;
	}
}

static bool
count(void *arg, const struct event *e)
{
	uint64_t *changes = arg;

	*changes += is_change(e);
	return true;
}

/* Is this the log that the backup was made of, if only grown since? */
static enum store_status
find_entry(struct store_txn *t, const struct archive_head *head, bool *found)
{
	uint8_t key[8];
	struct span value;
	struct link base;
	struct event e;
	enum store_status rc = chain_get(t, CHAIN_BASE, &base);

	*found = rc == STORE_OK && base.seq == head->audit_seq &&
	    memcmp(base.hash, head->audit_hash, sizeof(base.hash)) == 0;
	if (rc != STORE_OK || *found)
		return rc;
	chain_key(key, head->audit_seq);
	rc = store_get(t, TABLE_AUDIT, (struct span){ key, sizeof(key) },
	    &value);
	if (rc != STORE_OK)
		return rc == STORE_NONE ? STORE_OK : rc;
	if (!chain_read((struct span){ key, sizeof(key) }, value, &e))
		return STORE_DAMAGED;
	*found = memcmp(e.hash, head->audit_hash, sizeof(e.hash)) == 0;
	return STORE_OK;
}

enum store_status
survey_begin(struct survey *s, struct store_txn *t,
    const struct archive_head *head)
{
	struct store_size size;
	uint64_t at;
	enum store_status rc = store_measure(t, &size);

	*s = (struct survey){ .empty = false };
	if (rc == STORE_OK)
		rc = find_entry(t, head, &s->follows);
	if (rc != STORE_OK)
		return rc;
	s->present = size.entries[TABLE_KEYS];
	s->empty = s->present == 0 && size.entries[TABLE_ORGS] == 0 &&
	    size.entries[TABLE_MEMBERS] == 0;
	return audit_walk(t, s->follows ? head->audit_seq : 0, count,
	    &s->changes, &at);
}

bool
survey_needs_force(const struct survey *s)
{
	return !s->empty && (!s->follows || s->changes > 0);
}

/* *back: it comes back; then present is what there is of it. */
static enum store_status
look_at(struct store_txn *t, const struct record *then, int64_t now,
    uint64_t *known, struct record *present, bool *back)
{
	enum store_status rc = keys_find_id(t, then->key.id, present);

	*back = rc == STORE_OK && key_is_live(&then->key, now) &&
	    !key_is_live(&present->key, now);
	*known += rc == STORE_OK;
	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
survey_keys(struct store_txn *t, struct wire_reader *rows, int64_t now,
    uint64_t *known, survey_each *each, void *arg)
{
	struct record then, present;
	struct span key, value;
	enum store_status rc;
	bool back;

	while (archive_row_get(rows, &key, &value)) {
		if (key.len != SERIAL_SIZE || !record_decode(&then, value))
			return STORE_DAMAGED;
		rc = look_at(t, &then, now, known, &present, &back);
		if (rc != STORE_OK)
			return rc;
		if (back && !each(arg, &present))
			return STORE_FAILED;
	}
	return wire_done(rows) ? STORE_OK : STORE_DAMAGED;
}
