/* SPDX-License-Identifier: ISC */
/*
 * given.h - the token that a person gives to verify or to revoke.
 *
 * It is read from standard input, becomes a digest, and is wiped; the digest
 * is made only if this keyd could know the token.
 */
#ifndef KEYDCTL_GIVEN_H
#define KEYDCTL_GIVEN_H

#include "session.h"

/*
 * Reads the token and connects.  *status: KEYD_OK and the digest, KEYD_MISSING
 * for no bytes, KEYD_MALFORMED for what is no token of this keyd; else a
 * failure, which has been said, and what to exit with is returned.
 */
int given_digest(struct session *s, uint8_t digest[DIGEST_SIZE],
    enum keyd_status *status);

#endif /* KEYDCTL_GIVEN_H */
