/* SPDX-License-Identifier: ISC */
/*
 * issue.h - a new token, from keydctl's randomness to the hands of a person.
 *
 * It is printed once and goes nowhere else: keyd gets its digest.
 */
#ifndef KEYDCTL_ISSUE_H
#define KEYDCTL_ISSUE_H

#include <jansson.h>

#include "keyd.h"
#include "session.h"

/* Connects, and makes a token with keyd's prefix and its digest.  EXIT_DONE,
   or what to exit with after saying why.  The caller wipes token. */
int issue_token(struct session *s, char token[KEYD_TOKEN_SIZE],
    uint8_t digest[DIGEST_SIZE]);

/*
 * Prints the token of the key that now exists: alone, or in the document,
 * which this takes over.  A token that could not be written is said with what
 * to do about its key.
 */
int issue_give(const struct call *call, const char *token, const char *id,
    json_t *doc);

/* A failure to make the key; org: where to look for it when its answer was
   lost. */
int issue_failed(const struct session *s, enum keyd_status status,
    const char *look);

#endif /* KEYDCTL_ISSUE_H */
