/* SPDX-License-Identifier: ISC */
/*
 * key.h - keys as keydctl shows them.  There is no secret in any of it.
 */
#ifndef KEYDCTL_KEY_H
#define KEYDCTL_KEY_H

#include <jansson.h>

#include "pages.h"

/* Rows of FRAME_LIST; as JSON they are all the same. */
extern const struct page_kind key_kind;
extern const struct page_kind key_due_kind; /* with the days left or over */
extern const struct page_kind key_all_kind; /* with who tries dead ones */

/* What it is; with its use. */
json_t *key_doc(const struct key_info *k);
json_t *key_view_doc(const struct key_view *v);

/* "live", "revoked" or "expired", now. */
const char *key_state(const struct key_info *k);

/* What a key is made of, for one that is about to be made. */
void key_preview(FILE *f, const struct key_info *k);
/* All that is known of it.  old: the key that it took the place of, NULL for
   none. */
void key_fields(FILE *f, const struct key_view *v, const struct key_view *old);

#endif /* KEYDCTL_KEY_H */
