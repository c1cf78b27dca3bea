/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "fault.h"
#include "keys.h"
#include "staging.h"
#include "witness.h"

#define ROWS_MAX 1024 /* of one request */

/* The rows of a request, as the keys that they will be. */
struct rows {
	struct op_call *call;
	struct record *records;
	unsigned count;
	char why[MESSAGE_SIZE]; /* the last one is refused; "": none is */
};

static enum op_result
refuse_row(struct rows *rows, const char *why)
{
	strlcpy(rows->why, why, sizeof(rows->why));
	return OP_REFUSED;
}

static void
ask_of(const struct import_row *row, struct request *req)
{
	struct request_create *q = &req->create;

	req->type = FRAME_CREATE;
	strlcpy(q->org, row->org, sizeof(q->org));
	strlcpy(q->user, row->user, sizeof(q->user));
	strlcpy(q->name, row->name, sizeof(q->name));
	strlcpy(q->role, row->role, sizeof(q->role));
	strlcpy(q->context, row->context, sizeof(q->context));
	strlcpy(q->project, row->project, sizeof(q->project));
	q->expires = row->expires;
}

/* The same rules as for a key that is made here, and its sentences. */
static enum op_result
draft(struct rows *rows, const struct import_row *row, struct key_info *k)
{
	struct request req = { .type = 0 };
	struct event event = { .what = 0 };
	uint8_t unused[FAULT_MAX];
	struct wire_writer out = wire_writer(unused, sizeof(unused));
	struct op_call call = *rows->call;
	enum op_result result;

	ask_of(row, &req);
	call.req = &req;
	call.event = &event;
	call.out = &out;
	if ((result = draft_check(&call)) == OP_DONE)
		result = draft_key(&call, k);
	return result == OP_REFUSED ? refuse_row(rows, event.detail) : result;
}

static enum op_result
check_unknown(struct rows *rows, const struct record *rec)
{
	enum store_status rc = keys_has_hash(rows->call->txn, rec->hash);

	if (rc == STORE_OK)
		return refuse_row(rows,
		    "there is a key with this hash, or a row before has it");
	return rc == STORE_NONE ? OP_DONE : OP_FAILED;
}

/* Against those before it in the request. */
static enum op_result
check_others(struct rows *rows, const struct record *rec)
{
	for (const struct record *r = rows->records; r < rec; r++) {
		if (memcmp(r->hash, rec->hash, sizeof(r->hash)) == 0)
			return refuse_row(rows, "another row has this hash");
		if (strcmp(r->key.name, rec->key.name) == 0 &&
		    strcmp(r->key.org, rec->key.org) == 0)
			return refuse_row(rows, "another row has this name");
	}
	return OP_DONE;
}

static enum op_result
take_row(struct rows *rows, const struct import_row *row, uint64_t import)
{
	const struct op_call *c = rows->call;
	struct record *rec = &rows->records[rows->count++];
	enum op_result result;

	secret_hash(store_secret(c->txn), row->digest, rec->hash);
	rec->import = import;
	if (row->created > c->now)
		return refuse_row(rows, "its creation lies in the future");
	if ((result = draft(rows, row, &rec->key)) != OP_DONE ||
	    (result = check_unknown(rows, rec)) != OP_DONE ||
	    (result = check_others(rows, rec)) != OP_DONE)
		return result;
	if (row->created != 0)
		rec->key.created = row->created;
	return OP_DONE;
}

static enum op_result
take_all(struct rows *rows, uint64_t import)
{
	const struct request_import *q = &rows->call->req->import;
	struct wire_reader r = wire_reader(q->rows.ptr, q->rows.len);
	enum op_result result = OP_DONE;
	struct import_row row;

	for (unsigned i = 0; result == OP_DONE && i < q->count; i++) {
		import_row_get(&r, &row);
		if (r.bad)
			return op_refuse(rows->call, ERROR_MALFORMED,
			    "row %u is not one", i + 1);
		result = take_row(rows, &row, import);
	}
	if (result == OP_DONE && !wire_done(&r))
		return op_refuse(rows->call, ERROR_MALFORMED,
		    "there is more than rows");
	return result;
}

