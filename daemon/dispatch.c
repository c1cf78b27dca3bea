/* SPDX-License-Identifier: ISC */
#include <sodium.h>

#include "dispatch.h"
#include "fault.h"
#include "notes.h"
#include "witness.h"

enum who {
	ANYONE, /* who may connect to the socket */
	METER,  /* whom keyd.conf tells the counts */
	ISSUER, /* who may issue keys of some organization; see op_may */
	ADMIN   /* root, keyd's own user, the admin group, who is granted it */
};

enum effect { READS, CHANGES, CHANGES_UNLESS_DRY };

struct op {
	uint8_t type;
	enum socket_kind sockets;
	enum who who;
	enum effect effect;
	op_run *run;
};

#define BOTH (SOCKET_VERIFY | SOCKET_ADMIN)

static const struct op ops[] = {
	{ FRAME_VERIFY, SOCKET_VERIFY, ANYONE, READS, op_verify },
	{ FRAME_REPORT, SOCKET_VERIFY, ANYONE, READS, op_report },
	{ FRAME_HELLO, BOTH, ANYONE, READS, op_hello },
	{ FRAME_COUNTS, SOCKET_VERIFY, METER, READS, op_counts },
	{ FRAME_STATUS, SOCKET_ADMIN, ADMIN, READS, op_status },
	{ FRAME_ORG_ADD, SOCKET_ADMIN, ADMIN, CHANGES, op_org_add },
	{ FRAME_ORG_SET, SOCKET_ADMIN, ADMIN, CHANGES, op_org_set },
	{ FRAME_ORG_LIST, SOCKET_ADMIN, ADMIN, READS, op_org_list },
	{ FRAME_MEMBER_ADD, SOCKET_ADMIN, ADMIN, CHANGES, op_member_add },
	{ FRAME_MEMBER_SET, SOCKET_ADMIN, ADMIN, CHANGES, op_member_set },
	{ FRAME_MEMBER_REMOVE, SOCKET_ADMIN, ADMIN, CHANGES, op_member_remove },
	{ FRAME_MEMBER_LIST, SOCKET_ADMIN, ISSUER, READS, op_member_list },
	{ FRAME_CREATE, SOCKET_ADMIN, ISSUER, CHANGES_UNLESS_DRY, op_create },
	{ FRAME_REVOKE, SOCKET_ADMIN, ISSUER, CHANGES_UNLESS_DRY, op_revoke },
	{ FRAME_REVOKE_ALL, SOCKET_ADMIN, ISSUER, CHANGES, op_revoke_all },
	{ FRAME_ROTATE, SOCKET_ADMIN, ISSUER, CHANGES, op_rotate },
	{ FRAME_LIST, SOCKET_ADMIN, ISSUER, READS, op_list },
	{ FRAME_SHOW, SOCKET_ADMIN, ISSUER, READS, op_show },
	{ FRAME_EXPLAIN, SOCKET_ADMIN, ADMIN, READS, op_explain },
	{ FRAME_AUDIT, SOCKET_ADMIN, ADMIN, READS, op_audit },
	{ FRAME_AUDIT_CHECK, SOCKET_ADMIN, ADMIN, READS, op_audit_check },
	{ FRAME_AUDIT_PRUNE, SOCKET_ADMIN, ADMIN, CHANGES, op_audit_prune },
	{ FRAME_IMPORT_BEGIN, SOCKET_ADMIN, ADMIN, CHANGES, op_import_begin },
	{ FRAME_IMPORT_ROWS, SOCKET_ADMIN, ADMIN, CHANGES, op_import_rows },
	{ FRAME_IMPORT_COMMIT, SOCKET_ADMIN, ADMIN, CHANGES, op_import_commit },
	{ FRAME_IMPORT_ABORT, SOCKET_ADMIN, ADMIN, CHANGES, op_import_abort },
	{ FRAME_BACKUP_BEGIN, SOCKET_ADMIN, ADMIN, READS, op_backup_begin },
	{ FRAME_BACKUP_READ, SOCKET_ADMIN, ADMIN, READS, op_backup_read },
	{ FRAME_BACKUP_DONE, SOCKET_ADMIN, ADMIN, CHANGES, op_backup_done },
	{ FRAME_RESTORE_BEGIN, SOCKET_ADMIN, ADMIN, CHANGES, op_restore_begin },
	{ FRAME_RESTORE_CHUNK, SOCKET_ADMIN, ADMIN, CHANGES, op_restore_chunk },
	{ FRAME_RESTORE_CHECK, SOCKET_ADMIN, ADMIN, CHANGES, op_restore_check },
	{ FRAME_RESTORE_COMMIT, SOCKET_ADMIN, ADMIN, CHANGES,
	    op_restore_commit },
	{ FRAME_RESTORE_ABORT, SOCKET_ADMIN, ADMIN, CHANGES, op_restore_abort },
};

