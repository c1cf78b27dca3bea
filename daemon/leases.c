/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>

#include "leases.h"

struct entry {
	uint64_t id; /* 0: none */
	uint64_t serial;
	int64_t until;
	int64_t end_ns;
	uid_t uid;
	uint32_t uses;
	bool open; /* neither over nor reported */
};

struct leases {
	uint64_t last; /* id that was given; the first is drawn, since a report
			  may be of a lease that an earlier keyd gave */
	uint64_t over; /* this one and those before it are over, or reported */
	struct entry entries[LEASES_MAX];
};

static struct entry *
entry_of(struct leases *l, uint64_t id)
{
	return &l->entries[id % LEASES_MAX];
}

/* Memory that was never touched takes none. */
struct leases *
leases_new(void)
{
	struct leases *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	randombytes_buf(&l->last, sizeof(l->last));
	l->last >>= 1; /* far from 0, which is no id */
	l->over = l->last;
	return l;
}

void
leases_free(struct leases *l)
{
	free(l);
}

bool
leases_have_room(const struct leases *l)
{
	return l->last - l->over < LEASES_MAX;
}

uint64_t
leases_give(struct leases *l, uint64_t serial, uid_t uid, uint32_t uses,
    int64_t until, int64_t end_ns)
{
	uint64_t id = ++l->last;

	*entry_of(l, id) = (struct entry){ .id = id,
		.serial = serial,
		.until = until,
		.end_ns = end_ns,
		.uid = uid,
		.uses = uses,
		.open = true };
	return id;
}

bool
leases_take_back(struct leases *l, uint64_t id, uid_t uid, uint32_t used,
    struct leased *what)
{
	struct entry *e = entry_of(l, id);

	if (id == 0 || e->id != id || e->uid != uid)
		return false;
	what->serial = e->serial;
	what->used = used < e->uses ? used : e->uses;
	what->until = e->until;
	what->open = e->open ? e->uses : 0;
	e->id = 0;
	e->open = false;
	return true;
}

uint64_t
leases_next_over(struct leases *l, int64_t now_ns, uint32_t *uses,
    int64_t *end_ns)
{
	while (l->over != l->last) {
		struct entry *e = entry_of(l, l->over + 1);

		if (e->open && e->end_ns > now_ns)
			break;
		l->over++;
		if (!e->open)
			continue;
		e->open = false;
		*uses = e->uses;
		*end_ns = e->end_ns;
		return e->serial;
	}
	return 0;
}
