/* SPDX-License-Identifier: ISC */
/*
 * prospect.h - what would come of a restore, for people and as a document.
 */
#ifndef KEYDCTL_PROSPECT_H
#define KEYDCTL_PROSPECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cmd.h"
#include "reply.h"

struct prospect {
	struct reply_restore is; /* of all parts together */
	json_t *back;            /* the ids of the keys that come back */
};

void prospect_begin(struct prospect *p);
void prospect_end(struct prospect *p);

/* Adds what keyd said of a part, the first one or another. */
void prospect_add(struct prospect *p, const struct reply_restore *part,
    bool first);

bool prospect_needs_force(const struct prospect *p);

/* Says what would be done; what was, on standard output; and that it is not
   done, since it needs force: returns what the program exits with. */
void prospect_print(FILE *f, const struct prospect *p);
void prospect_print_result(const struct prospect *p, const struct call *call,
    bool restored, bool dry_run);
int prospect_refuse(const struct prospect *p, const struct call *call);

#endif /* KEYDCTL_PROSPECT_H */
