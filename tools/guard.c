/* SPDX-License-Identifier: ISC */
#include <string.h>

#include <sodium.h>

#include "fail.h"
#include "guard.h"
#include "model.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/*
 * After the prefix and its underscore a token has 52 characters.  Ids of users
 * have that form too, with up to 32; so fewer than these are no token, unless
 * the prefix is the one that tokens nearly always have.
 */
#define LONG_TAIL 40
#define SHORT_TAIL 12

bool
guard_is_token(const char *text)
{
	const char *mark = text;
	size_t tail;
	bool usual;

	while ((mark = strchr(mark, '_')) != NULL) {
		usual = mark - text >= 3 && strncmp(mark - 3, "cmk", 3) == 0;
		tail = strspn(mark + 1, LOWER UPPER DIGITS);
		if (mark > text && strchr(LOWER DIGITS, mark[-1]) != NULL &&
		    tail >= (usual ? SHORT_TAIL : LONG_TAIL))
			return true;
		mark++;
	}
	return false;
}

bool
guard_is_key_id(const char *text)
{
	return strlen(text) == KEY_ID_LEN && strncmp(text, "key_", 4) == 0 &&
	    strspn(text + 4, LOWER DIGITS) == KEY_ID_LEN - 4;
}

bool
guard_arguments(int argc, char **argv)
{
	bool clean = true;

	for (int i = 1; i < argc; i++) {
		if (guard_is_token(argv[i])) {
			sodium_memzero(argv[i], strlen(argv[i]));
			clean = false;
		}
	}
	return clean;
}

int
guard_refuse(const struct call *call)
{
	return fail_usage(call,
	    "a token goes in by standard input, never as an argument; if it "
	    "was one, it is now in the shell's history and was in the list of "
	    "processes, so revoke it: 'keydctl revoke --token'");
}
