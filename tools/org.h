/* SPDX-License-Identifier: ISC */
/*
 * org.h - organizations as keydctl shows them, and as add and set take them.
 */
#ifndef KEYDCTL_ORG_H
#define KEYDCTL_ORG_H

#include <jansson.h>

#include "pages.h"

/* The options of add and set, in the order that org_send expects. */
enum org_option { ORG_PLAN, ORG_RATE, ORG_BURST, ORG_OPTIONS };
extern const struct cmd_option org_options[];

extern const struct page_kind org_kind;

json_t *org_doc(const struct org_info *o);

/* Sends ORG_ADD or ORG_SET as called; done: what to say before the slug. */
int org_send(const struct call *call, uint8_t type, const char *done);

#endif /* KEYDCTL_ORG_H */
