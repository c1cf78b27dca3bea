/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "out.h"

static char buffer[BUFSIZ]; /* of standard output: a token goes through it */

/* Ranges of characters that are not shown as they are. */
static const struct {
	uint32_t first;
	uint32_t last;
} hidden[] = {
	{ 0x80, 0x9f },       /* controls */
	{ 0xad, 0xad },       /* soft hyphen */
	{ 0x61c, 0x61c },     /* bidi */
	{ 0x180e, 0x180e },   /* no width */
	{ 0x200b, 0x200f },   /* no width, bidi */
	{ 0x2028, 0x202e },   /* line separators, bidi */
	{ 0x2060, 0x206f },   /* no width, bidi */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff9, 0xfffb },   /* annotations */
	{ 0xe0000, 0xe007f }, /* tags */
};

static bool
is_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	}
	return false;
}

/* How many bytes the character of this first byte has; 0: none begins so. */
static size_t
utf8_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/* Decodes one character; 0 when it is no UTF-8.  Stops at the NUL. */
static size_t
utf8_get(const char *text, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text[0];
	size_t len = utf8_length(first);
	uint32_t v = len > 1 ? first & (0x7fu >> len) : first;

	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | ((unsigned char)text[i] & 0x3fu);
	}
	if (len == 0 || v < least[len] || v > 0x10ffff ||
	    (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*c = v;
	return len;
}

/* Writes one character to dst of 11 bytes; returns what it took of text. */
static size_t
escape_one(const char *text, char *dst)
{
	uint32_t c = 0;
	size_t len = utf8_get(text, &c);

	if (len == 0 || c < 0x20 || c == 0x7f) {
		snprintf(dst, 5, "\\x%02x", (unsigned)(unsigned char)text[0]);
		return 1;
	}
	if (c == '\\')
		snprintf(dst, 3, "\\\\");
	else if (is_hidden(c))
		snprintf(dst, 11, "\\u{%x}", (unsigned)c);
	else
		snprintf(dst, 11, "%.*s", (int)len, text);
	return len;
}

void
out_escape(const char *text, char *dst)
{
	char one[11];
	size_t len;

	while (*text != '\0') {
		text += escape_one(text, one);
		len = strlen(one);
		memcpy(dst, one, len);
		dst += len;
	}
	*dst = '\0';
}

char *
out_escaped(const char *text)
{
	char *dst = malloc(OUT_ESCAPED_SIZE(strlen(text)));

	if (dst == NULL)
		out_no_memory();
	out_escape(text, dst);
	return dst;
}

void
out_text(FILE *f, const char *text)
{
	char one[11];

	while (*text != '\0') {
		text += escape_one(text, one);
		fputs(one, f);
	}
}

void
out_word(FILE *f, const char *text)
{
	char one[11];

	while (*text != '\0') {
		text += escape_one(text, one);
		fputs(strcmp(one, " ") == 0 ? "\\x20" : one, f);
	}
}

void
out_field(FILE *f, int width, const char *name, const char *value)
{
	int pad = width - (int)strlen(name) - 1;

	fprintf(f, "%s:%*s", name, pad > 1 ? pad : 1, "");
	out_text(f, value);
	fputc('\n', f);
}

void
out_start(void)
{
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

bool
out_finish(void)
{
	bool whole = fflush(stdout) == 0 && !ferror(stdout);
	int e = errno;

	sodium_memzero(buffer, sizeof(buffer));
	errno = e;
	return whole;
}

void
out_no_memory(void)
{
	fputs("keydctl: out of memory\n", stderr);
	exit(EXIT_NO);
}
