/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "client.h"
#include "exchange.h"
#include "token.h"
#include "trust.h"

struct client {
	struct line line;
	bool greeted;
	char prefix[PREFIX_SIZE]; /* to be told with hello; "": none */
	struct reply_welcome welcome;
	const struct bulletin *page;
};

/* A keyd that is restarted under load may end several connections before it
   reads anything; one that always does so must not be kept busy with them.  The
   naps, in ns, are each twice as long as the last. */
#define TRIES_AT_ONCE 3
#define NAP_MIN INT64_C(1000000)
#define NAP_MAX INT64_C(16000000)

static const size_t longest_name = sizeof(CLIENT_VERIFY) - 1;

int64_t
client_deadline(unsigned ms)
{
	return stream_now() + (int64_t)ms * 1000000;
}

enum keyd_status
client_runtime_dir(const char *given, const char **dir)
{
	const char *env = secure_getenv("KEYD_RUNTIME_DIR");
	size_t len;

	if (given == NULL)
		given = env != NULL && *env != '\0' ? env
						    : KEYD_RUNTIME_DIR_DEFAULT;
	*dir = given;
	len = strlen(given);
	if (len == 0 ||
	    len + 1 + longest_name >=
		sizeof(((struct sockaddr_un *)0)->sun_path))
		return KEYD_EINVAL;
	return KEYD_OK;
}

void
client_hello(struct request *req, bool page)
{
	*req = (struct request){ .type = FRAME_HELLO,
		.hello = { .lowest = PROTOCOL_MAJOR,
		    .highest = PROTOCOL_MAJOR,
		    .software = "libkeyd " PACKAGE_VERSION,
		    .page = page } };
}

bool
client_welcome_good(const struct reply_welcome *w)
{
	return w->major == PROTOCOL_MAJOR && token_prefix_ok(w->prefix);
}

static enum keyd_status
check_welcome(struct client *c, char *why)
{
	if (client_welcome_good(&c->welcome) &&
	    (c->prefix[0] == '\0' || strcmp(c->prefix, c->welcome.prefix) == 0))
		return KEYD_OK;
	c->line.broken = true;
	strcpy(why, "keyd's welcome makes no sense");
	return KEYD_EPROTOCOL;
}

static enum keyd_status
hello(struct client *c, bool page, int64_t deadline, char *why)
{
	struct request req;
	struct reply rep;
	enum keyd_status status;
	bool unused;

	client_hello(&req, page);
	c->greeted = true;
	c->line.expects = page;
	status = exchange(&c->line, &req, &rep, deadline, &unused, why);
	c->line.expects = false;
	if (status != KEYD_OK)
		return status;
	c->welcome = rep.welcome;
	return check_welcome(c, why);
}

/* Hello waits for the first request, which need not wait for its answer. */
static enum keyd_status
ask_first(struct client *c, const struct request *req, struct reply *rep,
    int64_t deadline, bool *sent, char *why)
{
	struct reply welcome = { .type = 0 };
	struct request hello;
	struct greeting g = { &hello, &welcome };
	enum keyd_status status;

	client_hello(&hello, false);
	memcpy(hello.hello.prefix, c->prefix, sizeof(c->prefix));
	status = exchange_greeting(&c->line, &g, req, rep, deadline, sent, why);
	c->greeted = *sent || c->line.broken; /* not if req was too large */
	if (welcome.type == (FRAME_HELLO | FRAME_ANSWER))
		c->welcome = welcome.welcome;
	return status == KEYD_OK ? check_welcome(c, why) : status;
}

void
client_last(struct client *c)
{
	c->line.last = true;
}

enum keyd_status
client_ask(struct client *c, const struct request *req, struct reply *rep,
    int64_t deadline, bool *sent, char *why)
{
	int saved = errno;
	char unsaid[MESSAGE_SIZE];
	bool unused;
	enum keyd_status status;

	if (sent == NULL)
		sent = &unused;
	if (why == NULL)
		why = unsaid;
	why[0] = '\0';
	status = c->greeted ? exchange(&c->line, req, rep, deadline, sent, why)
			    : ask_first(c, req, rep, deadline, sent, why);
	errno = saved;
	return status;
}

enum keyd_status
client_address(struct sockaddr_un *to, const char *dir, const char *name,
    char *why)
{
	int n;

	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(to->sun_path, sizeof(to->sun_path), "%s/%s", dir, name);
	if (n > 0 && (size_t)n < sizeof(to->sun_path))
		return KEYD_OK;
	if (why != NULL)
		snprintf(why, MESSAGE_SIZE,
		    "the path of the socket is %d bytes long, and may be %zu: "
		    "%.100s...",
		    n, sizeof(to->sun_path) - 1, dir);
	return KEYD_EINVAL;
}

