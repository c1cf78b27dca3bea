/* SPDX-License-Identifier: ISC */
/*
 * permission.h - what a permission looks like: 1 to 63 of [a-z0-9:._-].
 *
 * So it can stand in a header field and in a log as it is.
 */
#ifndef KEYD_PERMISSION_H
#define KEYD_PERMISSION_H

#include <stdbool.h>

bool permission_ok(const char *text);

#endif /* KEYD_PERMISSION_H */
