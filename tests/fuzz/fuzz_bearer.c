/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bearer.h"
#include "fuzz.h"

/* A token lies within the value, is not empty, and has no space in it. */
static void
check_token(const char *value, size_t len, struct span token)
{
	const uint8_t *start = (const uint8_t *)value;

	MUST(token.ptr >= start && token.len > 0);
	MUST((size_t)(token.ptr - start) + token.len <= len);
	MUST(memchr(token.ptr, ' ', token.len) == NULL);
	MUST(memchr(token.ptr, '\t', token.len) == NULL);
}

/* The value of an Authorization header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *value = malloc(size + 1);
	struct span token;

	MUST(value != NULL);
	if (size > 0)
		memcpy(value, data, size);
	value[size] = '\0';
	if (bearer_parse(value, &token) == KEYD_OK)
		check_token(value, strlen(value), token);
	free(value);
	return 0;
}
