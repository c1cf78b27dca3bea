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

#include "frame.h"
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
 * Answers the lists, REVOKE and STATUS: rows, and where the next page begins.
 * Read the rows one by one with org_get, member_get, key_get, revoked_get or
 * fact_get on wire_reader(rows.ptr, rows.len), count times.
 */
struct reply_page {
	uint16_t count;
	struct span rows;
	struct span cursor; /* empty: this was the last page */
};

/* A row of the answer to REVOKE. */
struct revoked_row {
	char id[KEY_ID_SIZE];
	bool already; /* revoked by an earlier request */
	int64_t revoked;
};

/* A row of the answer to STATUS: number or text. */
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
		struct key_info key;
		struct reply_page page;
	};
};

/* False when the type is no reply or the body is not exactly one. */
bool reply_decode(struct reply *rep, const struct frame *f)
    __attribute__((warn_unused_result));

/* Puts a whole frame of any kind but a page.  Ask wire_fits() afterwards. */
void reply_encode(struct wire_writer *w, const struct reply *rep, uint32_t id);

/* Puts the verdict on a key, whose texts it takes from there; NULL: unknown.
   The answer that must be quick: nothing is copied twice. */
void reply_encode_verdict(struct wire_writer *w, enum verdict_code code,
    const struct key_info *key, uint32_t id);

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
void fact_put(struct wire_writer *w, const struct fact_row *row);
void fact_get(struct wire_reader *r, struct fact_row *row);

#endif /* KEYD_REPLY_H */
