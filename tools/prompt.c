/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "prompt.h"

static volatile sig_atomic_t signalled;

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

/* Reads up to a newline, from a terminal, or else to the end.  Not by stdio,
   which would keep a copy. */
static enum prompt_result
read_all(char *text, size_t cap, size_t *len, bool line)
{
	size_t have = 0;
	ssize_t n;

	while (have < cap && signalled == 0) {
		n = read(STDIN_FILENO, text + have, cap - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return PROMPT_FAILED;
		have += (size_t)n;
		if (n == 0 || (line && text[have - 1] == '\n')) {
			*len = have;
			return PROMPT_OK;
		}
	}
	return have == cap ? PROMPT_TOO_LONG : PROMPT_FAILED;
}

/* The signals that would leave the terminal without its echo. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static void
note_signal(int number)
{
	signalled = number;
}

static void
hold_signals(struct sigaction *old)
{
	struct sigaction note = { .sa_handler = note_signal };

	signalled = 0;
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &note, &old[i]);
}

/* Does late what the signal would have done. */
static void
release_signals(const struct sigaction *old)
{
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &old[i], NULL);
	if (signalled != 0)
		raise(signalled);
}

static enum prompt_result
read_line(char *text, size_t cap, size_t *len)
{
	struct sigaction old[SIGNALS];
	struct termios before;
	struct termios silent;
	enum prompt_result result;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return PROMPT_FAILED;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hold_signals(old);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) < 0) {
		release_signals(old);
		return PROMPT_FAILED;
	}
	fputs("Token (not shown): ", stderr);
	result = read_all(text, cap, len, true);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	release_signals(old);
	return result;
}

enum prompt_result
prompt_token(char *text, size_t cap, size_t *len)
{
	enum prompt_result result;

	*len = 0;
	result = isatty(STDIN_FILENO) ? read_line(text, cap, len)
				      : read_all(text, cap, len, false);
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
