/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "topic.h"

/* The part of a topic before the next '/'. */
struct level {
	const char *text;
	size_t len;
};

static struct level
level_at(const char *text)
{
	return (struct level){ text, strcspn(text, "/") };
}

static bool
level_is(struct level l, const char *text)
{
	return strlen(text) == l.len && memcmp(l.text, text, l.len) == 0;
}

/* The text after this level, or NULL at the end. */
static const char *
after(struct level l)
{
	return l.text[l.len] == '/' ? l.text + l.len + 1 : NULL;
}

static bool
level_ok(struct level l)
{
	if (level_is(l, "#"))
		return l.text[1] == '\0';
	if (level_is(l, "+") || level_is(l, "%o") || level_is(l, "%u"))
		return true;
	return l.len == 0 ||
	    (l.text[0] != '%' && memchr(l.text, '#', l.len) == NULL &&
		memchr(l.text, '+', l.len) == NULL);
}

bool
topic_pattern_ok(const char *pattern)
{
	const char *text = pattern;

	if (*pattern == '\0')
		return false;
	while (text != NULL) {
		struct level l = level_at(text);

		if (!level_ok(l))
			return false;
		text = after(l);
	}
	return true;
}

static bool
level_covers(struct level pattern, const struct topic_names *names,
    struct level l)
{
	if (level_is(l, "#"))
		return false;
	if (level_is(pattern, "+"))
		return true;
	if (level_is(l, "+"))
		return false;
	if (level_is(pattern, "%o"))
		return level_is(l, names->org);
	if (level_is(pattern, "%u"))
		return level_is(l, names->user);
	return pattern.len == l.len && memcmp(pattern.text, l.text, l.len) == 0;
}

/* Wildcards at the beginning leave out what begins with $, such as $SYS. */
static bool
reserved(const char *pattern, const char *filter)
{
	return filter[0] == '$' && (pattern[0] == '+' || pattern[0] == '#');
}

bool
topic_covers(const char *pattern, const struct topic_names *names,
    const char *filter)
{
	if (reserved(pattern, filter))
		return false;
	while (pattern != NULL && filter != NULL) {
		struct level p = level_at(pattern), f = level_at(filter);

		if (level_is(p, "#"))
			return true;
		if (!level_covers(p, names, f))
			return false;
		pattern = after(p);
		filter = after(f);
	}
	/* a/# is a too. */
	return filter == NULL && (pattern == NULL || strcmp(pattern, "#") == 0);
}

const char *
topic_unshared(const char *filter)
{
	static const char share[] = "$share/";
	const char *group = filter + sizeof(share) - 1, *end;

	if (strncmp(filter, share, sizeof(share) - 1) != 0)
		return filter;
	end = strchr(group, '/');
	return end != NULL ? end + 1 : filter;
}
