/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "form.h"
#include "query.h"

enum given { ANY = 1, PERMISSION = 2, ORG = 4, CARRY = 8, DETAIL = 16 };

static bool
copy(char *dst, const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len >= QUERY_TEXT_SIZE)
		return false;
	memcpy(dst, value, len + 1);
	return true;
}

/* Which one it is; 0 for a name or a value that cannot be. */
static unsigned
take(struct query *q, const char *name, const char *value)
{
	if (strcmp(name, "permission") == 0 && copy(q->permission, value))
		return PERMISSION;
	if (strcmp(name, "org") == 0 && copy(q->org, value))
		return ORG;
	if (strcmp(name, "any") == 0 && value[0] == '\0')
		return ANY;
	if (strcmp(name, "carry") == 0 && strcmp(value, "403") == 0) {
		q->carry = true;
		return CARRY;
	}
	if (strcmp(name, "detail") == 0 && strcmp(value, "yes") == 0) {
		q->detail = true;
		return DETAIL;
	}
	return 0;
}

const char *
query_parse(char *text, struct query *q)
{
	unsigned given = 0, one;
	char *name, *value;
	bool broken;

	*q = (struct query){ .carry = false };
	while (form_next(&text, &name, &value, &broken)) {
		if ((one = take(q, name, value)) == 0)
			return "a parameter that there is not, or not with "
			       "this value";
		if ((given & one) != 0)
			return "a parameter that is given twice";
		given |= one;
	}
	if (broken)
		return "a parameter with a broken escape";
	return NULL;
}
