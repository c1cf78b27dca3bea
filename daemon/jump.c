/* SPDX-License-Identifier: ISC */
#include <sys/timerfd.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "jump.h"
#include "log.h"

#define NEVER 9000000000 /* Unix time in s: the year 2255 */

/* It was armed also when the clock is set at this very moment. */
static bool
arm(int fd)
{
	const struct itimerspec never = { .it_value = { .tv_sec = NEVER } };

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		   &never, NULL) == 0 ||
	    errno == ECANCELED;
}

bool
jump_open(struct jump *j)
{
	j->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (j->fd == -1)
		return false;
	if (arm(j->fd))
		return true;
	jump_close(j);
	return false;
}

void
jump_close(struct jump *j)
{
	int saved = errno;

	if (j->fd != -1)
		close(j->fd);
	j->fd = -1;
	errno = saved;
}

bool
jump_happened(struct jump *j)
{
	uint64_t count;

	if (read(j->fd, &count, sizeof(count)) != -1 || errno != ECANCELED)
		return false;
	if (!arm(j->fd))
		log_err("timerfd_settime: %s", strerror(errno));
	return true;
}
