/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <string.h>

#include "model.h"
#include "names.h"

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

/* How many bytes follow this first one, and the bits of the character in it;
   -1 for a byte that begins none. */
static int
lead(uint8_t byte, uint32_t *bits)
{
	if (byte < 0x80) {
		*bits = byte;
		return 0;
	}
	if (byte >= 0xc2 && byte <= 0xdf) {
		*bits = byte & 0x1fU;
		return 1;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*bits = byte & 0x0fU;
		return 2;
	}
	if (byte >= 0xf0 && byte <= 0xf4) {
		*bits = byte & 0x07U;
		return 3;
	}
	return -1;
}

/* Too long for what it says, a surrogate, or past the end of Unicode. */
static bool
is_ill_formed(uint32_t c, int followers)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	return c < least[followers] || (c >= 0xd800 && c <= 0xdfff) ||
	    c > 0x10ffff;
}

static bool
is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) /* C0, DEL, C1 */
	    || c == 0x2028 || c == 0x2029           /* separators */
	    || (c >= 0x202a && c <= 0x202e)         /* bidi overrides */
	    || (c >= 0x2066 && c <= 0x2069);        /* bidi isolates */
}

size_t
name_visible(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	uint32_t c = 0;
	int followers = lead(p[0], &c);

	/* The NUL at the end follows nothing, so this stops at it. */
	for (int i = 1; i <= followers; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (followers < 0 || is_ill_formed(c, followers) || is_hidden(c))
		return 0;
	return (size_t)followers + 1;
}

bool
name_is_text(const char *s, size_t max)
{
	size_t len = strnlen(s, max);
	size_t n;

	if (len == 0 || len == max || s[0] == ' ' || s[len - 1] == ' ')
		return false;
	for (size_t at = 0; at < len; at += n) {
		if ((n = name_visible(s + at)) == 0)
			return false;
	}
	return true;
}
