/* SPDX-License-Identifier: ISC */
/*
 * page.h - answers of many rows: what is written and read of them, a page in a
 * frame.
 */
#ifndef KEYD_PAGE_H
#define KEYD_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "model.h"

/*
 * Answers the lists, REVOKE, STATUS, COUNTS and AUDIT: rows, and where the next
 * page begins.  Read the rows one by one with org_get, member_get, view_get,
 * revoked_get, fact_get or event_get on wire_reader(rows.ptr, rows.len), count
 * times.  The cursor of AUDIT is never empty but the u64 seq of the last entry
 * looked at, for the next request's after; equal to this one's: no more.
 */
struct reply_page {
	uint16_t count;
	struct span rows;
	struct span cursor; /* empty: this was the last page */
};

/* A row of the answer to REVOKE. */
struct revoked_row {
	char id[KEY_ID_SIZE];
	bool already; /* revoked by an earlier request */
	int64_t revoked;
};

/* A step of the answer to EXPLAIN. */
enum step_result { STEP_PASSED = 0, STEP_FAILED = 1, STEP_NOT_REACHED = 2 };

struct step_row {
	char name[32];
	uint8_t result; /* enum step_result */
	char text[MESSAGE_SIZE];
};

/* A row of the answer to STATUS and COUNTS: number or text. */
struct fact_row {
	char name[32];
	bool is_text;
	uint64_t number;
	char text[MESSAGE_SIZE];
};

void page_get(struct wire_reader *r, struct reply_page *a);

/* A page under way: begin, its rows, end. */
struct page_writer {
	struct wire_writer *w;
	size_t start; /* of the frame */
	size_t limit; /* a row may not end past this byte of w */
	uint16_t count;
	size_t row; /* where the row under way began */
};

void page_begin(struct page_writer *p, struct wire_writer *w, uint8_t type,
    uint32_t id);
/* Call before and after the puts of each row; false: it did not fit and was
   taken back, so end the page with a cursor to this row. */
void page_row_begin(struct page_writer *p);
bool page_row_end(struct page_writer *p) __attribute__((warn_unused_result));
void page_end(struct page_writer *p, struct span cursor);

void revoked_put(struct wire_writer *w, const struct revoked_row *row);
void revoked_get(struct wire_reader *r, struct revoked_row *row);
void step_put(struct wire_writer *w, const struct step_row *row);
void step_get(struct wire_reader *r, struct step_row *row);
void fact_put(struct wire_writer *w, const struct fact_row *row);
void fact_get(struct wire_reader *r, struct fact_row *row);

#endif /* KEYD_PAGE_H */
