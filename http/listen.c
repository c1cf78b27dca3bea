/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "listen.h"

#define FIRST 3 /* SD_LISTEN_FDS_START */
#define BACKLOG 1024

static bool
fail(char *why, size_t size, const char *what, const char *reason)
{
	(void)snprintf(why, size, "%s: %s", what, reason);
	return false;
}

/* ---- from systemd ---- */

static bool
option_is(int fd, int option, int want)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 &&
	    value == want;
}

/* How many sockets were passed to this process.  Nobody takes them twice. */
static long
passed(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	long n = 0;

	if (pid != NULL && count != NULL &&
	    strtol(pid, NULL, 10) == (long)getpid())
		n = strtol(count, NULL, 10);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return n;
}

static bool
take(struct listener *l, long count, const struct options *o, char *why,
    size_t size)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	int flags = fcntl(FIRST, F_GETFL);

	memset(&at, 0, sizeof(at));
	if (count != 1)
		return fail(why, size, "keyd-http.socket",
		    "one socket is wanted, not more");
	if (o->placed)
		return fail(why, size, "keyd-http.socket",
		    "there is a socket from systemd: call without -l and -s");
	if (!option_is(FIRST, SO_TYPE, SOCK_STREAM) ||
	    !option_is(FIRST, SO_ACCEPTCONN, 1) ||
	    getsockname(FIRST, (struct sockaddr *)&at, &len) != 0)
		return fail(why, size, "keyd-http.socket",
		    "not a listening stream socket: use ListenStream=");
	if (!address_is_local((struct sockaddr *)&at))
		return fail(why, size, "keyd-http.socket",
		    "neither a Unix socket nor a loopback address");
	if (flags == -1 || fcntl(FIRST, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(FIRST, F_SETFD, FD_CLOEXEC) != 0)
		return fail(why, size, "keyd-http.socket", strerror(errno));
	l->fd = FIRST;
	l->is_unix = at.ss_family == AF_UNIX;
	address_print((struct sockaddr *)&at, len, l->name, sizeof(l->name));
	return true;
}

/* ---- made here ---- */

/* Does nobody listen there any more? */
static bool
is_dead(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool dead;

	if (fd == -1)
		return false;
	dead = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) != 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	return dead;
}

/* A socket that its maker left behind makes way; nothing else does. */
static bool
clear(const struct sockaddr_un *sun)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) != 0)
		return errno == ENOENT;
	errno = EADDRINUSE;
	return S_ISSOCK(st.st_mode) && st.st_uid == geteuid() && is_dead(sun) &&
	    unlink(sun->sun_path) == 0;
}

/* The mode is right from the first moment on. */
static bool
bind_path(int fd, const struct sockaddr_un *sun, mode_t mode)
{
	mode_t before = umask(~mode & 0777);
	bool bound = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0;

	(void)umask(before);
	return bound;
}

static bool
open_path(struct listener *l, const struct options *o, char *why, size_t size)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (o->path[0] != '/' || strlen(o->path) >= sizeof(sun.sun_path))
		return fail(why, size, o->path,
		    "not an absolute path of up to 107 bytes");
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", o->path);
	l->is_unix = true;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd == -1 || !clear(&sun) || !bind_path(l->fd, &sun, o->mode))
		return fail(why, size, o->path, strerror(errno));
	l->made = o->path;
	address_print((struct sockaddr *)&sun, sizeof(sun), l->name,
	    sizeof(l->name));
	return true;
}

static bool
open_address(struct listener *l, const struct options *o, char *why,
    size_t size)
{
	struct sockaddr_storage at;
	socklen_t len;
	int on = 1;

	if (!address_parse(o->address, &at, &len) ||
	    !address_is_local((struct sockaddr *)&at))
		return fail(why, size, o->address,
		    "not a loopback address with a port, such as "
		    "127.0.0.1:8180 or [::1]:8180");
	l->fd =
	    socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd == -1 ||
	    setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(l->fd, (struct sockaddr *)&at, len) != 0 ||
	    getsockname(l->fd, (struct sockaddr *)&at, &len) != 0)
		return fail(why, size, o->address, strerror(errno));
	address_print((struct sockaddr *)&at, len, l->name, sizeof(l->name));
	return true;
}

bool
listen_open(struct listener *l, const struct options *o, char *why, size_t size)
{
	long count = passed();
	bool good;

	*l = (struct listener){ .fd = -1 };
	if (count > 0)
		return take(l, count, o, why, size);
	good = o->path != NULL ? open_path(l, o, why, size)
			       : open_address(l, o, why, size);
	if (good && listen(l->fd, BACKLOG) != 0)
		good = fail(why, size, l->name, strerror(errno));
	if (!good)
		listen_close(l);
	return good;
}

void
listen_close(struct listener *l)
{
	if (l->fd != -1)
		close(l->fd);
	if (l->made != NULL)
		(void)unlink(l->made);
	*l = (struct listener){ .fd = -1 };
}
