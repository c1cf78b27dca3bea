/* SPDX-License-Identifier: ISC */
/*
 * staging.h - the import that is under way.
 *
 * Its keys are in the database like all others but are not there for anybody
 * until one number in META says that it is done: so a million of them appear at
 * once, and whatever becomes of a half import, nobody ever sees it.
 */
#ifndef KEYD_STAGING_H
#define KEYD_STAGING_H

#include "record.h"
#include "store.h"

struct staging {
	uint64_t id;    /* of the last import; 0: there never was one */
	bool pending;   /* it is not done yet */
	uint32_t count; /* its keys so far */
	uint64_t first; /* no serial of its keys is less */
	int64_t active; /* Unix time in s of its last request */
};

enum store_status staging_get(struct store_txn *t, struct staging *s);
enum store_status staging_put(struct store_txn *t, const struct staging *s);

/* STORE_NONE when the record is of an import that is not done. */
enum store_status staging_see(struct store_txn *t, const struct record *rec);

/* Removes keys of the pending import, looking at no more than limit records,
   and brings *s up to date, which the caller then puts.  *left: is there more
   to look at? */
enum store_status staging_remove(struct store_txn *t, struct staging *s,
    unsigned limit, bool *left);

#endif /* KEYD_STAGING_H */
