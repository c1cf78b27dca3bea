/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "patience.h"

#define SCHEDSTAT "/proc/thread-self/schedstat"
#define COMMITS 8        /* that "of late" is about */
#define MEAN_MAX 2000000 /* ns; 64 clients at once make it half a ms */
#define OUT_MS 1000

/* The second of three numbers. */
static bool
read_waited(int fd, uint64_t *ns)
{
	char text[80], *at = text, *end;
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);

	if (size <= 0)
		return false;
	text[size] = '\0';
	(void)strtoull(text, &at, 10);
	errno = 0;
	*ns = strtoull(at, &end, 10);
	return end != at && errno == 0;
}

bool
patience_open(struct patience *p)
{
	*p = (struct patience){ .fd = open(SCHEDSTAT, O_RDONLY | O_CLOEXEC) };
	if (p->fd != -1 && read_waited(p->fd, &p->waited))
		return true;
	patience_close(p);
	return false;
}

void
patience_close(struct patience *p)
{
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}

void
patience_look(struct patience *p, int64_t now_ms)
{
	uint64_t waited;

	if (p->fd == -1 || !read_waited(p->fd, &waited))
		return;
	patience_count(p, waited - p->waited, now_ms);
	p->waited = waited;
}

void
patience_count(struct patience *p, uint64_t ns, int64_t now_ms)
{
	p->mean += ns / COMMITS;
	p->mean -= p->mean / COMMITS;
	if (p->mean > MEAN_MAX)
		p->out_until = now_ms + OUT_MS;
}

bool
patience_is_out(const struct patience *p, int64_t now_ms)
{
	return now_ms < p->out_until;
}
