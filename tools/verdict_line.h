/* SPDX-License-Identifier: ISC */
/*
 * verdict_line.h - a verdict as keydctl shows it: one line, or an object.
 */
#ifndef KEYDCTL_VERDICT_LINE_H
#define KEYDCTL_VERDICT_LINE_H

#include <jansson.h>
#include <stdbool.h>

#include "keyd.h"
#include "reply.h"
#include "request.h"

/* Is it a verdict?  A number that is no status, from a later keyd, is a
   failure for HTTP. */
bool verdict_is(enum keyd_status status);

/* "allow key_... org=... user=..." or "deny 401 revoked key_...". */
void verdict_line(enum keyd_status status, const struct request_verify *q,
    const struct reply_verdict *a);

json_t *verdict_doc(enum keyd_status status, const struct reply_verdict *a);

#endif /* KEYDCTL_VERDICT_LINE_H */
