/* SPDX-License-Identifier: ISC */
/*
 * table.h - rows in columns, with headings.
 *
 * Nothing is ever cut: a row that is too wide for the terminal runs on.  The
 * rows are printed in batches, so that a table of any length takes the memory
 * of one.
 */
#ifndef KEYDCTL_TABLE_H
#define KEYDCTL_TABLE_H

#include <stddef.h>

struct table;

/* heads: up to a NULL; borrowed for good.  Ends the program without memory. */
struct table *table_new(const char *const *heads);

/* As many cells as heads; copied and escaped.  "" is shown as "-". */
void table_row(struct table *t, const char *const *cells);

/* Prints what is left, frees all, and returns how many rows there were. */
size_t table_end(struct table *t);

#endif /* KEYDCTL_TABLE_H */
