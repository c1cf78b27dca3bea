/* SPDX-License-Identifier: ISC */
/*
 * doc.h - the one JSON document that a run with --json prints.
 *
 * Exactly one, whatever happens: an error while a list is being printed ends
 * that list and goes into the same document.  Every function takes over the
 * values it is given; a value NULL is a lack of memory.
 */
#ifndef KEYDCTL_DOC_H
#define KEYDCTL_DOC_H

#include <jansson.h>
#include <stdint.h>

/* Makes freed values wiped.  Call before any other. */
void doc_start(void);

/* A string, valid whatever the bytes of text are. */
json_t *doc_text(const char *text);
/* The same; null for "". */
json_t *doc_optional(const char *text);
/* RFC 3339 in UTC; null for 0. */
json_t *doc_time(int64_t when);
json_t *doc_number(uint64_t number);
/* An array of what lies between spaces. */
json_t *doc_words(const char *text);

/* The whole document at once. */
void doc_print(json_t *object);

/* An object with the members of head (NULL: none) and a list, row by row. */
void doc_list_begin(json_t *head, const char *name);
void doc_row(json_t *row);
void doc_list_end(void);

/* {"error": {"status": …, "message": …}}, or the end of the list. */
void doc_error(const char *status, const char *message);

#endif /* KEYDCTL_DOC_H */
