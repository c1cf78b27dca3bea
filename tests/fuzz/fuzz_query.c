/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "query.h"

/* What is accepted fits, and has no NUL that hides a part of it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct query q;

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (query_parse(text, &q) == NULL)
		MUST(memchr(q.permission, 0, sizeof(q.permission)) != NULL &&
		    memchr(q.org, 0, sizeof(q.org)) != NULL);
	free(text);
	return 0;
}
