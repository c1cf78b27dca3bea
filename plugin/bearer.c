/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bearer.h"

/* Past the scheme's name, or NULL.  ASCII only, whatever the locale. */
static const char *
after_scheme(const char *p)
{
	for (const char *s = "bearer"; *s != '\0'; s++, p++)
		if (*p != *s && *p != *s - 'a' + 'A')
			return NULL;
	return p;
}

/* By hand: there is none, or one, and strspn is made for more. */
static const char *
past_white(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

enum keyd_status
bearer_parse(const char *value, struct span *token)
{
	const char *p;
	size_t len;

	*token = (struct span){ NULL, 0 };
	if (value == NULL)
		return KEYD_MISSING;
	if ((p = after_scheme(past_white(value))) == NULL)
		return KEYD_MISSING;
	if (*p != ' ')
		return KEYD_MISSING;
	while (*p == ' ')
		p++;
	if (*past_white(p) == '\0')
		return KEYD_MISSING;
	len = strcspn(p, " \t,");
	if (*past_white(p + len) != '\0')
		return KEYD_MALFORMED;
	*token = (struct span){ (const uint8_t *)p, len };
	return KEYD_OK;
}
