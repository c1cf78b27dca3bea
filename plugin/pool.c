/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/random.h>

#include <stddef.h>
#include <time.h>

#include "pool.h"

/*
 * The kernel zeroes the page of the state in a child, so a fork at any moment,
 * even while a thread settles, leaves the child with STATE_NEW.  A process id
 * would not do: in a new pid namespace parent and child can both be 1.
 */
enum { STATE_NEW = 0, STATE_SETTLING, STATE_READY };

/*
 * A slot is 0, or a connection, with this bit while it is lent: a child finds
 * and closes what its parent's threads were using, too.
 */
#define LENT ((uintptr_t)1)

#define NAP 50000 /* ns between looks at another thread that settles */

static struct client *
pointer(uintptr_t slot)
{
	return (struct client *)(slot & ~LENT);
}

static void
drop_all(struct pool *p)
{
	for (unsigned i = 0; i < POOL_SLOTS; i++)
		client_close(pointer(atomic_exchange(&p->slots[i], 0)));
}

bool
pool_init(struct pool *p)
{
	void *page = mmap(NULL, sizeof(*p->life), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return false;
	if (madvise(page, sizeof(*p->life), MADV_WIPEONFORK) != 0) {
		munmap(page, sizeof(*p->life));
		return false;
	}
	p->life = page;
	for (unsigned i = 0; i < POOL_SLOTS; i++)
		atomic_init(&p->slots[i], 0);
	return true;
}

void
pool_free(struct pool *p)
{
	drop_all(p);
	bulletins_free(&p->bulletins);
	munmap(p->life, sizeof(*p->life));
}

/* The first call of a process, perhaps a child: one thread clears the slots. */
static enum keyd_status
settle(struct pool *p, int64_t deadline)
{
	const struct timespec nap = { .tv_nsec = NAP };
	unsigned seen = atomic_load(&p->life->state);

	if (seen == STATE_READY)
		return KEYD_OK;
	seen = STATE_NEW;
	while (!atomic_compare_exchange_strong(&p->life->state, &seen,
	    STATE_SETTLING)) {
		if (seen == STATE_READY)
			return KEYD_OK;
		if (client_deadline(0) >= deadline)
			return KEYD_ETIMEOUT;
		nanosleep(&nap, NULL);
		seen = STATE_NEW;
	}
	drop_all(p);
	atomic_store(&p->life->state, STATE_READY);
	return KEYD_OK;
}

uint64_t
pool_number(struct pool *p)
{
	uint64_t number = atomic_load(&p->life->number), drawn = 0;

	if (number != 0)
		return number;
	if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
		return 0;
	(void)atomic_compare_exchange_strong(&p->life->number, &number, drawn);
	return number != 0 ? number : drawn;
}

static bool
take_idle(struct pool *p, struct loan *l)
{
	for (unsigned i = 0; i < POOL_SLOTS; i++) {
		uintptr_t slot = atomic_load(&p->slots[i]);

		if (slot == 0 || (slot & LENT) != 0)
			continue;
		if (atomic_compare_exchange_strong(&p->slots[i], &slot,
			slot | LENT)) {
			*l = (struct loan){ pointer(slot), i, true };
			return true;
		}
	}
	return false;
}

static unsigned
place(struct pool *p, struct client *c)
{
	for (unsigned i = 0; i < POOL_SLOTS; i++) {
		uintptr_t none = 0;

		if (atomic_compare_exchange_strong(&p->slots[i], &none,
			(uintptr_t)c | LENT))
			return i;
	}
	return POOL_SLOTS;
}

bool
pool_take_idle(struct pool *p, struct loan *l)
{
	*l = (struct loan){ .slot = POOL_SLOTS };
	return atomic_load(&p->life->state) == STATE_READY && take_idle(p, l);
}

enum keyd_status
pool_open(struct pool *p, const char *runtime_dir, int64_t deadline,
    struct loan *l)
{
	enum keyd_status status;

	*l = (struct loan){ .slot = POOL_SLOTS };
	if ((status = settle(p, deadline)) != KEYD_OK)
		return status;
	status =
	    client_open(&l->client, runtime_dir, CLIENT_VERIFY, deadline, NULL);
	if (status != KEYD_OK)
		return status;
	client_set_page(l->client,
	    bulletins_take(&p->bulletins, client_take_passed(l->client)));
	l->slot = place(p, l->client);
	return KEYD_OK;
}

enum keyd_status
pool_take(struct pool *p, const char *runtime_dir, int64_t deadline,
    struct loan *l)
{
	enum keyd_status status;

	*l = (struct loan){ .slot = POOL_SLOTS };
	if ((status = settle(p, deadline)) != KEYD_OK)
		return status;
	if (take_idle(p, l))
		return KEYD_OK;
	return pool_open(p, runtime_dir, deadline, l);
}

void
pool_return(struct pool *p, struct loan *l)
{
	/* A handler of the host may have forked in the middle of the call. */
	bool keep = l->client != NULL && client_usable(l->client) &&
	    atomic_load(&p->life->state) == STATE_READY;

	if (l->slot < POOL_SLOTS)
		atomic_store(&p->slots[l->slot],
		    keep ? (uintptr_t)l->client : 0);
	if (l->slot == POOL_SLOTS || !keep)
		client_close(l->client);
	*l = (struct loan){ .slot = POOL_SLOTS };
}
