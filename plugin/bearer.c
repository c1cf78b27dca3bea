/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bearer.h"

#define WHITE " \t"

/* Past the scheme's name, or NULL.  ASCII only, whatever the locale. */
static const char *
after_scheme(const char *p)
{
	for (const char *s = "bearer"; *s != '\0'; s++, p++)
		if (*p != *s && *p != *s - 'a' + 'A')
			return NULL;
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
	if ((p = after_scheme(value + strspn(value, WHITE))) == NULL)
		return KEYD_MISSING;
	if (*p != ' ')
		return KEYD_MISSING;
	p += strspn(p, " ");
	if (p[strspn(p, WHITE)] == '\0')
		return KEYD_MISSING;
	len = strcspn(p, WHITE ",");
	if (p[len + strspn(p + len, WHITE)] != '\0')
		return KEYD_MALFORMED;
	*token = (struct span){ (const uint8_t *)p, len };
	return KEYD_OK;
}
