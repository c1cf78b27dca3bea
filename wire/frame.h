/* SPDX-License-Identifier: ISC */
/*
 * frame.h - how many bytes make the next message, and what kind it is.
 *
 * The header is the same in every version of the protocol, so that both ends
 * can refuse each other politely.  doc/PROTOCOL draws it.
 */
#ifndef KEYD_FRAME_H
#define KEYD_FRAME_H

#include <stdint.h>

#include "wire.h"

#define FRAME_HEADER 12 /* bytes before the body */
#define FRAME_MAX                                                              \
	16384 /* bytes, header included; the largest, a page of                \
		 keys, fills it; the largest create is 1 KiB */

#define PROTOCOL_MAJOR 1
#define PROTOCOL_MINOR 1

/* What a frame is.  An answer has its request's type and the top bit set. */
enum frame_type {
	FRAME_HELLO = 0x01,
	FRAME_VERIFY = 0x02,
	FRAME_STATUS = 0x03,
	FRAME_COUNTS = 0x04,
	FRAME_REPORT = 0x05,
	FRAME_ORG_ADD = 0x10,
	FRAME_ORG_SET = 0x11,
	FRAME_ORG_LIST = 0x12,
	FRAME_MEMBER_ADD = 0x20,
	FRAME_MEMBER_SET = 0x21,
	FRAME_MEMBER_REMOVE = 0x22,
	FRAME_MEMBER_LIST = 0x23,
	FRAME_CREATE = 0x30,
	FRAME_REVOKE = 0x31,
	FRAME_LIST = 0x32,
	FRAME_SHOW = 0x33,
	FRAME_REVOKE_ALL = 0x34,
	FRAME_ROTATE = 0x35,
	FRAME_EXPLAIN = 0x36,
	FRAME_AUDIT = 0x40,
	FRAME_AUDIT_CHECK = 0x41,
	FRAME_AUDIT_PRUNE = 0x42,
	FRAME_IMPORT_BEGIN = 0x50,
	FRAME_IMPORT_ROWS = 0x51,
	FRAME_IMPORT_COMMIT = 0x52,
	FRAME_IMPORT_ABORT = 0x53,
	FRAME_BACKUP_BEGIN = 0x60,
	FRAME_BACKUP_READ = 0x61,
	FRAME_BACKUP_DONE = 0x62,
	FRAME_RESTORE_BEGIN = 0x68,
	FRAME_RESTORE_CHUNK = 0x69,
	FRAME_RESTORE_CHECK = 0x6a,
	FRAME_RESTORE_COMMIT = 0x6b,
	FRAME_RESTORE_ABORT = 0x6c,
	FRAME_ANSWER = 0x80, /* this bit, not a type */
	FRAME_ERROR = 0xff
};

struct frame {
	uint8_t major;    /* version of the protocol that the body is in */
	uint8_t type;     /* enum frame_type, not yet checked */
	uint32_t id;      /* of the request, echoed in its answer */
	struct span body; /* where it lies in the bytes given */
};

enum frame_state {
	FRAME_WHOLE,
	FRAME_PARTIAL,  /* more bytes must come */
	FRAME_TOO_LARGE /* over FRAME_MAX: framing is lost */
};

/* Looks at bytes that begin with a frame.  Sets *f only for FRAME_WHOLE. */
enum frame_state frame_parse(struct span bytes, struct frame *f);

/* The bytes that a whole frame takes. */
size_t frame_size(const struct frame *f);

/* Begins a frame; what is put until frame_end is its body. */
void frame_begin(struct wire_writer *w, uint8_t major, uint8_t type,
    uint32_t id);
/* Ends the frame that began at byte start of w: writes its length. */
void frame_end(struct wire_writer *w, size_t start);

#endif /* KEYD_FRAME_H */
