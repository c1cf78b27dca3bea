/* SPDX-License-Identifier: ISC */
/*
 * reply_bulk.h - what is answered of the audit log, imports, backups and
 * restores.
 */
#ifndef KEYD_REPLY_BULK_H
#define KEYD_REPLY_BULK_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "wire.h"

struct reply;

/* Answers AUDIT_CHECK, for as many entries as one answer may take. */
struct reply_checked {
	uint64_t last;          /* seq of the last entry that is whole; the
				   request's after: there are no more */
	uint64_t broken;        /* seq of the first that is not; 0: none */
	char why[MESSAGE_SIZE]; /* what is wrong with it */
};

/* Answers AUDIT_PRUNE, for as many entries as one answer may take. */
struct reply_pruned {
	uint32_t removed; /* 0: there are no more to remove */
	uint64_t first;   /* seq of the first that is left; 0: none is */
};

/* Answers the requests of an import. */
struct reply_import {
	uint64_t id;
	uint32_t done;  /* keys of it so far */
	uint32_t left;  /* of ABORT and BEGIN: ask again until it is 0 */
	uint16_t fault; /* ROWS: the first row that is refused, from 1; 0 */
	uint32_t row;   /* its number in the whole import */
	char why[MESSAGE_SIZE]; /* what is wrong with it */
};

/*
 * Answers the requests of a backup.  The pieces, one after the other, are the
 * file; what is in it is no matter of the protocol.
 */
struct reply_backup {
	int64_t made;  /* the moment that the file tells of */
	uint64_t keys; /* in it */
	uint64_t size; /* of the file, so far */
	bool last;     /* of BEGIN and READ: that was all of it */
	struct span piece;
};

/* Answers the requests of a restore. */
struct reply_restore {
	int64_t made;     /* the moment that the backup tells of */
	uint64_t keys;    /* in it; of COMMIT: that there are now */
	uint64_t at;      /* bytes of the file so far; of CHECK: where to go on,
			     0: that was all */
	bool whole;       /* of CHUNK: that was its end */
	bool needs_force; /* of CHECK at 0: there is something to be lost */
	uint64_t present; /* keys that there are now; of COMMIT: were */
	uint64_t known;   /* of them, in this part; of COMMIT: in all */
	uint64_t changes; /* made since the backup; of CHECK at 0 */
	uint64_t back;    /* keys that would be, or are, live again */
	struct span ids;  /* of CHECK: theirs, KEY_ID_LEN bytes each */
};

/* The body of a reply; false, and bad, if its type is none of these. */
bool reply_bulk_get(struct wire_reader *r, struct reply *rep);
void reply_bulk_put(struct wire_writer *w, const struct reply *rep);

#endif /* KEYD_REPLY_BULK_H */
