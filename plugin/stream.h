/* SPDX-License-Identifier: ISC */
/*
 * stream.h - a connected Unix socket, with a deadline on every wait.
 *
 * Hosts close and reuse descriptors: a socket that is no longer the one opened
 * here, by device and inode, is never written to or closed.  Functions return
 * -1 and set errno, to ETIMEDOUT when the deadline has passed.
 */
#ifndef KEYD_STREAM_H
#define KEYD_STREAM_H

#include <sys/types.h>
#include <sys/un.h>

#include <stdint.h>

struct stream {
	int fd; /* -1: none, or not ours any more */
	dev_t dev;
	ino_t ino;
	int64_t send_wait;    /* ns, as SO_SNDTIMEO is set; 0: not yet */
	int64_t receive_wait; /* ns, as SO_RCVTIMEO is set; 0: not yet */
};

int64_t stream_now(void); /* ns of CLOCK_MONOTONIC */

int stream_open(struct stream *s, const struct sockaddr_un *to,
    int64_t deadline);
void stream_close(struct stream *s);

/* All of it; ESTALE when the descriptor is not ours any more. */
int stream_send(struct stream *s, const void *buf, size_t len,
    int64_t deadline);
/* Nothing is sent any more; what the other end sends is still received. */
void stream_end(struct stream *s);
/* What there is, at least a byte; 0 at the end.  After the deadline it takes
   what has come, and does not wait. */
ssize_t stream_receive(struct stream *s, void *buf, size_t cap,
    int64_t deadline);
/* The same, and a descriptor that came with it: one at most, put in *passed,
   which must be -1 or is kept. */
ssize_t stream_receive_passed(struct stream *s, void *buf, size_t cap,
    int64_t deadline, int *passed);

/* The same without waiting: EAGAIN when that would be needed.  A stream that
   was opened so is good for these only; any may be sent on. */
int stream_try_open(struct stream *s, const struct sockaddr_un *to);
ssize_t stream_try_send(struct stream *s, const void *buf, size_t len);
ssize_t stream_try_receive(struct stream *s, void *buf, size_t cap,
    int *passed);

#endif /* KEYD_STREAM_H */
