/* SPDX-License-Identifier: ISC */
/*
 * conn.h - one client: bytes in, frames out of them, answers back.
 *
 * Answers come in the order of the requests, so a connection waits while a
 * change of its own is with the writer.  It holds at most one buffer each way:
 * without room for an answer no request is taken, and without room for bytes
 * none are read.
 */
#ifndef KEYD_CONN_H
#define KEYD_CONN_H

#include <sys/queue.h>

#include "ahead.h"
#include "buffer.h"
#include "chores.h"
#include "dispatch.h"
#include "quota.h"
#include "writer.h"

TAILQ_HEAD(conns, conn);

struct conn {
	int fd;
	enum socket_kind socket;
	struct peer peer;
	struct session session;
	struct quota *quota;
	struct buffer *in;     /* NULL while there is nothing */
	struct buffer *out;    /* the same */
	int pass_fd;           /* to go with what is sent next; borrowed; -1 */
	struct change *change; /* with the writer */
	bool held;    /* out is the welcome, and goes with its answer */
	bool rest;    /* there may be more to receive */
	bool eof;     /* the client sends no more */
	bool closing; /* after what is in out, nothing more */
	bool gone;    /* the socket failed */

	/* The loop's. */
	uint32_t events;        /* asked of epoll */
	int64_t deadline;       /* ms of clock_mono_ms, while late is set */
	bool late;              /* in the list of those with a deadline */
	struct conns *ready_in; /* the list of those to be served; or NULL */
	bool zombie; /* closed, but its change is still with the writer */
	TAILQ_ENTRY(conn) ready_entries;
	TAILQ_ENTRY(conn) late_entries;
	TAILQ_ENTRY(conn) all_entries;
};

/* What a round of the loop works with. */
struct turn {
	struct store_txn *view;
	struct policy *policy;
	struct health *health;
	struct desk *desk;
	struct limiter *limiter;
	struct leases *leases;
	struct uses *uses;
	struct notes *notes;
	struct snapshot *snapshot;
	struct incoming *incoming;
	struct chores *chores;
	struct writer *writer;
	int page_fd;       /* of the bulletin; -1: there is none */
	int64_t now;       /* Unix time in s */
	int64_t now_ms;    /* of clock_mono_ms */
	int64_t now_ns;    /* of clock_boot_ns */
	unsigned verifies; /* answered so far */
};

struct conn *conn_new(int fd, enum socket_kind socket,
    const struct peer *peer);   /* NULL without memory */
void conn_free(struct conn *c); /* closes, wipes, frees */

/* Reads once what the client sent.  Sets rest, eof or gone. */
void conn_receive(struct conn *c);

/* Notes the verifies in the requests that are there. */
void conn_look_ahead(const struct conn *c, struct ahead *a);

/* Serves at most share requests, beside a hello: the first request comes with
   it.  True: it finished at least one. */
bool conn_serve(struct conn *c, struct turn *t, unsigned share);

/* The change is done: its answer is the client's.  Frees the change. */
void conn_deliver(struct conn *c);

/* Sends what there is to send.  Sets gone. */
void conn_flush(struct conn *c);

/* Puts an error and ends the connection once it is sent. */
void conn_end(struct conn *c, enum error_code code);

/* Is there a whole request that could be served at once? */
bool conn_has_request(const struct conn *c);

bool conn_wants_read(const struct conn *c);
bool conn_wants_write(const struct conn *c);

/* Is part of a frame, or the hello, still to come from the client?  Or has it
   been told that it is over, and does not take that?  Or has it no business on
   the admin socket? */
bool conn_is_waiting(const struct conn *c);

/* Is there nothing left to tell it, and nothing more to come? */
bool conn_is_over(const struct conn *c);

#endif /* KEYD_CONN_H */
