/* SPDX-License-Identifier: ISC */
/*
 * async.h - questions of an event loop, from submit to callback; for the
 * sources of that.
 *
 * A question is queued until it is put on the lane, then under way until its
 * answer, and then ready.  Callbacks are made from one place, async_drain, and
 * only when nothing else is being done: so each may submit, cancel and close.
 */
#ifndef KEYD_ASYNC_H
#define KEYD_ASYNC_H

#include <sys/queue.h>

#include "lane.h"
#include "question.h"

#define ASYNC_MAX 16384 /* a power of two */

enum async_where { ASYNC_QUEUED, ASYNC_UNDER_WAY, ASYNC_READY };

struct pending {
	TAILQ_ENTRY(pending) entries; /* queued, or ready */
	TAILQ_ENTRY(pending) times;   /* not ready: by deadline */
	enum async_where where;
	uint64_t ticket;
	int64_t deadline; /* ns of stream_now */
	uint32_t at;      /* under way: which of the answers */
	keyd_done *done;
	void *arg;
	struct question q;
	char permission[PERMISSION_SIZE];
	char prefix[PREFIX_SIZE]; /* of the token; "": of another maker */
	enum keyd_status status;
	struct keyd_verdict verdict;
};

TAILQ_HEAD(pendings, pending);

/* An answer that is to come. */
struct awaited {
	struct pending *pending; /* NULL: nobody waits for it any more */
	uint32_t id;
	uint64_t end; /* bytes of the lane up to that of the request */
};

struct keyd_async {
	struct keyd *handle;
	uint64_t owner; /* pool_number of the process */
	int epoll_fd;
	int marker_fd; /* shows that epoll_fd is still ours */
	uint32_t events;
	struct lane lane;
	int64_t connect_at; /* ns of stream_now; 0: at once */
	unsigned lost;      /* connections, since there was an answer */
	bool retire;        /* the connection, to learn keyd's prefix anew */
	bool draining;      /* callbacks are being made */
	bool closed;        /* by one of them */
	struct pendings queue;
	struct pendings ready;
	struct pendings times;
	uint64_t last_ticket;
	unsigned count; /* of tickets in use */
	struct pending *by_ticket[ASYNC_MAX];
	uint32_t first, next; /* of the answers to come, modulo ASYNC_MAX */
	struct awaited awaited[ASYNC_MAX];
};

/* Is this the process that opened it? */
bool async_is_ours(const struct keyd_async *a);

/* A host may have closed our descriptor and opened one of its own there. */
bool async_epoll_is_ours(const struct keyd_async *a);

/* Ready, with this status; the rest of its verdict is set. */
void async_finish(struct keyd_async *a, struct pending *p,
    enum keyd_status status);
void async_forget(struct keyd_async *a, struct pending *p); /* and frees it */

/* Makes the callbacks of all that is ready.  a may be gone afterwards. */
void async_drain(struct keyd_async *a);

/* Connects, puts and sends as far as that goes without waiting. */
void async_pump(struct keyd_async *a);
/* Takes what keyd sent. */
void async_receive(struct keyd_async *a);
/* Finishes what nobody may wait for any longer. */
void async_expire(struct keyd_async *a);

#endif /* KEYD_ASYNC_H */
