/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "schedstat.h"

#define NUMBERS 3 /* the last: how often it ran; 0 where nothing is counted */

bool
schedstat_read(int fd, struct schedstat *s)
{
	char text[80], *at = text, *end;
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t n[NUMBERS];

	if (size <= 0)
		return false;
	text[size] = '\0';
	for (int i = 0; i < NUMBERS; i++, at = end) {
		n[i] = strtoull(at, &end, 10);
		if (end == at)
			return false;
	}
	*s = (struct schedstat){ .ran = n[0], .waited = n[1] };
	return n[2] != 0;
}

int
schedstat_open(void)
{
	int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	struct schedstat s;

	if (fd == -1 || schedstat_read(fd, &s))
		return fd;
	close(fd);
	return -1;
}
