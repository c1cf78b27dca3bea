/* SPDX-License-Identifier: ISC */
/*
 * prompt.h - what keydctl asks of the person at the terminal.
 *
 * Only when standard input and standard error are both one; a script is never
 * asked.
 */
#ifndef KEYDCTL_PROMPT_H
#define KEYDCTL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

bool prompt_is_terminal(void);

/* Prints the question and "[y/N]"; true for y or yes alone. */
bool prompt_yes(const char *question);

enum prompt_result { PROMPT_OK, PROMPT_TOO_LONG, PROMPT_FAILED };

/*
 * Reads a token from standard input to its end, or one line without echo from
 * a terminal, into text of cap bytes, and drops the line's end.  The caller
 * wipes text; it is "" unless PROMPT_OK.
 */
enum prompt_result prompt_token(char *text, size_t cap, size_t *len);

#endif /* KEYDCTL_PROMPT_H */
