/* SPDX-License-Identifier: ISC */
/*
 * seal.h - tokens of connected clients, to be verified again.
 *
 * They lie encrypted in ordinary memory.  The key, and the one token that is
 * open for the length of a question, are in pages that are locked as far as
 * the process may, kept out of core dumps, and wiped.
 */
#ifndef KEYD_SEAL_H
#define KEYD_SEAL_H

struct seal;
struct sealed;

struct seal *seal_new(void); /* NULL: out of memory */
void seal_free(struct seal *s);

/* A sealed copy of a token.  NULL: out of memory, or too long to be one. */
struct sealed *seal_token(const struct seal *s, const char *token);
void sealed_free(struct sealed *box);

/* The token, until seal_shut.  NULL: it is not what was sealed. */
const char *seal_open(struct seal *s, const struct sealed *box);
void seal_shut(struct seal *s);

#endif /* KEYD_SEAL_H */
