/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdlib.h>

#include <libsmartcols/libsmartcols.h>

#include "out.h"
#include "table.h"

#define BATCH 1000 /* rows; they share the widths of their columns */

struct table {
	struct libscols_table *scols;
	const char *const *heads;
	size_t columns;
	size_t rows;
};

static void
batch_new(struct table *t)
{
	if ((t->scols = scols_new_table()) == NULL)
		out_no_memory();
	/* The cells are escaped here, and may be as wide as they are. */
	scols_table_enable_noencoding(t->scols, 1);
	scols_table_set_termforce(t->scols, SCOLS_TERMFORCE_NEVER);
	scols_table_enable_noheadings(t->scols, t->rows > 0);
	for (t->columns = 0; t->heads[t->columns] != NULL; t->columns++) {
		if (scols_table_new_column(t->scols, t->heads[t->columns], 0,
			0) == NULL)
			out_no_memory();
	}
}

static void
batch_end(struct table *t)
{
	if (scols_table_get_nlines(t->scols) > 0)
		scols_print_table(t->scols);
	scols_unref_table(t->scols);
}

struct table *
table_new(const char *const *heads)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		out_no_memory();
	t->heads = heads;
	batch_new(t);
	return t;
}

void
table_row(struct table *t, const char *const *cells)
{
	struct libscols_line *line;
	const char *cell;

	if (t->rows > 0 && t->rows % BATCH == 0) {
		batch_end(t);
		batch_new(t);
	}
	if ((line = scols_table_new_line(t->scols, NULL)) == NULL)
		out_no_memory();
	for (size_t i = 0; i < t->columns; i++) {
		cell = cells[i][0] == '\0' ? "-" : cells[i];
		if (scols_line_refer_data(line, i, out_escaped(cell)) != 0)
			out_no_memory();
	}
	t->rows++;
}

size_t
table_end(struct table *t)
{
	size_t rows = t->rows;

	batch_end(t);
	free(t);
	return rows;
}
