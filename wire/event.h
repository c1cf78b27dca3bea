/* SPDX-License-Identifier: ISC */
/*
 * event.h - an entry of the audit log: who did what, when, and what came of it.
 *
 * Its bytes are the same on the wire and in the store.  The hash, which is
 * last, is that of the entry before it and of all its other bytes: see
 * daemon/audit.h.
 */
#ifndef KEYD_EVENT_H
#define KEYD_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"

#define EVENT_HASH_SIZE 32
#define EVENT_IDS_MAX 128 /* of one entry; what revokes more writes several */
#define EVENT_MAX 4096    /* bytes; every text at its longest takes 3.1 KiB */

/* What happened: the frame type of a request, or one of these. */
enum event_what {
	EVENT_UNKNOWN_TOKENS = 0xc0, /* count attempts of a uid in a minute */
	EVENT_DENIED = 0xc1,         /* the same of requests that it may not */
	EVENT_RELOAD = 0xc2,         /* keyd.conf was read again */
	EVENT_START = 0xc3           /* of keyd */
};

struct event {
	uint64_t seq; /* from 1 on, without a gap */
	int64_t when;
	uint8_t what;    /* enum frame_type or enum event_what */
	uint8_t outcome; /* 0: done; else an enum error_code */
	uint32_t uid;    /* of the process that asked */
	uint32_t pid;
	uint32_t count; /* keys made, revoked, pruned …; attempts */
	char org[ORG_SIZE];
	char user[USER_SIZE];     /* that it was about */
	char detail[REASON_SIZE]; /* role, plan, reason; why it was refused */
	uint16_t ids;             /* how many follow */
	char id[EVENT_IDS_MAX][KEY_ID_SIZE];
	uint8_t hash[EVENT_HASH_SIZE];
};

void event_put(struct wire_writer *w, const struct event *e);
void event_get(struct wire_reader *r, struct event *e);

/* The name of what happened, such as "create"; "other" if it has none. */
const char *event_name(uint8_t what);

#endif /* KEYD_EVENT_H */
