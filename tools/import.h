/* SPDX-License-Identifier: ISC */
/*
 * import.h - a line of a file of keys, as a row for keyd.
 *
 * One JSON object: hash, org, user and name, and what else there may be.  What
 * is not known is refused: a misspelled expires must not be a key for ever.
 */
#ifndef KEYDCTL_IMPORT_H
#define KEYDCTL_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

#define IMPORT_LINE_MAX 16384 /* bytes, with the newline */

/* Reads len bytes.  On false why says what is wrong with them. */
bool import_parse(const char *line, size_t len, struct import_row *row,
    char *why, size_t why_size);

#endif /* KEYDCTL_IMPORT_H */
