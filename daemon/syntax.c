/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "syntax.h"

#define DEPTH_MAX 2  /* a section, and a list in it */
#define WORDS_MAX 32 /* with more, one of them is no setting anyway */

#define PLAIN                                                                  \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:,-"

struct word {
	const char *ptr;
	size_t len;
};

/* The settings given so far, at the top or in the section under way. */
struct words {
	size_t count;
	struct word word[WORDS_MAX];
};

struct scan {
	char *start;
	char *at;
	char *end;
	int line;
	int depth;
	int opened; /* line of the outermost brace */
	struct words given[DEPTH_MAX];
	char *what;
	size_t what_size;
};

__attribute__((format(printf, 2, 3))) static bool
refuse(struct scan *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(s->what, s->what_size, fmt, ap);
	va_end(ap);
	return false;
}

static bool
is_among(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool
starts(const struct scan *s, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(s->end - s->at) >= n && memcmp(s->at, text, n) == 0;
}

static bool
refuse_character(struct scan *s)
{
	unsigned char c = (unsigned char)*s->at;

	if (c > ' ' && c < 0x7f)
		return refuse(s, "unexpected character '%c': remove it", c);
	return refuse(s, "unexpected byte \\x%02x: remove it", c);
}

static void
blank_line(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n')
		*s->at++ = ' ';
}

static bool
blank_block(struct scan *s)
{
	int from = s->line;

	*s->at++ = ' ';
	*s->at++ = ' ';
	while (!starts(s, "*/")) {
		if (s->at == s->end) {
			s->line = from;
			return refuse(s, "a comment without an end: write */");
		}
		if (*s->at == '\n')
			s->line++;
		else
			*s->at = ' ';
		s->at++;
	}
	*s->at++ = ' ';
	*s->at++ = ' ';
	return true;
}

/* Nothing in keyd.conf needs what libconfuse would replace in a text. */
static bool
pass_text(struct scan *s)
{
	char quote = *s->at++;

	while (s->at < s->end && *s->at != quote && *s->at != '\n') {
		if (*s->at < ' ' || *s->at > '~' || is_among(*s->at, "\\$\"'"))
			return refuse_character(s);
		s->at++;
	}
	if (s->at == s->end || *s->at == '\n')
		return refuse(s, "a text without an end: write %c on its line",
		    quote);
	s->at++;
	return true;
}

static bool
open_brace(struct scan *s)
{
	if (s->depth == DEPTH_MAX)
		return refuse(s, "too many braces within braces: remove one");
	if (s->depth++ == 0) {
		s->opened = s->line;
		s->given[1].count = 0;
	}
	s->at++;
	return true;
}

static bool
close_brace(struct scan *s)
{
	if (s->depth == 0)
		return refuse(s, "a closing brace too many: remove it");
	s->depth--;
	s->at++;
	return true;
}

static struct word
word_before(const struct scan *s)
{
	const char *end = s->at;
	const char *p;

	while (end > s->start && is_among(end[-1], " \t\r\n"))
		end--;
	p = end;
	while (p > s->start && is_among(p[-1], PLAIN))
		p--;
	return (struct word){ p, (size_t)(end - p) };
}

static bool
note_setting(struct scan *s)
{
	struct words *given = &s->given[s->depth == 0 ? 0 : 1];
	struct word w = word_before(s);

	if (w.len == 0)
		return refuse(s,
		    "no setting before =: write its name, without "
		    "quotes");
	for (size_t i = 0; i < given->count; i++) {
		if (given->word[i].len == w.len &&
		    memcmp(given->word[i].ptr, w.ptr, w.len) == 0)
			return refuse(s, "%.*s is set twice: remove one",
			    (int)w.len, w.ptr);
	}
	if (given->count < WORDS_MAX)
		given->word[given->count++] = w;
	s->at++;
	return true;
}

static bool
step(struct scan *s)
{
	char c = *s->at;

	if (c == '#' || starts(s, "//")) {
		blank_line(s);
		return true;
	}
	if (starts(s, "/*"))
		return blank_block(s);
	if (c == '"' || c == '\'')
		return pass_text(s);
	if (c == '{')
		return open_brace(s);
	if (c == '}')
		return close_brace(s);
	if (c == '=')
		return note_setting(s);
	if (!is_among(c, PLAIN " \t\r\n"))
		return refuse_character(s);
	if (c == '\n')
		s->line++;
	s->at++;
	return true;
}

static bool
check_lines(struct scan *s)
{
	const char *next;

	for (const char *at = s->start; at < s->end; at = next + 1) {
		next = memchr(at, '\n', (size_t)(s->end - at));
		if (next == NULL)
			next = s->end;
		if (next - at > SYNTAX_LINE_MAX)
			return refuse(s,
			    "a line of more than %d bytes: break "
			    "it",
			    SYNTAX_LINE_MAX);
		s->line++;
	}
	s->line = 1;
	return true;
}

static bool
check_all(struct scan *s)
{
	if (!check_lines(s))
		return false;
	while (s->at < s->end) {
		if (!step(s))
			return false;
	}
	if (s->depth == 0)
		return true;
	s->line = s->opened;
	return refuse(s, "a brace that is not closed: write }");
}

bool
syntax_check(char *text, size_t len, int *line, char *what, size_t what_size)
{
	struct scan s = { .start = text,
		.at = text,
		.end = text + len,
		.line = 1,
		.what = what,
		.what_size = what_size };
	bool right = check_all(&s);

	*line = s.line;
	return right;
}