static const struct op *
find_op(uint8_t type, enum socket_kind socket)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (ops[i].type == type)
			return (ops[i].sockets & socket) != 0 ? &ops[i] : NULL;
	return NULL;
}

static bool
is_allowed(const struct op *op, const struct op_call *c)
{
	const struct peer *peer = c->peer;

	switch (op->who) {
	case ANYONE:
		return true;
	case METER:
		return grants_meter(policy_grants(c->policy), peer->uid) ||
		    peer_may_admin(peer);
	case ISSUER:
		return peer_may_issue(peer);
	default:
		return peer_may_admin(peer);
	}
}

static bool
is_dry(const struct request *req)
{
	switch (req->type) {
	case FRAME_CREATE:
		return req->create.dry_run;
	case FRAME_REVOKE:
		return req->revoke.dry_run;
	default:
		return false;
	}
}

static bool
is_change(const struct op *op, const struct request *req)
{
	return op->effect == CHANGES ||
	    (op->effect == CHANGES_UNLESS_DRY && !is_dry(req));
}

static struct change *
refuse(struct op_call *c, enum error_code code)
{
	if (code != ERROR_BUSY && code != ERROR_DENIED)
		c->health->bad_frames++;
	fault_put(c->out, c->id, code, NULL);
	return NULL;
}

/* What was asked for cannot be read yet, or is not to be.  It is about keys, so
   the audit log has it. */
static struct change *
refuse_stranger(struct op_call *c, uint8_t type)
{
	const struct request req = { .type = type };
	struct event event;

	c->hang_up = !peer_may_issue(c->peer);
	witness_begin(&event, &req, c->peer, c->now);
	witness_refusal(&event, ERROR_DENIED, "");
	notes_denied(c->notes, &event);
	return refuse(c, ERROR_DENIED);
}

/* A refusal is not worth an entry, but when it was for want of rights. */
static void
read_witnessed(struct op_call *c, const struct op *op)
{
	struct event event;

	if (op->who == ANYONE || op->who == METER) {
		(void)op->run(c);
		return;
	}
	witness_begin(&event, c->req, c->peer, c->now);
	c->event = &event;
	if (op->run(c) == OP_REFUSED && event.outcome == ERROR_DENIED)
		notes_denied(c->notes, &event);
	c->event = NULL;
}

/* Answers it, or makes it a change. */
static struct change *
carry_out(struct op_call *c, const struct op *op, const struct request *req,
    struct policy *policy)
{
	struct change *ch;

	c->req = req;
	if (!is_change(op, req)) {
		read_witnessed(c, op);
		return NULL;
	}
	ch = change_new(req, c->id, op->run, c->peer, policy, c->now);
	if (ch == NULL)
		return refuse(c, ERROR_BUSY);
	ch->client = c->session->number;
	ch->incoming = c->incoming;
	if (req->type == FRAME_RESTORE_BEGIN)
		c->session->restoring = true;
	return ch;
}

/* Digests are not left behind on the stack. */
struct change *
dispatch(struct op_call *c, enum socket_kind socket, const struct frame *f,
    struct policy *policy)
{
	bool hello = f->type == FRAME_HELLO;
	const struct op *op;
	struct request req;
	struct change *ch;

	c->id = f->id;
	if (hello == c->session->greeted)
		return refuse(c, ERROR_HELLO);
	if (!hello && f->major != PROTOCOL_MAJOR)
		return refuse(c, ERROR_VERSION);
	if ((op = find_op(f->type, socket)) == NULL)
		return refuse(c, ERROR_TYPE);
	if (!is_allowed(op, c))
		return op->who == METER ? refuse(c, ERROR_DENIED)
					: refuse_stranger(c, f->type);
	if (request_decode(&req, f))
		ch = carry_out(c, op, &req, policy);
	else
		ch = refuse(c, ERROR_MALFORMED);
	sodium_memzero(&req, sizeof(req));
	return ch;
}
