/* SPDX-License-Identifier: ISC */
/*
 * reply.h - what keyd answers.
 *
 * An answer has its request's type with FRAME_ANSWER set, or is FRAME_ERROR.
 * Spans of a decoded reply lie in the frame that it came from.
 */
#ifndef KEYD_REPLY_H
#define KEYD_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "frame.h"
#include "lease.h"
#include "model.h"

/* Why a request was not carried out.  The numbers are the protocol's. */
enum error_code {
	ERROR_VERSION = 1,   /* not a major version that keyd speaks */
	ERROR_MALFORMED = 2, /* the body is not a request of its type */
	ERROR_TYPE = 3,      /* no such request on this socket */
	ERROR_HELLO = 4,     /* hello must come first, and once */
	ERROR_TOO_LARGE = 5, /* a frame over FRAME_MAX; the connection ends */
	ERROR_BUSY = 6,      /* try again after retry_after seconds */
	ERROR_TIMEOUT = 7, /* half a frame for too long; the connection ends */
	ERROR_DENIED = 8,  /* this process may not */
	ERROR_INVALID = 9, /* a field has a value that it cannot have */
	ERROR_NOT_FOUND = 10,  /* no such org, member, key, role … */
	ERROR_EXISTS = 11,     /* there is one already */
	ERROR_PERMISSION = 12, /* no role has the permission asked for */
	ERROR_STORE = 13,      /* the database failed; nothing was changed */
	ERROR_OUTCOME = 14     /* the database failed; perhaps it was changed */
};

/* The verdict on the wire; the numbers of enum keyd_status, which see. */
enum verdict_code {
	VERDICT_OK = 0,
	VERDICT_UNKNOWN = 3,
	VERDICT_REVOKED = 4,
	VERDICT_EXPIRED = 5,
	VERDICT_WRONG_ORG = 6,
	VERDICT_FORBIDDEN = 7,
	VERDICT_RATE_LIMITED = 8
};

struct reply_welcome {
	uint8_t major; /* to be spoken from here on */
	uint16_t minor;
	bool foreign; /* tokens of other makers may be known: send any */
	char prefix[PREFIX_SIZE];
	char software[SOFTWARE_SIZE];
};

struct reply_verdict {
	uint8_t code;         /* enum verdict_code */
	uint32_t retry_after; /* s */
	uint32_t limit;       /* requests per minute; 0: no limit */
	uint32_t remaining;
	uint32_t reset; /* s */
	int64_t expires;
	char id[KEY_ID_SIZE]; /* "" when unknown, like the rest */
	char org[ORG_SIZE];
	char user[USER_SIZE];
	char name[NAME_SIZE];
	char project[PROJECT_SIZE];
	struct lease lease; /* all 0: none */
	int64_t created;    /* these two are of a key that is good, when they
			       were asked for; else 0 and "" */
	char permissions[PERMISSIONS_SIZE];
};

struct reply_error {
	uint8_t code;   /* enum error_code */
	uint8_t lowest; /* major versions that keyd speaks */
	uint8_t highest;
	uint16_t retry_after;       /* s; 0: it would not help */
	char message[MESSAGE_SIZE]; /* a sentence for people */
};

/* Answers MEMBER_ADD, MEMBER_SET and MEMBER_REMOVE. */
struct reply_member {
	struct member_info info;
	uint32_t live;    /* keys that keep the permissions they have */
	uint32_t revoked; /* keys that this request revoked */
};

/* Answers CREATE. */
struct reply_created {
	bool existed; /* made by an earlier request with this digest */
	struct key_info key;
};

/*
 * Answers the lists, REVOKE, STATUS, COUNTS and AUDIT: rows, and where the next
 * page begins.  Read the rows one by one with org_get, member_get, view_get,
 * revoked_get, fact_get or event_get on wire_reader(rows.ptr, rows.len), count
 * times.  The cursor of AUDIT is never empty but the u64 seq of the last entry
 * looked at, for the next request's after; equal to this one's: no more.
 */
struct reply_page {
	uint16_t count;
	struct span rows;
	struct span cursor; /* empty: this was the last page */
};

