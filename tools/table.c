/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <libsmartcols/libsmartcols.h>

#include "out.h"
#include "table.h"

#define BATCH 1000 /* rows */
#define COLUMNS_MAX 16

struct table {
	struct libscols_table *scols;
	FILE *f;
	const char *const *heads;
	int width[COLUMNS_MAX]; /* of the batches so far */
	size_t columns;
	size_t rows;
};

/* A heading that is not printed still holds its column as wide as it is, which
   a hint does not. */
static void
new_column(struct table *t, size_t i)
{
	char *wide = NULL;

	if (t->rows > 0 && asprintf(&wide, "%*s", t->width[i], "-") < 0)
		out_no_memory();
	if (scols_table_new_column(t->scols, wide != NULL ? wide : t->heads[i],
		0, 0) == NULL)
		out_no_memory();
	free(wide);
}

static void
batch_new(struct table *t)
{
	if ((t->scols = scols_new_table()) == NULL)
		out_no_memory();
	/* The cells are escaped here, and may be as wide as they are. */
	scols_table_enable_noencoding(t->scols, 1);
	scols_table_set_stream(t->scols, t->f);
	scols_table_set_termforce(t->scols, SCOLS_TERMFORCE_NEVER);
	scols_table_enable_noheadings(t->scols, t->rows > 0);
	for (size_t i = 0; i < t->columns; i++)
		new_column(t, i);
}

static void
keep_widths(struct table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		t->width[i] = (int)scols_column_get_width(
		    scols_table_get_column(t->scols, i));
}

static void
batch_end(struct table *t)
{
	if (scols_table_get_nlines(t->scols) > 0) {
		scols_print_table(t->scols);
		keep_widths(t);
	}
	scols_unref_table(t->scols);
}

struct table *
table_new(const char *const *heads, FILE *f)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		out_no_memory();
	t->f = f;
	t->heads = heads;
	while (t->columns < COLUMNS_MAX && heads[t->columns] != NULL)
		t->columns++;
	batch_new(t);
	return t;
}

void
table_flush(struct table *t)
{
	batch_end(t);
	batch_new(t);
	fflush(t->f);
}

void
table_row(struct table *t, const char *const *cells)
{
	struct libscols_line *line;
	const char *cell;

	if (scols_table_get_nlines(t->scols) == BATCH)
		table_flush(t);
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
