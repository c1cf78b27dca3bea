/* SPDX-License-Identifier: ISC */
/*
 * op.h - what an operation gets, and what it gives.
 *
 * An operation looks at its request, reads or writes through the transaction,
 * and puts exactly one frame.  It knows nothing of connections, and checks
 * everything before it writes anything: one that refuses has changed nothing.
 */
#ifndef KEYD_OP_H
#define KEYD_OP_H

#include "desk.h"
#include "health.h"
#include "peer.h"
#include "policy.h"
#include "record.h"
#include "reply.h"
#include "request.h"
#include "store.h"

struct incoming;
struct leases;
struct limiter;
struct notes;
struct snapshot;
struct uses;

/* What a connection has agreed on. */
struct session {
	bool greeted;
	bool restoring;  /* it has begun a restore */
	uint64_t number; /* of the connection; no two have the same */
};

enum op_result {
	OP_DONE,
	OP_REFUSED, /* an error was put; nothing was written */
	OP_FAILED   /* the store failed: abort the transaction */
};

struct op_call {
	const struct request *req;
	uint32_t id;             /* of the request */
	const struct peer *peer; /* who asks */
	const struct policy *policy;
	int64_t now;    /* Unix time in s, the same for the whole operation */
	int64_t now_ms; /* of clock_mono_ms; 0 for a change */
	int64_t now_ns; /* of clock_boot_ns, for limits; 0 for a change */
	struct health *health;     /* NULL for a change */
	struct session *session;   /* NULL for a change */
	struct desk *desk;         /* NULL for a change */
	struct limiter *limiter;   /* NULL for a change */
	struct leases *leases;     /* NULL for a change */
	struct uses *uses;         /* NULL for a change */
	struct notes *notes;       /* NULL for a change */
	struct snapshot *snapshot; /* that a backup reads; NULL for a change */
	struct incoming *incoming; /* that a restore fills; of a change alone */
	uint64_t client;           /* number of its connection; the same */
	struct span noted;       /* of a change of keyd's own: what to write */
	struct event *event;     /* what the audit log may say; see witness.h */
	struct store_txn *txn;   /* writable for a change */
	struct wire_writer *out; /* with room for FRAME_MAX bytes */
	bool unknown;            /* set when a verify met an unknown token */
	bool hang_up;            /* set when no more is to be heard of a peer */
	bool page;               /* set when the bulletin is to go with it */
};

typedef enum op_result op_run(struct op_call *c);

op_run op_hello, op_verify, op_report, op_status, op_counts;
op_run op_org_add, op_org_set, op_org_list;
op_run op_member_add, op_member_set, op_member_remove, op_member_list;
op_run op_create, op_revoke, op_revoke_all, op_rotate, op_list, op_show;
op_run op_explain;
op_run op_uses, op_note;
op_run op_audit, op_audit_check, op_audit_prune;
op_run op_import_begin, op_import_rows, op_import_commit, op_import_abort;
op_run op_backup_begin, op_backup_read, op_backup_done;
op_run op_restore_begin, op_restore_chunk, op_restore_check, op_restore_commit;
op_run op_restore_abort, op_restore_gone;

/* Puts an answer. */
enum op_result op_answer(struct op_call *c, const struct reply *rep);

/* Puts an error with a sentence. */
enum op_result op_refuse(struct op_call *c, enum error_code code,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* May the peer issue keys of this organization?  Who may administrate may, of
   any.  Ask of each organization that a request is about, or whose key. */
bool op_may(const struct op_call *c, const char *org);

/* OP_DONE if it may, else puts ERROR_DENIED: "this process may not WHAT of
   ORG", the same whether or not there is such an organization. */
enum op_result op_check_org(struct op_call *c, const char *org,
    const char *what);

/* OP_DONE and the key with this id, if the peer may manage it; one that it may
   not is answered as if there were none. */
enum op_result op_find_key(struct op_call *c, const char *id,
    struct record *rec);

/* Puts the error for a failure of the store. */
enum op_result op_failed(struct op_call *c, enum store_status rc);

#endif /* KEYD_OP_H */
