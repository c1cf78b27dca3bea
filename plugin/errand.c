/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "errand.h"

#define NAP 20000000 /* ns for a keyd that restarts, between two tries */

void
errand_begin(struct errand *e, struct keyd *h)
{
	memset(e, 0, sizeof(*e));
	e->handle = h;
	e->socket_name = CLIENT_ADMIN;
	e->deadline_ms = h->change_deadline_ms;
}

static void
hang_up(struct errand *e)
{
	client_close(e->client);
	e->client = NULL;
}

static void
start(struct errand *e)
{
	if (e->deadline == 0)
		e->deadline = client_deadline(e->deadline_ms);
}

enum keyd_status
errand_meet(struct errand *e)
{
	enum keyd_status status;

	start(e);
	hang_up(e);
	status = client_open(&e->client, e->handle->runtime_dir, e->socket_name,
	    e->deadline, e->why);
	if (status != KEYD_OK)
		return status;
	format_learn(&e->handle->formats, client_welcome(e->client));
	memcpy(e->prefix, client_welcome(e->client)->prefix, sizeof(e->prefix));
	return KEYD_OK;
}

static enum keyd_status
dial(struct errand *e)
{
	return client_dial(&e->client, e->handle->runtime_dir, e->socket_name,
	    e->prefix, e->deadline, e->why);
}

bool
errand_prefix_refused(const struct errand *e)
{
	return e->prefix[0] != '\0' && e->client != NULL &&
	    client_welcome(e->client)->prefix[0] == '\0' &&
	    e->rep.type == FRAME_ERROR && e->rep.error.code == ERROR_INVALID;
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

	hang_up(e);
	while (client_deadline(0) < e->deadline) {
		nanosleep(&nap, NULL);
		if (dial(e) == KEYD_OK)
			return true;
	}
	return false;
}

enum keyd_status
errand_run(struct errand *e)
{
	enum keyd_status status;
	bool unknown = false, sent;

	start(e);
	if (e->client == NULL && (status = dial(e)) != KEYD_OK)
		return status;
	do {
		if (!e->more)
			client_last(e->client);
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
	hang_up(e);
	sodium_memzero(&e->req, sizeof(e->req));
}
