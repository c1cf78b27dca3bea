/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "posting.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

#define FLAGS (MFD_CLOEXEC | MFD_ALLOW_SEALING)

static int
create(void)
{
	int fd = memfd_create("keyd", FLAGS | MFD_NOEXEC_SEAL);

	if (fd == -1 && errno == EINVAL)
		fd = memfd_create("keyd", FLAGS);
	return fd;
}

/* A child of keyd, were there one, would have no business with it. */
static struct bulletin *
map(int fd)
{
	void *page;

	if (ftruncate(fd, BULLETIN_SIZE) != 0 || fchmod(fd, S_IRUSR) != 0)
		return NULL;
	page = mmap(NULL, BULLETIN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (page == MAP_FAILED)
		return NULL;
	if (madvise(page, BULLETIN_SIZE, MADV_DONTFORK) == 0 &&
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
		    F_SEAL_SEAL) == 0)
		return page;
	munmap(page, BULLETIN_SIZE);
	return NULL;
}

static int
reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool
draw_id(struct bulletin *b)
{
	uint64_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			return false;
	atomic_store(&b->id, id);
	atomic_store(&b->layout, BULLETIN_LAYOUT);
	return true;
}

bool
posting_open(struct posting *p)
{
	int fd = create();
	int saved;

	*p = (struct posting){ .fd = -1 };
	if (fd == -1)
		return false;
	if ((p->page = map(fd)) != NULL && draw_id(p->page))
		p->fd = reopen(fd);
	saved = errno;
	close(fd);
	if (p->fd == -1)
		posting_close(p);
	errno = saved;
	return p->fd != -1;
}

void
posting_close(struct posting *p)
{
	if (p->page != NULL)
		munmap(p->page, BULLETIN_SIZE);
	if (p->fd != -1)
		close(p->fd);
	*p = (struct posting){ .fd = -1 };
}
