/* SPDX-License-Identifier: ISC */
/*
 * example-api - an HTTP server whose routes libkeyd protects.
 *
 * One call, keyd_verify_bearer(), decides about each request: it needs no
 * set-up, keeps its connection to keyd, and never blocks past 250 ms.  The
 * library is loaded when the server starts; a server that links it drops
 * load_keyd() and calls the functions by their names.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <err.h>
#include <fnmatch.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "keyd.h"

static struct {
	__typeof__(keyd_verify_bearer) *verify_bearer;
	__typeof__(keyd_http_challenge) *http_challenge;
	__typeof__(keyd_http_ratelimit) *http_ratelimit;
	__typeof__(keyd_strerror) *strerror;
} keyd;

/* What a path needs.  "*" stands for one segment. */
static const struct route {
	const char *method;
	const char *path;
	const char *permission;
	unsigned status; /* of success */
	const char *body;
} routes[] = {
	{ "GET", "/api/v1/projects", "data:read", 200,
	    "{\"projects\":[{\"projectId\":\"web\"}]}" },
	{ "POST", "/api/v1/projects/*/tests/*/run", "tests:run", 202,
	    "{\"testRunId\":\"run-1\",\"state\":\"queued\"}" },
	{ "GET", "/api/v1/projects/*/test-runs/*", "data:read", 200,
	    "{\"testRunId\":\"run-1\",\"state\":\"passed\"}" },
	{ "GET", "/api/v1/projects/*/test-runs/*/endpoints", "data:read", 200,
	    "{\"endpoints\":[{\"url\":\"/login\",\"passed\":true}]}" },
	{ "GET", "/api/v1/members", "members:manage", 200,
	    "{\"members\":[{\"user\":\"alice\",\"role\":\"editor\"}]}" },
};

static void
load_keyd(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		errx(1, "%s", dlerror());
	*(void **)&keyd.verify_bearer = dlsym(library, "keyd_verify_bearer");
	*(void **)&keyd.http_challenge = dlsym(library, "keyd_http_challenge");
	*(void **)&keyd.http_ratelimit = dlsym(library, "keyd_http_ratelimit");
	*(void **)&keyd.strerror = dlsym(library, "keyd_strerror");
	if (keyd.verify_bearer == NULL || keyd.http_challenge == NULL ||
	    keyd.http_ratelimit == NULL || keyd.strerror == NULL)
		errx(1, "%s is not libkeyd", path);
}

static const struct route *
find_route(const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (fnmatch(routes[i].path, path, FNM_PATHNAME) == 0)
			return &routes[i];
	}
	return NULL;
}

/* What is left of the key's rate limit, with every verdict that tells it. */
static void
add_limit(struct MHD_Response *response, const struct keyd_verdict *verdict)
{
	char limit[KEYD_RATELIMIT_SIZE], policy[KEYD_RATELIMIT_SIZE];

	if (!keyd.http_ratelimit(verdict, limit, sizeof(limit), policy,
		sizeof(policy)))
		return;
	MHD_add_response_header(response, "RateLimit", limit);
	MHD_add_response_header(response, "RateLimit-Policy", policy);
}

/* Answers with JSON and, unless its value is "", one more header. */
static enum MHD_Result
answer(struct MHD_Connection *c, unsigned status, const char *body,
    const char *header, const char *value, const struct keyd_verdict *verdict)
{
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(strlen(body),
		(void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "application/json");
	if (value[0] != '\0')
		MHD_add_response_header(response, header, value);
	add_limit(response, verdict);
	result = MHD_queue_response(c, status, response);
	MHD_destroy_response(response);
	return result;
}

/* Says no as keyd said it. */
static enum MHD_Result
refuse(struct MHD_Connection *c, const struct keyd_verdict *verdict,
    const char *permission)
{
	unsigned status = (unsigned)verdict->http_status;
	char challenge[KEYD_CHALLENGE_SIZE];
	char seconds[16];
	const char *body = "{\"error\":\"try again later\"}";

	if (status == 401)
		body = "{\"error\":\"a valid API key is needed\"}";
	else if (status == 403)
		body = "{\"error\":\"this API key may not do that\"}";
	if (verdict->retry_after > 0) {
		snprintf(seconds, sizeof(seconds), "%u", verdict->retry_after);
		return answer(c, status, body, "Retry-After", seconds, verdict);
	}
	keyd.http_challenge(verdict->status, "example", permission, challenge,
	    sizeof(challenge));
	return answer(c, status, body, "WWW-Authenticate", challenge, verdict);
}

struct authorization {
	const char *value;
	unsigned count;
};

static enum MHD_Result
find_authorization(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct authorization *found = arg;

	(void)kind;
	if (strcasecmp(name, "Authorization") == 0) {
		found->value = value;
		found->count++;
	}
	return MHD_YES;
}

static enum MHD_Result
handle(void *arg, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct keyd_verdict verdict = KEYD_VERDICT_INIT;
	const struct route *route = find_route(path);
	const char *permission = route != NULL ? route->permission : NULL;
	struct authorization authorization = { NULL, 0 };

	(void)arg, (void)version, (void)upload;
	if (*state ==
	    NULL) { /* only the headers are there: wait for the body */
		*state = &keyd;
		return MHD_YES;
	}
	if (*upload_size > 0) { /* no route has use for a body */
		*upload_size = 0;
		return MHD_YES;
	}
	MHD_get_connection_values(c, MHD_HEADER_KIND, find_authorization,
	    &authorization);
	if (authorization.count > 1)
		return answer(c, 400, "{\"error\":\"two keys at once\"}", "",
		    "", NULL);
	if (keyd.verify_bearer(authorization.value, permission, &verdict) !=
	    KEYD_OK) {
		if (verdict.status < 0)
			warnx("%s", keyd.strerror(verdict.status));
		return refuse(c, &verdict, permission);
	}
	if (route == NULL)
		return answer(c, 404, "{\"error\":\"no such path\"}", "", "",
		    &verdict);
	if (strcmp(method, route->method) != 0)
		return answer(c, 405, "{\"error\":\"not by this method\"}",
		    "Allow", route->method, &verdict);
	return answer(c, route->status, route->body, "", "", &verdict);
}

static void
serve(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct MHD_Daemon *server;
	sigset_t stop;
	int signal_number;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
		MHD_USE_ERROR_LOG,
	    0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
	    MHD_OPTION_END);
	if (server == NULL)
		errx(1, "cannot listen on 127.0.0.1, port %u", port);
	printf("http://127.0.0.1:%u\n",
	    MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	sigwait(&stop, &signal_number);
	MHD_stop_daemon(server);
}

int
main(int argc, char **argv)
{
	const char *library = "libkeyd.so.0";
	long port = 8080;
	int option;

	while ((option = getopt(argc, argv, "l:p:")) != -1) {
		if (option == 'l')
			library = optarg;
		else if (option == 'p')
			port = strtol(optarg, NULL, 10);
		else
			errx(2, "usage: example-api [-p port] [-l library]");
	}
	if (port < 0 || port > UINT16_MAX)
		errx(2, "a port is a number from 0 to %d", UINT16_MAX);
	load_keyd(library);
	serve((uint16_t)port);
	return 0;
}
