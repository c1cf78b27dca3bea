/* SPDX-License-Identifier: ISC */
/*
 * clients.h - all connections: who has something to say, who keeps us waiting.
 *
 * Each round serves those who verify first, then those who manage keys, for a
 * bounded time, strangers on their socket and those over their budget of
 * unknown tokens last, and nobody more than a share. A connection that is
 * dropped while the writer has its change stays in memory until that is back.
 */
#ifndef KEYD_CLIENTS_H
#define KEYD_CLIENTS_H

#include "accept.h"
#include "conn.h"

/* In the order in which a round serves them: who verifies waits for us, who
   changes something waits for the disk anyway. */
enum rank { RANK_VERIFY, RANK_ADMIN, RANK_LATE, RANK_COUNT };

/* ns of a round after which no other administrator is served; the one who is
   being served then, by a page of a list perhaps, may take a millisecond.  It
   is what a verify may have to wait for. */
#define CLIENTS_ADMIN_NS 30000

struct clients {
	int verify_fd;             /* epoll of those who verify; borrowed */
	int admin_fd;              /* the same of the others */
	struct snapshot *snapshot; /* borrowed, like the next; NULL: none */
	struct chores *chores;     /* who are told that one is gone */
	uint64_t numbers;          /* of connections, so far */
	struct caps caps;
	struct conns all;
	struct conns late; /* by deadline, the first the earliest */
	struct conns ready[RANK_COUNT];
	int64_t now_ms;              /* of the round */
	int64_t timeout_ms;          /* for half a frame, or a hello */
	int64_t admin_ns;            /* CLIENTS_ADMIN_NS, but for tests */
	uint32_t unknown_per_second; /* budget of a uid */
};

void clients_init(struct clients *cs, int verify_fd, int admin_fd);

/* The epoll that waits for those who connect to this socket. */
int clients_epoll(const struct clients *cs, enum socket_kind socket);

/* Gives powers anew after a reload, to those who are connected too. */
void clients_grant(struct clients *cs, const struct grants *g);

/* Takes a new connection from an acceptor's hands. */
void clients_add(struct clients *cs, struct conn *c);

/* It has something to say, or can be told something. */
void clients_ready(struct clients *cs, struct conn *c);
bool clients_any_ready(const struct clients *cs);

/* What epoll says of a connection: reads what came, and serves it next. */
void clients_hear(struct clients *cs, struct conn *c, uint32_t events);

/* Serves each that is ready. */
void clients_serve(struct clients *cs, struct turn *t);

/* Ends those whose deadline is over; returns how many. */
unsigned clients_end_overdue(struct clients *cs);

/* When the first deadline is, in ms of clock_mono_ms; INT64_MAX: none. */
int64_t clients_next_deadline(const struct clients *cs);

/* Takes no more from any: what was sent so far is read and answered, and a send
   from here on fails at the client, who so knows that it may ask again. */
void clients_stop(struct clients *cs);

/* The writer gave its change back: the answer is the client's.  Frees it. */
void clients_deliver(struct clients *cs, struct change *ch);

void clients_free(struct clients *cs);

#endif /* KEYD_CLIENTS_H */
