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
#include "model.h"
#include "page.h"
#include "reply_bulk.h"
#include "reply_verdict.h"

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

struct reply_welcome {
	uint8_t major; /* to be spoken from here on */
	uint16_t minor;
	bool foreign; /* tokens of other makers may be known: send any */
	char prefix[PREFIX_SIZE];
	char software[SOFTWARE_SIZE];
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

#endif /* KEYD_REPLY_H */
