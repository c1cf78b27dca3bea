/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

static int64_t
read_ns(clockid_t id)
{
	struct timespec ts = { 0, 0 };

	/* Cannot fail: both clocks are always there and ts is ours. */
	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + (int64_t)ts.tv_nsec;
}

int64_t
clock_unix(void)
{
	return read_ns(CLOCK_REALTIME) / NS_PER_S;
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_ns() / NS_PER_MS;
}

int64_t
clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t
clock_boot_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

void
clock_boot_id(char id[CLOCK_BOOT_SIZE])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd != -1 ? read(fd, id, CLOCK_BOOT_SIZE - 1) : -1;

	if (fd != -1)
		close(fd);
	id[n > 0 ? n : 0] = '\0';
	id[strcspn(id, "\n")] = '\0';
}
