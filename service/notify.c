/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"

#define WAIT_S 1 /* for a full queue: READY=1 must not be lost */

/* The address that a path, or a name after '@', stands for. */
static bool
address(const char *name, struct sockaddr_un *sun, socklen_t *len)
{
	size_t n = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || n < 2 ||
	    n >= sizeof(sun->sun_path))
		return false;
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, name, n);
	if (name[0] == '@')
		sun->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return true;
}

/* Opened once and kept: the watchdog must be fed when descriptors run out. */
static int
notify_socket(void)
{
	static int fd = -1;
	struct timeval wait = { .tv_sec = WAIT_S };

	if (fd != -1)
		return fd;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
		    sizeof(wait));
	return fd;
}

static bool
send_to(const struct sockaddr_un *sun, socklen_t len, const char *state)
{
	int fd = notify_socket();

	return fd != -1 &&
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		(const struct sockaddr *)sun, len) != -1;
}

void
notify_send(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun;
	socklen_t len;
	int saved = errno;

	if (name == NULL || name[0] == '\0')
		return;
	if (!address(name, &sun, &len))
		log_warning("NOTIFY_SOCKET is no path or name that fits a "
			    "socket address: systemd is not told \"%s\"",
		    state);
	else if (!send_to(&sun, len, state))
		log_warning("cannot tell systemd \"%s\": %s", state,
		    strerror(errno));
	errno = saved;
}

/* A whole number without sign or anything around it. */
static bool
number(const char *text, int64_t *value)
{
	char *end;
	intmax_t v;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	v = strtoimax(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*value = (int64_t)v;
	return true;
}

int64_t
notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t value;

	if (usec == NULL)
		return 0;
	if (pid != NULL && (!number(pid, &value) || value != getpid()))
		return 0;
	if (!number(usec, &value) || value == 0) {
		log_warning("WATCHDOG_USEC is no number: the watchdog is not "
			    "served");
		return 0;
	}
	return value < 2000 ? 1 : value / 2000;
}
