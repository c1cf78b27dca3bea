/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>

#include "leases.h"

struct entry {
	uint64_t id; /* 0: none */
	uint64_t serial;
	int64_t until;
	uid_t uid;
	uint32_t uses;
};

struct leases {
	uint64_t last; /* id that was given; the first is drawn, since a report
			  may be of a lease that an earlier keyd gave */
	struct entry entries[LEASES_MAX];
};

/* Memory that was never touched takes none. */
struct leases *
leases_new(void)
{
	struct leases *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	randombytes_buf(&l->last, sizeof(l->last));
	l->last >>= 1; /* far from 0, which is no id */
	return l;
}

void
leases_free(struct leases *l)
{
	free(l);
}

uint64_t
leases_give(struct leases *l, uint64_t serial, uid_t uid, uint32_t uses,
    int64_t until)
{
	uint64_t id = ++l->last;

	l->entries[id % LEASES_MAX] = (struct entry){ .id = id,
		.serial = serial,
		.until = until,
		.uid = uid,
		.uses = uses };
	return id;
}

bool
leases_take_back(struct leases *l, uint64_t id, uid_t uid, uint32_t used,
    struct leased *what)
{
	struct entry *e = &l->entries[id % LEASES_MAX];

	if (id == 0 || e->id != id || e->uid != uid)
		return false;
	what->serial = e->serial;
	what->used = used < e->uses ? used : e->uses;
	what->until = e->until;
	e->id = 0;
	return true;
}
