/* SPDX-License-Identifier: ISC */
/*
 * fresh.h - a token that is being made, and what its caller gets of it.
 *
 * It is drawn in the server's process and only its digest leaves; it is wiped
 * unless the key is known to be on disk.
 */
#ifndef KEYD_FRESH_H
#define KEYD_FRESH_H

#include "errand.h"
#include "model.h"

/* May the token and what there is to say be written there?  Makes the token
   "". */
bool fresh_begin(char *token, size_t token_size, const struct keyd_key *key);

/* Runs the errand with a token that has keyd's prefix; digest is that of its
   request. */
enum keyd_status fresh_run(struct errand *e, char *token, uint8_t *digest);

/* Tells of the key, NULL for none, or why not, as much as the caller's header
   has; key may be NULL. */
void fresh_end(enum keyd_status status, char *token, struct keyd_key *key,
    const struct key_info *made, const char *why);

#endif /* KEYD_FRESH_H */
