/* SPDX-License-Identifier: ISC */
/*
 * request.h - what a client may ask of keyd.
 *
 * A request is its list of fields, then optional fields that a later minor
 * version may add.  Spans of a decoded request lie in the frame that it came
 * from, and live as long.
 */
#ifndef KEYD_REQUEST_H
#define KEYD_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "lease.h"
#include "model.h"
#include "request_bulk.h"

#define BACKUP_TAIL_MAX 255 /* bytes; an end takes some 110 */
#define RESTORE_MARK_SIZE 16
#define REVOKE_IDS_MAX 512 /* of one request: with it 10 KiB, answer 14 KiB */

struct request_hello {
	uint8_t lowest; /* major versions that the client speaks */
	uint8_t highest;
	char software[SOFTWARE_SIZE]; /* for logs */
	bool page;                /* it would have the bulletin's descriptor */
	char prefix[PREFIX_SIZE]; /* of tokens it makes; "": to be told */
};

struct request_verify {
	uint8_t digest[DIGEST_SIZE];
	char permission[PERMISSION_SIZE]; /* "": any valid key */
	char org[ORG_SIZE];               /* "": any */
	struct lease_wish lease;          /* VERIFY */
	bool details;                     /* VERIFY: of a good key */
};

/* Also ORG_SET, where an absent part stays as it is. */
struct request_org {
	char slug[ORG_SIZE];
	char
	    plan[PLAN_SIZE]; /* "": the default for a new org, else unchanged */
	uint32_t rate;       /* both or none; none: the plan's, or unchanged */
	uint32_t burst;
};

/* MEMBER_ADD and MEMBER_SET; MEMBER_REMOVE has no role. */
struct request_member {
	char org[ORG_SIZE];
	char user[USER_SIZE];
	char role[ROLE_SIZE];
	bool revoke_keys; /* the member's live keys, in the same transaction */
};

struct request_create {
	bool dry_run; /* say what would be made, and make nothing */
	uint8_t digest[DIGEST_SIZE];
	char org[ORG_SIZE];
	char user[USER_SIZE];
	char name[NAME_SIZE];
	char role[ROLE_SIZE];       /* "": the user's own */
	char context[CONTEXT_SIZE]; /* "": development */
	char project[PROJECT_SIZE]; /* "": none */
	int64_t expires;
};

enum revoke_by { REVOKE_BY_ID = 1, REVOKE_BY_DIGEST = 2 };

struct request_revoke {
	bool dry_run;
	uint8_t by;                  /* enum revoke_by */
	uint8_t digest[DIGEST_SIZE]; /* for REVOKE_BY_DIGEST */
	uint16_t count;              /* for REVOKE_BY_ID: at least one */
	struct span ids;             /* count times KEY_ID_LEN bytes */
	char reason[REASON_SIZE];
};

/* All live keys that the filters leave, of which there must be one. */
struct request_revoke_all {
	char org[ORG_SIZE];
	char user[USER_SIZE];
	int64_t unused_since; /* as in request_list */
	char reason[REASON_SIZE];
};

struct request_rotate {
	uint8_t digest[DIGEST_SIZE]; /* of the new token */
	char id[KEY_ID_SIZE];        /* of the old key */
	bool has_grace;              /* else the old one stays as it is */
	uint32_t grace;              /* s that the old one may still live */
};

/*
 * ORG_LIST, MEMBER_LIST and LIST.  An empty filter is no filter; a key that
 * was never used counts as used when it was made.
 */
struct request_list {
	char org[ORG_SIZE];
	char user[USER_SIZE];
	bool all;             /* LIST: revoked and expired keys too */
	int64_t unused_since; /* LIST: last used before; 0: whenever */
	bool due;             /* LIST: past its context's time for rotation */
	bool drifted;         /* LIST: may more than its owner does now */
	struct span cursor;   /* empty: the first page */
};

struct request_show {
	char id[KEY_ID_SIZE];
};

struct request {
	uint8_t type; /* enum frame_type; names the member of the union */
	union {
		struct request_hello hello;
		struct request_verify verify;
		struct request_org org;
		struct request_member member;
		struct request_create create;
		struct request_revoke revoke;
		struct request_list list;
		struct request_show show;
		struct request_revoke_all revoke_all;
		struct request_rotate rotate;
		struct request_verify explain;
		struct lease_wish report; /* REPORT; it wishes for nothing */
		struct request_audit audit;
		struct request_audit_range audit_range;
		struct request_import import;
		struct request_backup backup;
		struct request_restore restore;
	};
};

/* False when the type is no request or the body is not exactly one. */
bool request_decode(struct request *req, const struct frame *f)
    __attribute__((warn_unused_result));

/* The digest of a verify, in the frame, before it is decoded; empty when that
   is nothing of the kind. */
struct span request_peek_digest(const struct frame *f);

/* Puts the whole frame.  Ask wire_fits() afterwards. */
void request_encode(struct wire_writer *w, const struct request *req,
    uint32_t id);

#endif /* KEYD_REQUEST_H */
