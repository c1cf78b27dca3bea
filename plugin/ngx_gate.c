/* SPDX-License-Identifier: ISC */
#include "ngx_gate.h"

bool
gate_possible(const char *runtime_dir, const char *org)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	struct keyd *handle;

	o.runtime_dir = runtime_dir;
	o.org = org;
	o.cache_size = KEYD_CACHE_NONE;
	if (keyd_open(&o, &handle) != KEYD_OK)
		return false;
	keyd_close(handle);
	return true;
}

/* nginx leaves a timer where it is that is to be moved by less than 300 ms; one
   that comes too early does no harm, one that comes too late does. */
static void
set_timer(struct gate *g)
{
	ngx_event_t *rev = g->connection->read;
	int ms = keyd_async_timeout(g->async);

	if (rev->timer_set &&
	    (ms < 0 ||
		(ngx_msec_int_t)(rev->timer.key - ngx_current_msec) > ms))
		ngx_del_timer(rev);
	if (ms >= 0 && !rev->timer_set)
		ngx_add_timer(rev, (ngx_msec_t)ms);
}

/* There is something to read, or the time is up. */
static void
on_event(ngx_event_t *ev)
{
	ngx_connection_t *c = ev->data;
	struct gate *g = c->data;

	ev->timedout = 0;
	keyd_async_process(g->async);
	set_timer(g);
}

static bool
watch(struct gate *g)
{
	ngx_connection_t *c =
	    ngx_get_connection(keyd_async_fd(g->async), ngx_cycle->log);

	if (c == NULL)
		return false;
	c->data = g;
	c->read->handler = on_event;
	c->read->log = c->log;
	if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_LEVEL_EVENT) != NGX_OK) {
		ngx_free_connection(c);
		c->fd = (ngx_socket_t)-1;
		return false;
	}
	g->connection = c;
	return true;
}

/* The descriptor is the library's to close. */
static void
unwatch(struct gate *g)
{
	ngx_connection_t *c = g->connection;

	if (c->read->timer_set)
		ngx_del_timer(c->read);
	if (c->read->active)
		ngx_del_event(c->read, NGX_READ_EVENT, 0);
	ngx_free_connection(c);
	c->fd = (ngx_socket_t)-1;
	g->connection = NULL;
}

bool
gate_open(struct gate *g)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	enum keyd_status status;

	if (g->connection != NULL)
		return true;
	o.runtime_dir = g->runtime_dir;
	o.org = g->org;
	if ((status = keyd_open(&o, &g->handle)) == KEYD_OK &&
	    (status = keyd_async_open(g->handle, &g->async)) == KEYD_OK &&
	    watch(g))
		return true;
	ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "keyd: %s",
	    keyd_strerror(status == KEYD_OK ? KEYD_ENOMEM : status));
	gate_close(g);
	return false;
}

void
gate_close(struct gate *g)
{
	if (g->connection != NULL)
		unwatch(g);
	keyd_async_close(g->async);
	keyd_close(g->handle);
	g->async = NULL;
	g->handle = NULL;
}

enum keyd_status
gate_ask(struct gate *g, const char *authorization, const char *permission,
    keyd_done *done, void *arg, uint64_t *ticket)
{
	enum keyd_status status;

	*ticket = 0;
	if (g->connection == NULL && !gate_open(g))
		return KEYD_ENOMEM;
	status = keyd_async_verify_bearer(g->async, authorization, permission,
	    done, arg, ticket);
	if (*ticket != 0)
		set_timer(g);
	return status;
}

void
gate_cancel(struct gate *g, uint64_t ticket)
{
	if (g->connection == NULL)
		return;
	keyd_async_cancel(g->async, ticket);
	set_timer(g);
}
