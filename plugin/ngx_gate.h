/* SPDX-License-Identifier: ISC */
/*
 * ngx_gate.h - the way of a worker of nginx to keyd, on nginx's event loop.
 *
 * Gates are made with the configuration, in the master too; each worker opens
 * them for itself.  Nothing here waits.
 */
#ifndef KEYD_NGX_GATE_H
#define KEYD_NGX_GATE_H

#include <ngx_config.h>

#include <ngx_core.h>
#include <ngx_event.h>

#include <stdbool.h>

#include "keyd.h"

struct gate {
	struct gate *next;
	const char *runtime_dir; /* NULL: the default */
	const char *org;         /* NULL: any */
	struct keyd *handle;
	struct keyd_async *async;
	ngx_connection_t *connection; /* NULL: not open */
};

/* Could a gate be opened with these? */
bool gate_possible(const char *runtime_dir, const char *org);

/* Does nothing when it is open.  False, and it is said in the log, when that
   failed; it may be tried again. */
bool gate_open(struct gate *g);
void gate_close(struct gate *g);

/* As keyd_async_verify_bearer; a gate that is not open is opened. */
enum keyd_status gate_ask(struct gate *g, const char *authorization,
    const char *permission, keyd_done *done, void *arg, uint64_t *ticket);
void gate_cancel(struct gate *g, uint64_t ticket);

#endif /* KEYD_NGX_GATE_H */
