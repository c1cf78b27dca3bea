/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "model.h"
#include "names.h"
#include "visible.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* One of first, then any of rest, in all less than size bytes. */
static bool
spelled(const char *s, const char *first, const char *rest, size_t size)
{
	size_t n = strnlen(s, size);

	if (n == 0 || n == size || strchr(first, s[0]) == NULL)
		return false;
	return strspn(s + 1, rest) == n - 1;
}

bool
name_is_org(const char *s)
{
	return spelled(s, LOWER DIGITS, LOWER DIGITS "-", ORG_SIZE);
}

bool
name_is_user(const char *s)
{
	return spelled(s, LOWER UPPER DIGITS, LOWER UPPER DIGITS "._@+-",
	    USER_SIZE);
}

bool
name_is_permission(const char *s)
{
	return spelled(s, LOWER DIGITS, LOWER DIGITS ":._-", PERMISSION_SIZE);
}

bool
name_is_role(const char *s)
{
	return spelled(s, LOWER, LOWER DIGITS "-", ROLE_SIZE);
}

bool
name_is_plan(const char *s)
{
	return spelled(s, LOWER, LOWER DIGITS "-", PLAN_SIZE);
}

bool
name_is_context(const char *s)
{
	return spelled(s, LOWER, LOWER DIGITS "-", CONTEXT_SIZE);
}

bool
name_is_prefix(const char *s)
{
	return spelled(s, LOWER, LOWER DIGITS, PREFIX_SIZE);
}

bool
name_is_key_id(const char *s)
{
	return strncmp(s, "key_", 4) == 0 &&
	    strspn(s + 4, LOWER DIGITS) == 16 && s[KEY_ID_LEN] == '\0';
}

bool
name_is_text(const char *s, size_t max)
{
	size_t len = strnlen(s, max);
	size_t n;

	if (len == 0 || len == max || s[0] == ' ' || s[len - 1] == ' ')
		return false;
	for (size_t at = 0; at < len; at += n) {
		if ((n = visible_char(s + at)) == 0)
			return false;
	}
	return true;
}
