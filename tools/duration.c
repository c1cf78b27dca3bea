/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "duration.h"

static int64_t
unit(const char *text)
{
	static const char letters[] = "smhd";
	static const int64_t seconds[] = { 1, 60, 3600, 86400 };
	const char *at;

	if (text[0] == '\0' || text[1] != '\0')
		return 0;
	if ((at = strchr(letters, text[0])) == NULL)
		return 0;
	return seconds[at - letters];
}

bool
duration_parse(const char *text, int64_t *seconds)
{
	int64_t n = 0;
	int64_t each;

	*seconds = 0;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (*text - '0');
	}
	each = unit(text);
	if (n == 0 || each == 0 || n > INT64_MAX / each)
		return false;
	*seconds = n * each;
	return true;
}
