/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "bulletins.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

#define SEALS (F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* Nobody can take the memory away again, or write it but its maker. */
static bool
is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	return seals != -1 && (seals & SEALS) == SEALS && fstat(fd, &st) == 0 &&
	    st.st_size == BULLETIN_SIZE;
}

static void
unmap(const struct bulletin *page)
{
	(void)munmap((void *)page, BULLETIN_SIZE);
}

static const struct bulletin *
map(int fd)
{
	const struct bulletin *page;

	if (!is_sealed(fd))
		return NULL;
	page = mmap(NULL, BULLETIN_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return NULL;
	if (atomic_load(&page->layout) == BULLETIN_LAYOUT &&
	    atomic_load(&page->id) != 0)
		return page;
	unmap(page);
	return NULL;
}

static const struct bulletin *
find(const struct bulletins *b, uint64_t id)
{
	for (struct sheet *s = atomic_load(&b->newest); s != NULL; s = s->older)
		if (atomic_load(&s->page->id) == id)
			return s->page;
	return NULL;
}

/* Two threads may add the same page, which does no harm. */
static const struct bulletin *
add(struct bulletins *b, const struct bulletin *page)
{
	struct sheet *s = NULL;

	if (atomic_load(&b->count) < BULLETINS_MAX)
		s = calloc(1, sizeof(*s));
	if (s == NULL) {
		unmap(page);
		return NULL;
	}
	s->page = page;
	s->older = atomic_load(&b->newest);
	while (!atomic_compare_exchange_weak(&b->newest, &s->older, s))
		;
	atomic_fetch_add(&b->count, 1);
	return page;
}

const struct bulletin *
bulletins_take(struct bulletins *b, int fd)
{
	const struct bulletin *page = fd != -1 ? map(fd) : NULL;
	const struct bulletin *known;

	if (fd != -1)
		close(fd);
	if (page == NULL)
		return NULL;
	known = find(b, atomic_load(&page->id));
	if (known == NULL)
		return add(b, page);
	unmap(page);
	return known;
}

void
bulletins_free(struct bulletins *b)
{
	struct sheet *s = atomic_exchange(&b->newest, NULL);

	while (s != NULL) {
		struct sheet *older = s->older;

		unmap(s->page);
		free(s);
		s = older;
	}
}
