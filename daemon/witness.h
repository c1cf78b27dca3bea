/* SPDX-License-Identifier: ISC */
/*
 * witness.h - what the audit log will say of a request, while it is dealt with.
 *
 * It starts from what was asked for; the operation adds the keys that it made
 * or revoked, and a refusal its sentence.  No token or digest gets here.
 */
#ifndef KEYD_WITNESS_H
#define KEYD_WITNESS_H

#include "op.h"

/* Begins *e with the request. */
void witness_begin(struct event *e, const struct request *req,
    const struct peer *peer, int64_t now);

/*
 * The operation is about this key; changed: it made or revoked it.  When an
 * entry has no room for more, or is of another organization, it goes to the
 * log, and the next one is begun: so each entry names the one organization of
 * all its keys, and their user if they have the same.  Nothing at all when
 * c->event is NULL, as it is for a dry run.
 */
enum store_status witness_key(const struct op_call *c, const struct key_info *k,
    bool changed);

/* The operation is about this key, whatever comes of it. */
void witness_about(const struct op_call *c, const struct key_info *k);

/* The key is none of the peer's business, who was told that it is not there:
   but the log says that it was denied, and which key it is. */
void witness_denied(const struct op_call *c, const struct key_info *k);

/* It is none of the log's after all: a part of something that is. */
void witness_nothing(const struct op_call *c);

/* How many keys it was about, when they are too many to be named. */
void witness_count(const struct op_call *c, uint32_t count);

/* In place of the detail; what is too long is cut. */
void witness_detail(const struct op_call *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* It was refused, and why. */
void witness_refusal(struct event *e, enum error_code code, const char *why);

#endif /* KEYD_WITNESS_H */
