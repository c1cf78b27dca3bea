/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "subject.h"

void
subject_find(struct site *s, const struct query *q, const char *token,
    struct subject *subject)
{
	struct keyd_verdict *v = &subject->verdict;
	struct keyd_details details;

	*subject = (struct subject){ .exp = 0 };
	site_details(s, q, token, v, &details);
	if (v->status != KEYD_OK)
		return;
	(void)snprintf(subject->scope, sizeof(subject->scope), "%s",
	    details.permissions);
	(void)snprintf(subject->sub, sizeof(subject->sub), "%s/%s", v->org,
	    v->user);
	subject->exp = v->expires;
	subject->iat = details.created;
}
