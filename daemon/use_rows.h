/* SPDX-License-Identifier: ISC */
/*
 * use_rows.h - a batch of uses of keys as bytes: its number, then a row for
 * each key, by rising serials.
 *
 * The store keeps the number of the last batch that was added to it, so that a
 * view of it tells which it has.
 */
#ifndef KEYD_USE_ROWS_H
#define KEYD_USE_ROWS_H

#include <stdbool.h>

#include "model.h"
#include "store.h"

#define USE_ROWS_HEAD sizeof(uint64_t)
#define USE_ROW (6 * sizeof(uint64_t))

void use_rows_begin(struct wire_writer *w, uint64_t number);
void use_rows_put(struct wire_writer *w, uint64_t serial,
    const struct usage *uses);

uint64_t use_rows_number(struct span rows);

/* r: at the first row, and then at the next.  False after the last. */
struct wire_reader use_rows_reader(struct span rows);
bool use_rows_next(struct wire_reader *r, uint64_t *serial, struct usage *uses);

/* False when there is no row for the key. */
bool use_rows_find(struct span rows, uint64_t serial, struct usage *uses);

/* The number of the last batch in the store; 0 when there is none. */
uint64_t use_rows_last(struct store_txn *t);

/* Adds all rows to what is stored, but those of keys that a restore did away
   with.  A usage that is damaged stays as it is. */
enum store_status use_rows_write(struct store_txn *t, struct span rows);

#endif /* KEYD_USE_ROWS_H */
