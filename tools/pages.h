/* SPDX-License-Identifier: ISC */
/*
 * pages.h - lists of keyd, page by page to their end, as a table or as JSON.
 *
 * One page is in memory at a time.  A page that does not decode whole ends the
 * list with an error, never silently.
 */
#ifndef KEYDCTL_PAGES_H
#define KEYDCTL_PAGES_H

#include <jansson.h>

#include "session.h"
#include "table.h"

/* Rows on their way out. */
struct pages {
	bool json;
	struct table *table; /* when not json */
	size_t rows;
};

/* Rows of one kind. */
struct page_kind {
	const char *name;         /* of the list in JSON; also for people */
	const char *const *heads; /* of the table */
	/* Reads one row and shows it, unless the reader is then bad. */
	void (*row)(struct wire_reader *r, struct pages *p);
};

/*
 * Asks for all pages and prints them.  head: goes before the list in the
 * document (NULL: nothing).  none: a note for people when there is no row.
 */
int pages_print(struct session *s, const struct page_kind *kind,
    struct request *req, json_t *head, const char *none);

/* All pages as a table on f, even with --json, for a person who is asked; and
   how many rows they have. */
int pages_preview(struct session *s, const struct page_kind *kind,
    struct request *req, FILE *f, size_t *rows);

/* The same for one page that is there. */
int pages_print_one(struct session *s, const struct page_kind *kind,
    const struct reply_page *page, json_t *head);

#endif /* KEYDCTL_PAGES_H */
