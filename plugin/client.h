/* SPDX-License-Identifier: ISC */
/*
 * client.h - one connection to keyd: connect, ask, wait for the answer.
 *
 * Deadlines are absolute, on CLOCK_MONOTONIC, and hold for the whole call.
 * The socket's peer must be root, this process's own user, or the owner of a
 * runtime directory that root gave away in a place only root can write.  A
 * descriptor that is no longer the one opened here (hosts close and reuse
 * them) is never written to, read from or closed.
 */
#ifndef KEYD_CLIENT_H
#define KEYD_CLIENT_H

#include <sys/un.h>

#include <stdbool.h>
#include <stdint.h>

#include "keyd.h"
#include "reply.h"
#include "request.h"

#define CLIENT_VERIFY "verify.sock"
#define CLIENT_ADMIN "admin.sock"

struct client;

/* These keep errno, like all that keyd.h promises. */

/* Now and so many milliseconds, as a deadline in ns of CLOCK_MONOTONIC. */
int64_t client_deadline(unsigned ms);

/*
 * The runtime directory: the one given, else $KEYD_RUNTIME_DIR (secure_getenv),
 * else the default.  KEYD_EINVAL when the path of a socket in it would not fit
 * in sun_path.
 */
enum keyd_status client_runtime_dir(const char *given, const char **dir);

/*
 * Connects to the socket of that name and says hello.  On failure *c is NULL
 * and why, if it is not NULL, has a sentence of at most MESSAGE_SIZE bytes.
 */
enum keyd_status client_open(struct client **c, const char *runtime_dir,
    const char *socket_name, int64_t deadline, char *why);
void client_close(struct client *c); /* NULL is fine; the buffer is wiped */

/*
 * Connects, and says hello only together with the first request: it needs no
 * wait of its own.  With a prefix (PREFIX_SIZE bytes; "": none) that is not
 * that of keyd's tokens, the request is refused with KEYD_EINVAL before
 * anything else is looked at, and client_welcome has no prefix.
 */
enum keyd_status client_dial(struct client **c, const char *runtime_dir,
    const char *socket_name, const char *prefix, int64_t deadline, char *why);

/* The steps of that, for connections that are not made here: the address of a
   socket, the first request, and whether its answer makes sense. */
enum keyd_status client_address(struct sockaddr_un *to, const char *dir,
    const char *name, char *why);
void client_hello(struct request *req, bool page);
bool client_welcome_good(const struct reply_welcome *w);

/* What keyd said in answer to hello; all zero before that. */
const struct reply_welcome *client_welcome(const struct client *c);

/*
 * Sends a request and waits for its answer.  KEYD_OK: rep is the answer and
 * not an error; its spans live until the next call, and may be used in its
 * request.  Otherwise why (may be NULL) has a sentence of at most MESSAGE_SIZE
 * bytes, keyd's own when it sent an error; rep->type is then FRAME_ERROR and
 * rep that error, else 0.  *sent (may be NULL) tells whether keyd may have
 * acted on the request: false means that it never saw the whole of it, so that
 * it may be asked again.  After KEYD_ETIMEOUT, KEYD_EUNAVAILABLE and
 * KEYD_EPROTOCOL the connection is of no more use.
 */
enum keyd_status client_ask(struct client *c, const struct request *req,
    struct reply *rep, int64_t deadline, bool *sent, char *why);

/*
 * After so many connections that ended before keyd had read what was sent on
 * them: is there time for another?  From the third on it waits a little before
 * it says yes.
 */
bool client_try_again(unsigned tries, int64_t deadline);

/* Nothing is asked after the next request: keyd, told so, hangs up when it has
   answered, and closing the connection wakes nobody up. */
void client_last(struct client *c);

/* The descriptor of the bulletin, if keyd passed one when it was asked on the
   verify socket; the caller's from here on, -1 from then on. */
int client_take_passed(struct client *c);

/* What is on that page, when someone has mapped it; NULL at first. */
void client_set_page(struct client *c, const struct bulletin *page);
const struct bulletin *client_page(const struct client *c);

/* Sends a request whose answer nobody waits for, as far as the socket takes it
   at once; the connection is of no more use for anything else. */
bool client_tell(struct client *c, const struct request *req);

/* May it be asked again?  Not after an error that ended the connection. */
bool client_usable(const struct client *c);

/* The status that stands for an error of the protocol. */
enum keyd_status client_error_status(uint8_t error_code);

#endif /* KEYD_CLIENT_H */
