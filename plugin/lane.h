/* SPDX-License-Identifier: ISC */
/*
 * lane.h - a connection to keyd that never waits, with many requests under way.
 *
 * Bytes that are put go out when the socket takes them; frames come out when
 * they are whole.  Whoever uses it polls the descriptor and looks at the time.
 */
#ifndef KEYD_LANE_H
#define KEYD_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "bulletin.h"
#include "reply.h"
#include "request.h"
#include "stream.h"

#define LANE_OUT 65536 /* bytes that wait to be sent: some 500 verifies */

enum lane_state { LANE_DOWN, LANE_GREETING, LANE_UP };

struct lane {
	enum lane_state state;
	struct stream stream;
	int passed; /* a descriptor that came; -1: none */
	const struct bulletin *page;
	struct reply_welcome welcome; /* when it is up */
	uint32_t last_id;
	uint64_t put;  /* bytes that were put on this connection */
	uint64_t sent; /* and those that the socket took */
	size_t out_start, out_end;
	size_t in_start, in_end;
	uint8_t out[LANE_OUT];
	uint8_t in[2 * FRAME_MAX];
};

void lane_init(struct lane *l);

/* Connects and says hello.  0; or -1 and errno: EAGAIN when there is no room in
   the backlog, EACCES when the peer is not to be trusted as keyd. */
int lane_open(struct lane *l, const char *runtime_dir);
void lane_close(struct lane *l); /* wiped; down is fine */

/* The id of the request, or 0 when there is no room for it now. */
uint32_t lane_put(struct lane *l, const struct request *req);
/* Sends what the socket takes.  -1 and errno when it failed. */
int lane_flush(struct lane *l);
bool lane_wants_write(const struct lane *l);

/* Reads once: bytes, 0 at the end, or -1 and errno. */
ssize_t lane_receive(struct lane *l);
/* The next whole frame, which lives until lane_receive. */
enum frame_state lane_next(struct lane *l, struct frame *f);

#endif /* KEYD_LANE_H */
