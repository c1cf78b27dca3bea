/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <readpassphrase.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "prompt.h"

bool
prompt_is_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool
prompt_yes(const char *question)
{
	char answer[16];

	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) == NULL) {
		fputc('\n', stderr);
		return false;
	}
	answer[strcspn(answer, "\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

/* Not by stdio, which would keep a copy. */
static enum prompt_result
read_all(char *text, size_t cap, size_t *len)
{
	size_t have = 0;
	ssize_t n;

	while (have < cap) {
		n = read(STDIN_FILENO, text + have, cap - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return PROMPT_FAILED;
		if (n == 0) {
			*len = have;
			return PROMPT_OK;
		}
		have += (size_t)n;
	}
	return PROMPT_TOO_LONG;
}

static enum prompt_result
read_line(char *text, size_t cap, size_t *len)
{
	if (readpassphrase("Token (not shown): ", text, cap,
		RPP_ECHO_OFF | RPP_STDIN) == NULL)
		return PROMPT_FAILED;
	*len = strlen(text);
	return *len == cap - 1 ? PROMPT_TOO_LONG : PROMPT_OK;
}

enum prompt_result
prompt_token(char *text, size_t cap, size_t *len)
{
	enum prompt_result result;

	*len = 0;
	result = isatty(STDIN_FILENO) ? read_line(text, cap, len)
				      : read_all(text, cap, len);
	if (result != PROMPT_OK) {
		sodium_memzero(text, cap);
		*len = 0;
		return result;
	}
	if (*len > 0 && text[*len - 1] == '\n')
		(*len)--;
	if (*len > 0 && text[*len - 1] == '\r')
		(*len)--;
	return PROMPT_OK;
}
