/* SPDX-License-Identifier: ISC */
/*
 * fail.h - how a command says that it did not do it: one sentence.
 *
 * The sentence goes to standard error and, with --json, into the document as
 * well.  It must not quote an argument that could be a token.
 */
#ifndef KEYDCTL_FAIL_H
#define KEYDCTL_FAIL_H

#include "cmd.h"
#include "keyd.h"

/* Both return what the program exits with. */
int fail(const struct call *call, enum keyd_status status, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
int fail_usage(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The word for a status in output, such as "revoked"; never NULL. */
const char *fail_name(enum keyd_status status);

#endif /* KEYDCTL_FAIL_H */
