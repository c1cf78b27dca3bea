/* SPDX-License-Identifier: ISC */
/*
 * filter_keys.h - which keys a server asks for.
 */
#ifndef KEYD_FILTER_KEYS_H
#define KEYD_FILTER_KEYS_H

#include "keyd.h"
#include "request.h"

/* As much as the caller's header has; NULL: all live keys.  False when it is
   wrong. */
bool filter_keys(struct request_list *q, const struct keyd_filter *given);

#endif /* KEYD_FILTER_KEYS_H */
