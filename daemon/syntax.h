/* SPDX-License-Identifier: ISC */
/*
 * syntax.h - the letter of keyd.conf, before libconfuse reads it.
 *
 * libconfuse expands ${VARIABLES}, counts lines wrong after comments, takes a
 * missing brace at the end for one and a setting given twice for its last
 * value.  What passes here holds none of these.
 */
#ifndef KEYD_SYNTAX_H
#define KEYD_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#define SYNTAX_LINE_MAX 4096 /* bytes; real ones are under 100 */

/*
 * Writes spaces over the comments of the text.  On failure *line says where
 * and what has a sentence.
 */
bool syntax_check(char *text, size_t len, int *line, char *what,
    size_t what_size);

#endif /* KEYD_SYNTAX_H */
