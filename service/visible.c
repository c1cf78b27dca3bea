/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdint.h>

#include "visible.h"

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
visible_char(const char *s)
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