static enum keyd_status
reach(struct client *c, const struct sockaddr_un *to, const char *dir,
    int64_t deadline, char *why)
{
	uid_t peer;
	int e;

	if (stream_open(&c->line.stream, to, deadline) != 0) {
		e = errno;
		snprintf(why, MESSAGE_SIZE, "cannot connect to %s: %s",
		    to->sun_path,
		    e == ETIMEDOUT ? "no room in time" : exchange_sentence(e));
		return exchange_status(e);
	}
	if (trust_peer(c->line.stream.fd, dir, &peer))
		return KEYD_OK;
	snprintf(why, MESSAGE_SIZE,
	    "%s is served by uid %u, who is not to be trusted as keyd",
	    to->sun_path, (unsigned)peer);
	return KEYD_EUNAVAILABLE;
}

static enum keyd_status
fail(struct client **c, enum keyd_status status)
{
	client_close(*c);
	*c = NULL;
	return status;
}

static enum keyd_status
dial(struct client **c, const char *dir, const char *name, int64_t deadline,
    char *why)
{
	struct sockaddr_un to;
	enum keyd_status status;

	*c = NULL;
	if ((status = client_address(&to, dir, name, why)) != KEYD_OK)
		return status;
	if ((*c = calloc(1, sizeof(**c))) == NULL) {
		strcpy(why, keyd_strerror(KEYD_ENOMEM));
		return KEYD_ENOMEM;
	}
	(*c)->line.stream.fd = -1;
	(*c)->line.passed = -1;
	status = reach(*c, &to, dir, deadline, why);
	return status == KEYD_OK ? status : fail(c, status);
}

bool
client_try_again(unsigned tries, int64_t deadline)
{
	int64_t nap = NAP_MIN;

	if (tries < TRIES_AT_ONCE)
		return stream_now() < deadline;
	while (tries-- > TRIES_AT_ONCE && nap < NAP_MAX)
		nap *= 2;
	if (stream_now() + nap >= deadline)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = nap }, NULL);
	return true;
}

/*
 * A keyd that ends has taken connections that it does not serve any more, and
 * ends them without an answer.  The socket may be the service manager's, and
 * the next keyd's already.
 */
static enum keyd_status
open_client(struct client **c, const char *dir, const char *name,
    int64_t deadline, char *why)
{
	bool page = strcmp(name, CLIENT_VERIFY) == 0;
	enum keyd_status status;

	for (unsigned tries = 1;; tries++) {
		if ((status = dial(c, dir, name, deadline, why)) != KEYD_OK)
			return status;
		status = hello(*c, page, deadline, why);
		if (status == KEYD_OK)
			return status;
		fail(c, status);
		if (status != KEYD_EUNAVAILABLE ||
		    !client_try_again(tries, deadline))
			return status;
	}
}

enum keyd_status
client_open(struct client **c, const char *runtime_dir, const char *socket_name,
    int64_t deadline, char *why)
{
	int saved = errno;
	char unused[MESSAGE_SIZE];
	enum keyd_status status;

	if (why == NULL)
		why = unused;
	why[0] = '\0';
	status = open_client(c, runtime_dir, socket_name, deadline, why);
	errno = saved;
	return status;
}

enum keyd_status
client_dial(struct client **c, const char *runtime_dir, const char *socket_name,
    const char *prefix, int64_t deadline, char *why)
{
	int saved = errno;
	enum keyd_status status;

	why[0] = '\0';
	status = dial(c, runtime_dir, socket_name, deadline, why);
	if (status == KEYD_OK)
		memcpy((*c)->prefix, prefix, sizeof((*c)->prefix));
	errno = saved;
	return status;
}

void
client_close(struct client *c)
{
	int saved = errno;

	if (c == NULL)
		return;
	stream_close(&c->line.stream);
	if (c->line.passed != -1)
		close(c->line.passed);
	sodium_memzero(c, sizeof(*c));
	free(c);
	errno = saved;
}

const struct reply_welcome *
client_welcome(const struct client *c)
{
	return &c->welcome;
}

int
client_take_passed(struct client *c)
{
	int fd = c->line.passed;

	c->line.passed = -1;
	return fd;
}

void
client_set_page(struct client *c, const struct bulletin *page)
{
	c->page = page;
}

const struct bulletin *
client_page(const struct client *c)
{
	return c->page;
}

bool
client_tell(struct client *c, const struct request *req)
{
	int saved = errno;
	bool told = exchange_tell(&c->line, req);

	errno = saved;
	return told;
}

bool
client_usable(const struct client *c)
{
	return !c->line.broken;
}
