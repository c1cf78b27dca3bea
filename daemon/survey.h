/* SPDX-License-Identifier: ISC */
/*
 * survey.h - what a restore would do to what there is.
 *
 * A key is known by its id.  One that is revoked, or has expired, and would be
 * live afterwards comes back, which is what a restore must not do unasked.
 */
#ifndef KEYD_SURVEY_H
#define KEYD_SURVEY_H

#include "archive.h"
#include "record.h"
#include "store.h"

struct survey {
	bool empty;       /* there is nothing to be lost */
	bool follows;     /* the log has the last entry that the backup knows */
	uint64_t present; /* keys */
	uint64_t changes; /* that were made since, by the log, or of all time */
};

enum store_status survey_begin(struct survey *s, struct store_txn *t,
    const struct archive_head *head);

/* Must the one who restores be told, whatever the keys are? */
bool survey_needs_force(const struct survey *s);

/*
 * Goes through rows of the table of keys: *known grows by the keys that there
 * are now, and each gets those that come back, until it returns false.
 * STORE_DAMAGED: a row is no key.
 */
typedef bool survey_each(void *arg, const struct record *rec);
enum store_status survey_keys(struct store_txn *t, struct wire_reader *rows,
    int64_t now, uint64_t *known, survey_each *each, void *arg);

#endif /* KEYD_SURVEY_H */
