/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "model.h"
#include "permission.h"

bool
permission_ok(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "0123456789:._-";
	size_t len = strnlen(text, PERMISSION_SIZE);

	return len > 0 && len < PERMISSION_SIZE && strspn(text, allowed) == len;
}
