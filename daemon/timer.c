/* SPDX-License-Identifier: ISC */
#include <sys/timerfd.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "timer.h"

bool
timer_open(struct timer *t)
{
	t->armed = TIMER_NEVER;
	t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return t->fd != -1;
}

void
timer_close(struct timer *t)
{
	if (t->fd != -1)
		close(t->fd);
	t->fd = -1;
}

/* Deadlines mostly move away: waking at the old one is cheaper than telling
   the kernel of each. */
void
timer_set(struct timer *t, int64_t due)
{
	struct itimerspec when = { .it_value = { .tv_nsec = 1 } };

	if (due >= t->armed)
		return;
	if (due > 0) {
		when.it_value.tv_sec = due / 1000;
		when.it_value.tv_nsec = due % 1000 * 1000000 + 1;
	}
	if (timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &when, NULL) == 0)
		t->armed = due;
	else
		log_err("timerfd_settime: %s", strerror(errno));
}

void
timer_clear(struct timer *t)
{
	uint64_t count;

	(void)!read(t->fd, &count, sizeof(count));
	t->armed = TIMER_NEVER;
}
