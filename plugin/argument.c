/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "argument.h"
#include "model.h"

bool
argument_text(char *dst, size_t cap, const char *text, bool needed)
{
	size_t len = text != NULL ? strnlen(text, cap) : 0;

	if (len >= cap || (needed && len == 0))
		return false;
	if (len > 0)
		memcpy(dst, text, len);
	dst[len] = '\0';
	return true;
}

bool
argument_is_key_id(const char *text)
{
	static const char head[] = "key_";
	const size_t skip = sizeof(head) - 1;

	return text != NULL && strnlen(text, KEY_ID_SIZE) == KEY_ID_LEN &&
	    strncmp(text, head, skip) == 0 &&
	    strspn(text + skip, "0123456789abcdefghijklmnopqrstuvwxyz") ==
	    KEY_ID_LEN - skip;
}
