/* SPDX-License-Identifier: ISC */
/*
 * key.h - keys as keydctl shows them.  There is no secret in any of it.
 */
#ifndef KEYDCTL_KEY_H
#define KEYDCTL_KEY_H

#include <jansson.h>

#include "pages.h"

extern const struct page_kind key_kind;

json_t *key_doc(const struct key_info *k);

/* "live", "revoked" or "expired", now. */
const char *key_state(const struct key_info *k);

/* What a key is made of, for one that is about to be made. */
void key_preview(FILE *f, const struct key_info *k);
/* All that is known of it. */
void key_fields(FILE *f, const struct key_info *k);

#endif /* KEYDCTL_KEY_H */
