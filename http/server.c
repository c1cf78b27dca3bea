/* SPDX-License-Identifier: ISC */
#include <microhttpd.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "endpoint.h"
#include "server.h"

/* Bytes of a connection: the line and headers of a request, and the headers of
   its answer.  nginx passes on up to 32 KiB. */
#define CONNECTION_MEMORY (48 * 1024)

/* Over what visitors.h lets in, for those it has sent away and that are not
   closed yet. */
#define MORE 64

#define NAP 2000000 /* ns between two looks at requests under way */

static struct visitor *
visitor_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static void
on_connection(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct site *s = arg;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		visitors_leave(&s->visitors, *context);
		*context = NULL;
		return;
	}
	info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*context = visitors_enter(&s->visitors, info->connect_fd);
}

/* The first line of a request is there. */
static void *
on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	struct site *s = arg;
	struct visitor *visitor = visitor_of(c);

	if (visitor == NULL)
		return NULL;
	visitors_ask(&s->visitors, visitor);
	return visit_new(target, visitor);
}

static void
on_end(void *arg, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct site *s = arg;
	struct visitor *visitor = visitor_of(c);

	(void)why;
	visit_free(*state);
	*state = NULL;
	if (visitor != NULL)
		visitors_rest(&s->visitors, visitor);
}

/* The connection ends, since nobody knows where the next request begins. */
static void
refuse_unclear(struct answer *a)
{
	answer_text(a, 400, ANSWER_TEXT, "two lengths of one body\n");
	answer_header(a, MHD_HTTP_HEADER_CONNECTION, "close");
}

/* NULL when its length is known and bounded. */
static const char *
wrong_body(const struct endpoint *e, size_t announced, unsigned *code)
{
	if (!e->takes_body || announced <= VISIT_BODY_MAX)
		return NULL;
	*code = announced == VISIT_BODY_UNKNOWN ? 411 : 413;
	return *code == 411 ? "the length of the body is wanted\n"
			    : "a body of up to 4096 bytes is wanted\n";
}

static void
run(struct site *s, struct visit *v, struct MHD_Connection *c, struct answer *a)
{
	const struct endpoint *e = v->endpoint;
	const char *wrong;
	unsigned code;

	if (!visit_length_is_clear(c)) {
		refuse_unclear(a);
	} else if (e == NULL) {
		answer_text(a, 404, ANSWER_TEXT, "there is nothing here\n");
	} else if (!endpoint_allows(e, v->method)) {
		answer_text(a, 405, ANSWER_TEXT, "not by this method\n");
		answer_header(a, MHD_HTTP_HEADER_ALLOW, e->methods);
	} else if ((wrong = wrong_body(e, visit_announced(c), &code)) != NULL) {
		answer_text(a, code, ANSWER_TEXT, wrong);
	} else {
		e->run(s, v, c, a);
	}
}

static enum MHD_Result
give(struct site *s, struct visit *v, struct MHD_Connection *c)
{
	struct answer a = { .response = NULL };
	enum MHD_Result result;

	visitors_serve(&s->visitors, v->visitor);
	run(s, v, c, &a);
	tally_answer(&s->tally,
	    v->endpoint != NULL ? v->endpoint->name : TALLY_OTHER, a.code);
	visitors_answer(&s->visitors, v->visitor);
	result = answer_send(&a, c);
	return result;
}

/*
 * A body that nobody has use for is not waited for: some proxies announce the
 * one of their client and do not send it.  libmicrohttpd ends the connection
 * after an answer that is given so early.
 */
static enum MHD_Result
begin(struct site *s, struct visit *v, struct MHD_Connection *c,
    const char *method)
{
	size_t body = visit_announced(c);

	v->seen = true;
	v->method = method;
	v->endpoint = endpoint_find(v->path);
	if (body == 0)
		return MHD_YES;
	if (visit_length_is_clear(c) && v->endpoint != NULL &&
	    v->endpoint->takes_body && endpoint_allows(v->endpoint, method) &&
	    body <= VISIT_BODY_MAX)
		return MHD_YES;
	return give(s, v, c);
}

/* Called once for the headers, then for each part of the body, then at the
   end. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct visit *v = *state;

	(void)path;
	(void)version;
	if (v == NULL)
		return MHD_NO;
	if (!v->seen)
		return begin(arg, v, c, method);
	if (*upload_size > 0) {
		if (!visit_add(v, upload, *upload_size))
			return MHD_NO;
		*upload_size = 0;
		return MHD_YES;
	}
	return give(arg, v, c);
}

struct MHD_Daemon *
server_start(struct site *s, const struct listener *l, const struct options *o)
{
	/* Any of the threads may have all of the connections. */
	unsigned connections = (o->connections + MORE) * o->threads;

	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0,
	    NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, l->fd,
	    MHD_OPTION_THREAD_POOL_SIZE, o->threads > 1 ? o->threads : 0,
	    MHD_OPTION_CONNECTION_LIMIT, connections,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_URI_LOG_CALLBACK,
	    on_target, s, MHD_OPTION_NOTIFY_COMPLETED, on_end, s,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
}

void
server_stop(struct MHD_Daemon *d, struct site *s, unsigned ms)
{
	const struct timespec nap = { .tv_nsec = NAP };
	int64_t by = clock_mono_ms() + ms;
	int fd = MHD_quiesce_daemon(d);

	while (visitors_any_asking(&s->visitors) && clock_mono_ms() < by)
		(void)nanosleep(&nap, NULL);
	MHD_stop_daemon(d);
	if (fd != -1)
		close(fd);
}
