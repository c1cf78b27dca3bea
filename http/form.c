/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "form.h"

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c != '\0' ? strchr(digits, c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

/* A space may be a plus. */
static bool
decode(char *text)
{
	char *to = text;
	int high, low;

	for (; *text != '\0'; text++) {
		if (*text != '%') {
			*to++ = *text == '+' ? ' ' : *text;
			continue;
		}
		if ((high = hex(text[1])) < 0 || (low = hex(text[2])) < 0 ||
		    (high | low) == 0)
			return false;
		*to++ = (char)(high << 4 | low);
		text += 2;
	}
	*to = '\0';
	return true;
}

bool
form_next(char **rest, char **name, char **value, bool *broken)
{
	*broken = false;
	do {
		*name = strsep(rest, "&");
	} while (*name != NULL && **name == '\0');
	if (*name == NULL)
		return false;
	*value = strchr(*name, '=');
	if (*value != NULL)
		*(*value)++ = '\0';
	else
		*value = *name + strlen(*name);
	*broken = !decode(*name) || !decode(*value);
	return !*broken;
}