/* Answers ROTATE. */
struct reply_rotated {
	bool existed; /* made by an earlier request with this digest */
	struct key_info key;
	int64_t old_expires; /* the end of the old key; 0: none */
};

/* Answers REVOKE_ALL. */
struct reply_revoked_all {
	uint32_t revoked;
};

/*
 * Answers EXPLAIN: the verdict that a verify would get, and count steps that
 * lead to it; step_get on wire_reader(steps.ptr, steps.len), count times.
 */
struct reply_explained {
	struct reply_verdict verdict;
	uint16_t count;
	struct span steps;
};

enum step_result { STEP_PASSED = 0, STEP_FAILED = 1, STEP_NOT_REACHED = 2 };

struct step_row {
	char name[32];
	uint8_t result; /* enum step_result */
	char text[MESSAGE_SIZE];
};

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

/* A row of the answer to REVOKE. */
struct revoked_row {
	char id[KEY_ID_SIZE];
	bool already; /* revoked by an earlier request */
	int64_t revoked;
};

/* A row of the answer to STATUS and COUNTS: number or text. */
struct fact_row {
	char name[32];
	bool is_text;
	uint64_t number;
	char text[MESSAGE_SIZE];
};

struct reply {
	uint8_t type; /* FRAME_ERROR, or FRAME_ANSWER with a request's type */
	union {
		struct reply_welcome welcome;
		struct reply_verdict verdict;
		struct reply_error error;
		struct org_info org;
		struct reply_member member;
		struct reply_created created;
		struct key_view view;
		struct reply_page page;
		struct reply_rotated rotated;
		struct reply_revoked_all revoked_all;
		struct reply_explained explained;
		struct reply_checked checked;
		struct reply_pruned pruned;
		struct reply_import import;
		struct reply_backup backup;
		struct reply_restore restore;
	};
};

/* False when the type is no reply or the body is not exactly one. */
bool reply_decode(struct reply *rep, const struct frame *f)
    __attribute__((warn_unused_result));

/* Puts a whole frame of any kind but a page.  Ask wire_fits() afterwards. */
void reply_encode(struct wire_writer *w, const struct reply *rep, uint32_t id);

/* What a rate limit says of one use of a key.  All 0: there is no limit. */
struct allowance {
	uint32_t retry_after; /* s, at least 1, when it was refused; else 0 */
	uint32_t limit;       /* requests per minute */
	uint32_t remaining;   /* that may follow at once */
	uint32_t reset;       /* s until the whole burst is back */
	uint32_t more;        /* uses taken for a lease, beside this one */
	int64_t wait_ns;      /* retry_after, exactly */
};

/* Puts the verdict on a key, whose texts it takes from there; NULL: unknown.
   allowance: NULL for all 0; lease: NULL for none; details: of a good key.  The
   answer that must be quick: nothing is copied twice. */
void reply_encode_verdict(struct wire_writer *w, enum verdict_code code,
    const struct key_brief *key, const struct allowance *allowance,
    const struct lease *lease, bool details, uint32_t id);

/* A page under way: begin, rows with reply_page_row around each, end. */
struct page_writer {
	struct wire_writer *w;
	size_t start; /* of the frame */
	size_t limit; /* a row may not end past this byte of w */
	uint16_t count;
	size_t row; /* where the row under way began */
};

void page_begin(struct page_writer *p, struct wire_writer *w, uint8_t type,
    uint32_t id);
/* Call before and after the puts of each row; false: it did not fit and was
   taken back, so end the page with a cursor to this row. */
void page_row_begin(struct page_writer *p);
bool page_row_end(struct page_writer *p) __attribute__((warn_unused_result));
void page_end(struct page_writer *p, struct span cursor);

void revoked_put(struct wire_writer *w, const struct revoked_row *row);
void revoked_get(struct wire_reader *r, struct revoked_row *row);
void step_put(struct wire_writer *w, const struct step_row *row);
void step_get(struct wire_reader *r, struct step_row *row);
void fact_put(struct wire_writer *w, const struct fact_row *row);
void fact_get(struct wire_reader *r, struct fact_row *row);

#endif /* KEYD_REPLY_H */
