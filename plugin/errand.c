/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "errand.h"

#define NAP 20000000 /* ns for a keyd that restarts, between two tries */

void
errand_begin(struct errand *e, const struct keyd *h)
{
	memset(e, 0, sizeof(*e));
	e->runtime_dir = h->runtime_dir;
	e->socket_name = CLIENT_ADMIN;
	e->deadline_ms = h->change_deadline_ms;
}

enum keyd_status
errand_connect(struct errand *e)
{
	if (e->deadline == 0)
		e->deadline = client_deadline(e->deadline_ms);
	if (e->client != NULL)
		return KEYD_OK;
	return client_open(&e->client, e->runtime_dir, e->socket_name,
	    e->deadline, e->why);
}

/* Did the answer get lost, or keyd lose track of what it wrote? */
static bool
is_unsettled(const struct errand *e, enum keyd_status status, bool sent)
{
	if (status == KEYD_EOUTCOME)
		return true;
	return sent && e->rep.type != FRAME_ERROR;
}

/* May another try end otherwise? */
static bool
may_pass(enum keyd_status status)
{
	switch (status) {
	case KEYD_EUNAVAILABLE:
	case KEYD_ETIMEOUT:
	case KEYD_EPROTOCOL:
	case KEYD_EBUSY:
	case KEYD_ESTORE:
	case KEYD_EOUTCOME:
	case KEYD_ENOMEM:
		return true;
	default:
		return false;
	}
}

static bool
reconnect(struct errand *e)
{
	const struct timespec nap = { .tv_nsec = NAP };

	client_close(e->client);
	e->client = NULL;
	while (client_deadline(0) < e->deadline) {
		nanosleep(&nap, NULL);
		if (client_open(&e->client, e->runtime_dir, e->socket_name,
			e->deadline, e->why) == KEYD_OK)
			return true;
	}
	return false;
}

enum keyd_status
errand_run(struct errand *e)
{
	enum keyd_status status = errand_connect(e);
	bool unknown = false, sent;

	if (status != KEYD_OK)
		return status;
	do {
		status = client_ask(e->client, &e->req, &e->rep, e->deadline,
		    &sent, e->why);
		if (status == KEYD_OK)
			return status;
		if (is_unsettled(e, status, sent))
			unknown = true;
		else if (!unknown && status != KEYD_EUNAVAILABLE)
			return status;
		/* What was just added is there already: that settles nothing,
		   and is said again each time. */
		else if (!may_pass(status))
			break;
	} while (reconnect(e));
	return unknown && !e->reads ? KEYD_EOUTCOME : status;
}

void
errand_end(struct errand *e)
{
	client_close(e->client);
	sodium_memzero(&e->req, sizeof(e->req));
	e->client = NULL;
}
