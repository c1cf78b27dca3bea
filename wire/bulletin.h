/* SPDX-License-Identifier: ISC */
/*
 * bulletin.h - the page of memory on which keyd tells all its clients, without
 * being asked, whether what they know still holds.
 *
 * keyd alone writes it; a client maps it read-only.  It is one page for each
 * life of keyd, under an id of its own.  Every word is read and written by one
 * aligned atomic operation, and by no function of a library.
 */
#ifndef KEYD_BULLETIN_H
#define KEYD_BULLETIN_H

#include <linux/futex.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BULLETIN_SIZE 4096                           /* bytes */
#define BULLETIN_LAYOUT UINT64_C(0x6b65796462303031) /* "keydb001" */
#define BULLETIN_COUNTERS 504

/*
 * alive is a robust futex: the id of a thread of keyd, which the kernel takes
 * out when that thread ends, however it ends.  A counter is odd while a change
 * of something that it stands for is under way, and another even number when
 * that is over.
 */
struct bulletin {
	_Atomic uint64_t layout;
	_Atomic uint64_t id; /* random; not 0 */
	_Atomic uint32_t alive;
	_Atomic uint32_t reserved;
	_Atomic uint64_t policy; /* the counter of keyd.conf */
	uint64_t unused[4];
	_Atomic uint64_t counters[BULLETIN_COUNTERS]; /* of keys and of orgs */
};

_Static_assert(sizeof(struct bulletin) == BULLETIN_SIZE, "one page");

/* What a verdict rests on: it holds as long as this is what the page says. */
struct stamp {
	uint64_t page;   /* id of the bulletin */
	uint16_t key_at; /* which counters: under BULLETIN_COUNTERS */
	uint16_t org_at;
	uint64_t key; /* and the values that they had */
	uint64_t org;
	uint64_t policy;
};

static inline bool
bulletin_is_alive(const struct bulletin *b)
{
	uint32_t word = atomic_load_explicit(&b->alive, memory_order_acquire);

	return (word & FUTEX_TID_MASK) != 0 && (word & FUTEX_OWNER_DIED) == 0;
}

#endif /* KEYD_BULLETIN_H */
