/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "token.h"

#define PREFIX "cmk"

/* One character of it changed, it is no token any more. */
static void
check_guarded(const char *text, size_t len)
{
	char changed[KEYD_TOKEN_SIZE];

	MUST(len < sizeof(changed));
	for (size_t i = 0; i < len; i++) {
		memcpy(changed, text, len);
		changed[i] = changed[i] == '0' ? '1' : '0';
		MUST(!token_check(changed, len, PREFIX));
	}
	MUST(!token_check(text, len - 1, PREFIX));
}

/* The text of a token, which may be anything. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	uint8_t digest[DIGEST_SIZE];

	token_digest(text, size, digest);
	if (!token_check(text, size, PREFIX))
		return 0;
	MUST(memchr(text, '\0', size) == NULL);
	MUST(size == strlen(PREFIX) + 1 + TOKEN_RANDOM + TOKEN_CHECKSUM);
	MUST(!token_check(text, size, "cmq"));
	check_guarded(text, size);
	return 0;
}
