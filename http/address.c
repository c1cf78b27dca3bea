/* SPDX-License-Identifier: ISC */
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

#define HOST_SIZE 64
#define PORT_DIGITS 5

static bool
parse_port(const char *text, in_port_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long n = strtoul(text, NULL, 10);

	*port = htons((uint16_t)n);
	return digits > 0 && digits <= PORT_DIGITS && text[digits] == '\0' &&
	    n <= UINT16_MAX;
}

static bool
parse_host(const char *host, in_port_t port, struct sockaddr_storage *at,
    socklen_t *len)
{
	struct sockaddr_in *in = (struct sockaddr_in *)at;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)at;

	memset(at, 0, sizeof(*at));
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = port;
		*len = sizeof(*in);
		return true;
	}
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = port;
	*len = sizeof(*in6);
	return true;
}

bool
address_parse(const char *text, struct sockaddr_storage *at, socklen_t *len)
{
	const char *colon = strrchr(text, ':');
	bool boxed = text[0] == '[';
	char host[HOST_SIZE];
	in_port_t port;
	size_t n;

	if (colon == NULL || !parse_port(colon + 1, &port))
		return false;
	n = (size_t)(colon - text);
	if (n >= sizeof(host) || (boxed && (n < 2 || text[n - 1] != ']')))
		return false;
	if (!boxed && memchr(text, ':', n) != NULL)
		return false;
	(void)snprintf(host, sizeof(host), "%.*s", (int)(boxed ? n - 2 : n),
	    text + boxed);
	return parse_host(host, port, at, len);
}

bool
address_is_local(const struct sockaddr *at)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)at;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)at;

	switch (at->sa_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	default:
		return false;
	}
}

static void
print_unix(const struct sockaddr_un *sun, socklen_t len, char *text,
    size_t size)
{
	size_t n = len - offsetof(struct sockaddr_un, sun_path);

	if (n == 0 || sun->sun_path[0] == '\0')
		(void)snprintf(text, size, "a Unix socket");
	else
		(void)snprintf(text, size, "unix:%.*s", (int)n, sun->sun_path);
}

void
address_print(const struct sockaddr *at, socklen_t len, char *text, size_t size)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)at;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)at;
	char host[INET6_ADDRSTRLEN] = "";

	if (at->sa_family == AF_UNIX) {
		print_unix((const struct sockaddr_un *)at, len, text, size);
		return;
	}
	if (at->sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		(void)snprintf(text, size, "%s:%u", host, ntohs(in->sin_port));
		return;
	}
	(void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	(void)snprintf(text, size, "[%s]:%u", host, ntohs(in6->sin6_port));
}
