/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "settings.h"
#include "syntax.h"

static struct config *
fail(char *why, size_t why_size, const char *path, const char *what)
{
	(void)snprintf(why, why_size, "%s: %s", path, what);
	return NULL;
}

struct config *
config_parse(const char *text, size_t len, const char *name, char *why,
    size_t why_size)
{
	struct config *c = NULL;
	char what[CONFIG_WHY_SIZE];
	int line = 0;
	char *copy;

	if (len > CONFIG_MAX)
		return fail(why, why_size, name, "over 1 MiB: shorten it");
	if ((copy = malloc(len + 1)) == NULL)
		return fail(why, why_size, name, "out of memory");
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	if (syntax_check(copy, len, &line, what, sizeof(what)))
		c = settings_read(copy, &line, what, sizeof(what));
	free(copy);
	if (c == NULL && line == 0)
		return fail(why, why_size, name, what);
	if (c == NULL)
		(void)snprintf(why, why_size, "%s:%d: %s", name, line, what);
	return c;
}

/* NULL, or why this file is not to be read. */
static const char *
refusal(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is not a regular file: name one with -c";
	if ((st->st_mode & 022) != 0)
		return "others than its owner may write it: chmod it to 0644";
	if (st->st_size > CONFIG_MAX)
		return "over 1 MiB: shorten it";
	return NULL;
}

/* Up to size bytes, fewer only at the end of the file; -1 and errno. */
static ssize_t
read_all(int fd, char *bytes, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, bytes + len, size - len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static struct config *
load_open(int fd, const char *path, char *why, size_t why_size)
{
	const char *wrong;
	struct config *c;
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return fail(why, why_size, path, strerror(errno));
	if ((wrong = refusal(&st)) != NULL)
		return fail(why, why_size, path, wrong);
	/* One more byte, to notice a file that grew. */
	if ((text = malloc(CONFIG_MAX + 1)) == NULL)
		return fail(why, why_size, path, "out of memory");
	if ((n = read_all(fd, text, CONFIG_MAX + 1)) == -1)
		c = fail(why, why_size, path, strerror(errno));
	else
		c = config_parse(text, (size_t)n, path, why, why_size);
	free(text);
	return c;
}

struct config *
config_load(const char *path, bool must_exist, char *why, size_t why_size)
{
	/* Non-blocking, or a FIFO would hold keyd here. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct config *c;

	if (fd == -1 && errno == ENOENT && !must_exist)
		return config_parse("", 0, path, why, why_size);
	if (fd == -1) {
		(void)snprintf(why, why_size,
		    "%s: cannot be read: %s: name another with -c, or let "
		    "keyd's user read it",
		    path, strerror(errno));
		return NULL;
	}
	c = load_open(fd, path, why, why_size);
	close(fd);
	return c;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	policy_unref(c->policy);
	free(c);
}
