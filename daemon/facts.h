/* SPDX-License-Identifier: ISC */
/*
 * facts.h - rows of a page that says how keyd is, each a name and its value.
 *
 * All facts of an answer fit on one page; what does not is an error of keyd's,
 * and the answer is none.
 */
#ifndef KEYD_FACTS_H
#define KEYD_FACTS_H

#include <stdint.h>

#include "reply.h"

void facts_number(struct page_writer *p, const char *name, uint64_t number);
void facts_text(struct page_writer *p, const char *name, const char *text);

#endif /* KEYD_FACTS_H */
