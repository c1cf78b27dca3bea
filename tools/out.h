/* SPDX-License-Identifier: ISC */
/*
 * out.h - text for people, safe for their terminals.
 *
 * Whatever a person supplied is printed by out_text and nothing else: control
 * characters, broken UTF-8 and characters that reorder or hide text come out
 * as \xNN and \u{...}.  Text stays as it is until then, so nothing is escaped
 * twice.
 */
#ifndef KEYDCTL_OUT_H
#define KEYDCTL_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The most bytes that text of len bytes becomes, the NUL included. */
#define OUT_ESCAPED_SIZE(len) (4 * (len) + 1)

/* Writes text to dst of OUT_ESCAPED_SIZE(strlen(text)) bytes. */
void out_escape(const char *text, char *dst);

/* The same, allocated.  Ends the program when there is no memory. */
char *out_escaped(const char *text);

/* Prints text; as a word, spaces are escaped as well. */
void out_text(FILE *f, const char *text);
void out_word(FILE *f, const char *text);

/* Prints "name: value", the value from column width on. */
void out_field(FILE *f, int width, const char *name, const char *value);

/* Gives standard output a buffer that out_finish can wipe. */
void out_start(void);
/* Flushes standard output, then wipes its buffer.  False, and errno, when not
   all of it was written. */
bool out_finish(void);

/* Says that there is no memory, and exits. */
void out_no_memory(void) __attribute__((noreturn));

#endif /* KEYDCTL_OUT_H */
