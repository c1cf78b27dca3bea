/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "facts.h"

static void
put(struct page_writer *p, const struct fact_row *row)
{
	page_row_begin(p);
	fact_put(p->w, row);
	if (!page_row_end(p))
		p->w->bad = true;
}

void
facts_number(struct page_writer *p, const char *name, uint64_t number)
{
	struct fact_row row = { .number = number };

	strlcpy(row.name, name, sizeof(row.name));
	put(p, &row);
}

void
facts_text(struct page_writer *p, const char *name, const char *text)
{
	struct fact_row row = { .is_text = true };

	strlcpy(row.name, name, sizeof(row.name));
	strlcpy(row.text, text, sizeof(row.text));
	put(p, &row);
}
