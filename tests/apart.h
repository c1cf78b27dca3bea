/* SPDX-License-Identifier: ISC */
/* apart.h - generations for tests that ask which counter a change is of. */
#ifndef KEYD_TESTS_APART_H
#define KEYD_TESTS_APART_H

#include <check.h>

#include "generations.h"

#define SERIALS_APART 100 /* whose counters are not the organization's */

/* Where an organization's counter is, is drawn anew each time; one that is a
   key's as well voids more than a change is of. */
static inline struct generations *
generations_apart(struct bulletin *page, const char *slug)
{
	for (;;) {
		struct generations *g = generations_new(page);
		struct stamp s;

		ck_assert_ptr_nonnull(g);
		ck_assert(
		    generations_stamp(g, generations_mark(g), 1, slug, &s));
		if (s.org_at > SERIALS_APART)
			return g;
		generations_free(g);
	}
}

#endif /* KEYD_TESTS_APART_H */
