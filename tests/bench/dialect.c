/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <stdio.h>
#include <string.h>

#include "dialect.h"

static const struct dialect *const all[] = {
	&dialect_echo,
	&dialect_keyd,
	&dialect_memcached,
	&dialect_postgres,
	&dialect_redis,
};

const struct dialect *
dialect_find(const char *name)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	errx(2, "%s is nobody to be asked", name);
}

int
dialect_connect(const struct dialect *d, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int n = snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);

	if (n < 0 || (size_t)n >= sizeof(to.sun_path))
		errx(1, "%s is too long a path", path);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		err(1, "%s", path);
	if (d->greet != NULL)
		d->greet(fd);
	return fd;
}

void
dialect_say(int fd, const void *bytes, size_t len)
{
	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		err(1, "send");
}

size_t
dialect_hear(int fd, void *bytes, size_t size)
{
	ssize_t n = recv(fd, bytes, size, 0);

	if (n < 0)
		err(1, "recv");
	if (n == 0)
		errx(1, "a server hung up");
	return (size_t)n;
}
