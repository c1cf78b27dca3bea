/* SPDX-License-Identifier: ISC */
/*
 * bearer.h - the token in the value of an Authorization header.
 *
 * RFC 6750, section 2.1, with the scheme in any case (RFC 9110, section 11.1)
 * and white space around the value.  Nothing is copied.
 */
#ifndef KEYD_BEARER_H
#define KEYD_BEARER_H

#include "keyd.h"
#include "wire.h"

/*
 * KEYD_OK: *token lies in the value.  KEYD_MISSING: NULL, another scheme or no
 * token.  KEYD_MALFORMED: something follows the token.
 */
enum keyd_status bearer_parse(const char *value, struct span *token);

#endif /* KEYD_BEARER_H */