static enum store_status
insert_all(struct rows *rows, struct staging *s)
{
	const struct op_call *c = rows->call;
	enum store_status rc = STORE_OK;

	for (unsigned i = 0; rc == STORE_OK && i < rows->count; i++)
		rc = keys_insert(c->txn, &rows->records[i]);
	s->count += rows->count;
	s->active = c->now;
	return rc == STORE_OK ? staging_put(c->txn, s) : rc;
}

static bool
same_org(const struct record *a, const struct record *b)
{
	return strcmp(a->key.org, b->key.org) == 0;
}

static bool
is_first_of_org(const struct rows *rows, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (same_org(&rows->records[i], &rows->records[n]))
			return false;
	return true;
}

/* Org by org, since an entry of the log is about one of them. */
static enum store_status
witness_keys(const struct rows *rows)
{
	const struct record *r = rows->records;
	enum store_status rc = STORE_OK;

	for (unsigned i = 0; i < rows->count; i++) {
		if (!is_first_of_org(rows, i))
			continue;
		for (unsigned j = i; rc == STORE_OK && j < rows->count; j++)
			if (same_org(&r[i], &r[j]))
				rc = witness_key(rows->call, &r[j].key, true);
	}
	return rc;
}

/* The keys, or what is wrong with the first that is refused. */
static enum store_status
witness(const struct rows *rows, const struct staging *s)
{
	const struct op_call *c = rows->call;

	if (rows->why[0] != '\0') {
		witness_refusal(c->event, ERROR_INVALID, rows->why);
		return STORE_OK;
	}
	if (rows->count == 0)
		witness_nothing(c);
	witness_detail(c, "import %" PRIu64, s->id);
	return witness_keys(rows);
}

static enum op_result
answer(struct rows *rows, const struct staging *s)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_IMPORT_ROWS,
		.import = { .id = s->id, .done = s->count } };

	if (rows->why[0] != '\0') {
		rep.import.fault = (uint16_t)rows->count;
		rep.import.row = s->count + rows->count;
	}
	strlcpy(rep.import.why, rows->why, sizeof(rep.import.why));
	return op_answer(rows->call, &rep);
}

/* All rows of the request, or none from the first that is refused on. */
static enum op_result
add(struct rows *rows, struct staging *s)
{
	enum op_result result = take_all(rows, s->id);
	enum store_status rc;

	if (result == OP_FAILED)
		return op_failed(rows->call, STORE_FAILED);
	if (result == OP_REFUSED && rows->why[0] == '\0')
		return result;
	if (result == OP_DONE && (rc = insert_all(rows, s)) != STORE_OK)
		return op_failed(rows->call, rc);
	if ((rc = witness(rows, s)) != STORE_OK)
		return op_failed(rows->call, rc);
	return answer(rows, s);
}

/* Adds keys to an import; nobody sees them until it is done. */
enum op_result
op_import_rows(struct op_call *c)
{
	const struct request_import *q = &c->req->import;
	struct rows rows = { .call = c };
	enum op_result result;
	struct staging s;
	enum store_status rc = staging_get(c->txn, &s);

	if (rc != STORE_OK)
		return op_failed(c, rc);
	if (!s.pending || s.id != q->id)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "that import is not under way");
	if (q->count > ROWS_MAX)
		return op_refuse(c, ERROR_INVALID, "at most %d rows at once",
		    ROWS_MAX);
	rows.records = calloc(q->count + 1U, sizeof(*rows.records));
	if (rows.records == NULL)
		return op_failed(c, STORE_FAILED);
	result = add(&rows, &s);
	free(rows.records);
	return result;
}
