/* SPDX-License-Identifier: ISC */
/*
 * set_clock.c - preloaded into a keyd, says that the clock was set.
 *
 * The clock itself is everybody's.  A byte in the FIFO that is named by the
 * environment does what the kernel does with a timer when the clock is set.
 */
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int fifo = -1;

int
timerfd_create(clockid_t clock, int flags)
{
	const char *path = getenv("KEYD_TEST_CLOCK");

	if (clock != CLOCK_REALTIME || path == NULL)
		return (int)syscall(SYS_timerfd_create, clock, flags);
	fifo = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fifo;
}

int
timerfd_settime(int fd, int flags, const struct itimerspec *new,
    struct itimerspec *old)
{
	if (fd != fifo)
		return (int)syscall(SYS_timerfd_settime, fd, flags, new, old);
	return flags == (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ? 0 : -1;
}

ssize_t
read(int fd, void *bytes, size_t len)
{
	char byte;

	if (fd != fifo || fifo == -1)
		return syscall(SYS_read, fd, bytes, len);
	if (syscall(SYS_read, fd, &byte, 1) == 1)
		errno = ECANCELED;
	return -1;
}
