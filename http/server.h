/* SPDX-License-Identifier: ISC */
/*
 * server.h - HTTP, by libmicrohttpd: from a connection to an endpoint.
 *
 * Heads, bodies and the number of connections are bounded here, and how long
 * each may take by visitors.h.
 */
#ifndef KEYD_HTTP_SERVER_H
#define KEYD_HTTP_SERVER_H

#include <microhttpd.h>

#include "listen.h"
#include "options.h"
#include "site.h"

/* NULL when libmicrohttpd cannot. */
struct MHD_Daemon *server_start(struct site *s, const struct listener *l,
    const struct options *o);

/* Takes no more connections, and waits up to ms for the requests that are under
   way. */
void server_stop(struct MHD_Daemon *d, struct site *s, unsigned ms);

#endif /* KEYD_HTTP_SERVER_H */
