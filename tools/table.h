/* SPDX-License-Identifier: ISC */
/*
 * table.h - rows in columns, with headings.
 *
 * Nothing is ever cut: a row that is too wide for the terminal runs on.  The
 * rows are printed in batches, so that a table of any length takes the memory
 * of one; a column never becomes narrower than it was.
 */
#ifndef KEYDCTL_TABLE_H
#define KEYDCTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct table;

/* On f.  heads: up to a NULL; borrowed for good.  Ends the program without
   memory. */
struct table *table_new(const char *const *heads, FILE *f);

/* As many cells as heads; copied and escaped.  "" is shown as "-". */
void table_row(struct table *t, const char *const *cells);

/* Prints the rows that there are. */
void table_flush(struct table *t);

/* Prints what is left, frees all, and returns how many rows there were. */
size_t table_end(struct table *t);

#endif /* KEYDCTL_TABLE_H */
