/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "change.h"
#include "fault.h"
#include "log.h"
#include "witness.h"

/* Answers but those with many ids hold one org, member or key. */
#define ANSWER_MAX 4096

static struct span *
span_of(struct request *req)
{
	switch (req->type) {
	case FRAME_REVOKE:
		return &req->revoke.ids;
	case FRAME_IMPORT_ROWS:
		return &req->import.rows;
	case FRAME_BACKUP_DONE:
		return &req->backup.tail;
	case FRAME_RESTORE_BEGIN:
	case FRAME_RESTORE_CHUNK:
	case FRAME_RESTORE_COMMIT:
		return &req->restore.bytes;
	default:
		return NULL;
	}
}

/* What lies in the connection's buffer is taken along. */
static bool
take_bytes(struct change *ch)
{
	struct span *s = span_of(&ch->req);

	if (s == NULL || s->len == 0)
		return true;
	ch->bytes = malloc(s->len);
	if (ch->bytes == NULL)
		return false;
	memcpy(ch->bytes, s->ptr, s->len);
	s->ptr = ch->bytes;
	return true;
}

static size_t
answer_max(uint8_t type)
{
	return type == FRAME_REVOKE || type == FRAME_RESTORE_CHECK ? FRAME_MAX
								   : ANSWER_MAX;
}

struct change *
change_new(const struct request *req, uint32_t id, op_run *run,
    const struct peer *peer, struct policy *policy, int64_t now)
{
	struct change *ch = calloc(1, sizeof(*ch));

	if (ch == NULL)
		return NULL;
	ch->req = *req;
	ch->id = id;
	ch->run = run;
	ch->peer = *peer;
	ch->policy = policy_ref(policy);
	ch->now = now;
	ch->answer_cap = answer_max(req->type);
	ch->answer = malloc(ch->answer_cap);
	if (ch->answer != NULL && take_bytes(ch))
		return ch;
	change_free(ch);
	return NULL;
}

struct change *
change_of_keyd(op_run *run, struct span bytes, struct policy *policy,
    bool urgent)
{
	struct change *ch = calloc(1, sizeof(*ch));

	if (ch == NULL)
		return NULL;
	ch->run = run;
	ch->policy = policy_ref(policy);
	ch->urgent = urgent;
	ch->answer_cap = FAULT_MAX;
	ch->answer = malloc(ch->answer_cap);
	ch->bytes = malloc(bytes.len);
	ch->bytes_len = bytes.len;
	if (ch->answer == NULL || ch->bytes == NULL) {
		change_free(ch);
		return NULL;
	}
	memcpy(ch->bytes, bytes.ptr, bytes.len);
	return ch;
}

void
change_free(struct change *ch)
{
	if (ch == NULL)
		return;
	policy_unref(ch->policy);
	free(ch->bytes);
	free(ch->answer);
	sodium_memzero(ch, sizeof(*ch));
	free(ch);
}

bool
change_is_urgent(const struct change *ch)
{
	switch (ch->req.type) {
	case 0:
		return ch->urgent;
	case FRAME_REVOKE:
	case FRAME_REVOKE_ALL:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
	case FRAME_AUDIT_PRUNE:
	case FRAME_IMPORT_ABORT:
	case FRAME_RESTORE_ABORT:
		return true;
	default:
		return false;
	}
}

bool
change_reads_uses(const struct change *ch)
{
	return ch->req.type == FRAME_REVOKE_ALL &&
	    ch->req.revoke_all.unused_since != 0;
}

/* An entry for what is refused for want of room would need some. */
static enum op_result
refuse_full(struct op_call *call, const char *why)
{
	call->event = NULL;
	return op_refuse(call, ERROR_STORE, "%s", why);
}

/* The last room is for revocations. */
static enum op_result
run(struct change *ch, struct op_call *call, bool disk_full)
{
	if (change_is_urgent(ch))
		return ch->run(call);
	if (disk_full)
		return refuse_full(call,
		    "the disk is full; until there is room, keys can only be "
		    "revoked");
	if (store_is_full(call->txn))
		return refuse_full(call,
		    "the database has reached its map_size; raise it in "
		    "keyd.conf and start keyd again");
	return ch->run(call);
}

/* What the log says of it goes with it. */
static enum op_result
run_witnessed(struct change *ch, struct op_call *call, bool disk_full)
{
	struct event event;
	enum op_result result;
	enum store_status rc;
	bool nothing;

	witness_begin(&event, &ch->req, &ch->peer, ch->now);
	call->event = &event;
	result = run(ch, call, disk_full);
	ch->wrote = result == OP_DONE;
	nothing = call->event == NULL || event.what == 0;
	call->event = NULL;
	if (result == OP_FAILED || nothing)
		return result;
	rc = audit_append(call->txn, &event);
	if (rc == STORE_DAMAGED && change_is_urgent(ch)) {
		log_err("the audit log is damaged, and lacks a change; see "
			"'keydctl audit check'");
		return result;
	}
	if (rc != STORE_OK) {
		call->out->at = call->out->start;
		return op_failed(call, rc);
	}
	ch->wrote = true;
	return result;
}

/* keyd's own changes are none of the log's. */
static enum op_result
run_any(struct change *ch, struct op_call *call, bool disk_full)
{
	enum op_result result;

	if (ch->req.type != 0)
		return run_witnessed(ch, call, disk_full);
	result = run(ch, call, disk_full);
	ch->wrote = result == OP_DONE;
	return result;
}

enum op_result
change_apply(struct change *ch, struct store_txn *t, bool disk_full)
{
	struct wire_writer out = wire_writer(ch->answer, ch->answer_cap);
	struct op_call call = {
		.req = &ch->req,
		.id = ch->id,
		.peer = &ch->peer,
		.policy = ch->policy,
		.now = ch->now,
		.incoming = ch->incoming,
		.client = ch->client,
		.noted = { ch->bytes, ch->bytes_len },
		.txn = t,
		.out = &out,
	};
	enum op_result result = run_any(ch, &call, disk_full);

	ch->done = result == OP_DONE;
	ch->answer_len = wire_length(&out);
	if (wire_fits(&out))
		return result;
	change_fail(ch, ERROR_STORE);
	return OP_FAILED;
}

void
change_fail(struct change *ch, enum error_code code)
{
	struct wire_writer out = wire_writer(ch->answer, ch->answer_cap);

	ch->done = false;
	ch->wrote = false;
	fault_put(&out, ch->id, code, NULL);
	ch->answer_len = wire_length(&out);
}
