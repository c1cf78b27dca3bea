/* SPDX-License-Identifier: ISC */
/*
 * entry.h - entries of the audit log as keydctl shows them.
 */
#ifndef KEYDCTL_ENTRY_H
#define KEYDCTL_ENTRY_H

#include <jansson.h>

#include "event.h"
#include "table.h"

extern const char *const entry_heads[];

void entry_row(struct table *t, const struct event *e);

/* With its hash, so that an archive can be compared with the log. */
json_t *entry_doc(const struct event *e);

/* The document on a line of its own. */
void entry_line(FILE *f, const struct event *e);

#endif /* KEYDCTL_ENTRY_H */
