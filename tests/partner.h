/* SPDX-License-Identifier: ISC */
/*
 * partner.h - what a client may meet behind a socket: a keyd that answers, or
 * one that does something else.
 *
 * A thread of the test serves both sockets in a scratch folder.  Its manners
 * may be changed between calls of the client, not during one.
 */
#ifndef KEYD_TESTS_PARTNER_H
#define KEYD_TESTS_PARTNER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "keyd.h"
#include "reply.h"
#include "request.h"

/* How a request is taken. */
enum manner {
	ANSWERS,
	REFUSES,     /* with the error of code */
	REFUSES_ALL, /* the same, with id 0, then closes */
	SILENT,
	RESETS,    /* closes with the request unread */
	CLOSES,    /* reads it, and closes */
	CUTS,      /* sends all of the answer but its last byte, and closes */
	DRIPS,     /* sends the answer byte by byte */
	ANNOUNCES, /* a frame that is too large */
	OTHER_ID,
	OTHER_TYPE,
	OTHER_MAJOR,
	ADDS_BYTE, /* behind the frame */
	LENGTHENS  /* the body, by a byte */
};

#define PEER_CONNECTIONS 128
#define PATIENT 30000 /* ms; a busy machine is no fault of a test */

struct peer {
	char dir[32];
	_Atomic enum manner hello; /* towards hellos */
	_Atomic enum manner other; /* towards the rest */
	_Atomic bool hello_once;   /* hello: ANSWERS after the first */
	_Atomic enum manner then;  /* other, after so many */
	atomic_int times;          /* 0: never */
	atomic_int code;           /* of errors */
	atomic_int retry_after;    /* of errors */
	atomic_int verdict;        /* of verifies */
	char prefix[PREFIX_SIZE]; /* of the welcome; a hello with another one is
				     refused, and what is behind it */
	_Atomic bool no_prefix;   /* in a hello is looked at */
	_Atomic bool change_prefix; /* to another, after the next request */
	_Atomic bool foreign;
	atomic_int connections;  /* accepted so far */
	atomic_int requests;     /* whole ones read so far, without hellos */
	atomic_int joined;       /* of these, that came together with a hello */
	struct request last;     /* the last of them; its spans are gone */
	uint8_t ids[KEY_ID_LEN]; /* of the last revoke */
	atomic_int stop;         /* 1: stop; 2: close all connections */
	int wake;
	int listeners[2];
	int fds[PEER_CONNECTIONS];
	pthread_t thread;
};

/* What a call ends with when each of its connections ends, one after the other,
   until it has no more time; it may be waiting for one at that moment. */
static inline bool
never_heard(enum keyd_status status)
{
	return status == KEYD_EUNAVAILABLE || status == KEYD_ETIMEOUT;
}

/* Begins to listen in a new folder; it answers. */
void peer_start(struct peer *p);
/* As a restart of keyd does: every connection is closed, none is refused. */
void peer_hang_up(struct peer *p);
void peer_stop(struct peer *p);

#endif /* KEYD_TESTS_PARTNER_H */
