/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "passed.h"

#define FIRST 3       /* SD_LISTEN_FDS_START */
#define NAMES_MAX 256 /* bytes of $LISTEN_FDNAMES; ours are 12 */

static bool
variable_is(const char *variable, long want)
{
	const char *is = getenv(variable);
	char text[24];

	(void)snprintf(text, sizeof(text), "%ld", want);
	return is != NULL && strcmp(is, text) == 0;
}

static bool
option_is(int fd, int option, int want)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 &&
	    value == want;
}

static bool
is_usable(int fd)
{
	return option_is(fd, SO_DOMAIN, AF_UNIX) &&
	    option_is(fd, SO_TYPE, SOCK_STREAM) &&
	    option_is(fd, SO_ACCEPTCONN, 1);
}

/* Close-on-exec and non-blocking. */
static bool
set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool
stat_bound(int fd, struct sockaddr_un *sun, struct stat *st)
{
	socklen_t len = sizeof(*sun) - 1; /* so that a NUL is left */

	memset(sun, 0, sizeof(*sun));
	return getsockname(fd, (struct sockaddr *)sun, &len) == 0 &&
	    sun->sun_path[0] != '\0' && stat(sun->sun_path, st) == 0;
}

bool
passed_stat(int fd, struct stat *st)
{
	struct sockaddr_un sun;

	return stat_bound(fd, &sun, st);
}

static void
compare_mode(int fd, const struct passed *p)
{
	struct sockaddr_un sun;
	struct stat st;

	if (stat_bound(fd, &sun, &st) && (st.st_mode & 07777) != p->mode)
		log_notice("%s: systemd made it with the mode %04o where keyd "
			   "would set %04o: see SocketMode= in keyd.socket",
		    sun.sun_path, (unsigned)st.st_mode & 07777,
		    (unsigned)p->mode);
}

/* NULL, or what is wrong with the descriptor. */
static const char *
take_one(struct passed *p, int fd)
{
	if (p->fd != -1)
		return "passed twice: name each socket once";
	if (!is_usable(fd))
		return "not a listening Unix stream socket: use ListenStream= "
		       "with a path";
	if (!set_flags(fd))
		return strerror(errno);
	compare_mode(fd, p);
	p->fd = fd;
	return NULL;
}

static const char *
take_named(struct passed *want, int count, const char *name, int fd)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(want[i].name, name) == 0)
			return take_one(&want[i], fd);
	}
	return "not a name that keyd knows: set FileDescriptorName= to verify "
	       "or admin";
}

static bool
take_all(struct passed *want, int count, char *names, char *why,
    size_t why_size)
{
	const char *wrong;
	const char *name;
	char *rest = names;

	for (int i = 0; i < count; i++) {
		if ((name = strsep(&rest, ":")) == NULL)
			name = "";
		wrong = take_named(want, count, name, FIRST + i);
		if (wrong == NULL)
			continue;
		(void)snprintf(why, why_size, "keyd.socket: \"%s\": %s", name,
		    wrong);
		return false;
	}
	return true;
}

enum passed_state
passed_take(struct passed *want, int count, char *why, size_t why_size)
{
	const char *number = getenv("LISTEN_FDS");
	const char *list = getenv("LISTEN_FDNAMES");
	bool is_ours = variable_is("LISTEN_PID", (long)getpid()) &&
	    number != NULL && strcmp(number, "0") != 0;
	bool is_right = variable_is("LISTEN_FDS", count);
	char names[NAMES_MAX];

	(void)snprintf(names, sizeof(names), "%s", list != NULL ? list : "");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	if (!is_ours)
		return PASSED_NONE;
	if (is_right)
		return take_all(want, count, names, why, why_size)
		    ? PASSED_ALL
		    : PASSED_WRONG;
	(void)snprintf(why, why_size,
	    "keyd.socket: not %d sockets: keyd needs "
	    "one named verify and one named admin",
	    count);
	return PASSED_WRONG;
}
