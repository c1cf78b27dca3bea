/* SPDX-License-Identifier: ISC */
/*
 * request_bulk.h - what is asked about the audit log, imports, backups and
 * restores.
 */
#ifndef KEYD_REQUEST_BULK_H
#define KEYD_REQUEST_BULK_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "wire.h"

struct request;

/* Entries of the audit log.  An empty filter is no filter. */
struct request_audit {
	uint64_t after; /* the seq of the last one seen; 0: from the first */
	int64_t since;
	char org[ORG_SIZE];
	char id[KEY_ID_SIZE];
};

/* AUDIT_CHECK and AUDIT_PRUNE. */
struct request_audit_range {
	uint64_t after; /* AUDIT_CHECK: the seq of the last one checked */
	int64_t before; /* AUDIT_PRUNE: what is older may go */
};

/*
 * IMPORT_BEGIN has neither id nor rows; IMPORT_ROWS both; the others an id.
 * Rows: import_row_put, count times.
 */
struct request_import {
	uint64_t id; /* of the import, as its beginning was answered */
	uint16_t count;
	struct span rows;
};

/* A key of another maker, by the digest of its token. */
struct import_row {
	uint8_t digest[DIGEST_SIZE];
	char org[ORG_SIZE];
	char user[USER_SIZE];
	char name[NAME_SIZE];
	char role[ROLE_SIZE];       /* "": the user's own */
	char context[CONTEXT_SIZE]; /* "": the default */
	char project[PROJECT_SIZE]; /* "": none */
	int64_t created;            /* 0: now */
	int64_t expires;
};

/*
 * BACKUP_BEGIN, which has nothing in it; BACKUP_READ, which asks for what is at
 * this place of the file; BACKUP_DONE: the file has this size and is safe.
 */
struct request_backup {
	uint64_t at;
	struct span tail; /* BACKUP_DONE: the file's end; see archive.h */
};

/*
 * RESTORE_BEGIN and RESTORE_CHUNK: these bytes of the file, from this place on.
 * RESTORE_CHECK: what would the part of it there change?  RESTORE_COMMIT: the
 * file has this size; bytes are RESTORE_MARK_SIZE that were drawn for it, by
 * which it is known when it is asked again.  RESTORE_ABORT has nothing.
 */
struct request_restore {
	uint64_t at;
	bool force; /* RESTORE_COMMIT: whatever is lost by it */
	struct span bytes;
};

/* The body of a request; false, and bad, if its type is none of these. */
bool request_bulk_get(struct wire_reader *r, struct request *req);
void request_bulk_put(struct wire_writer *w, const struct request *req);

void import_row_put(struct wire_writer *w, const struct import_row *row);
void import_row_get(struct wire_reader *r, struct import_row *row);

#endif /* KEYD_REQUEST_BULK_H */
