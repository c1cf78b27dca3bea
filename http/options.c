/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "keyd.h"
#include "options.h"

#define MODE 0660

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: keyd-http [-hv] [-c CONNECTIONS] [-i PERMISSION]\n"
	    "                 [-l ADDRESS:PORT | -s PATH [-m MODE]]\n"
	    "                 [-R REALM] [-r RUNTIME_DIR] [-t THREADS]\n"
	    "  -c  connections at once, by default %d\n"
	    "  -i  whoever introspects needs a key with this permission\n"
	    "  -l  a loopback address to listen on\n"
	    "  -m  mode of the socket, by default %04o\n"
	    "  -R  realm of challenges, by default api\n"
	    "  -r  directory of keyd's sockets, by default %s\n"
	    "  -s  socket to listen on, by default %s\n"
	    "  -t  threads that answer, by default %d\n"
	    "  -h  print this\n"
	    "  -v  print the version\n"
	    "See keyd-http(8).\n",
	    OPTIONS_CONNECTIONS, MODE, KEYD_RUNTIME_DIR_DEFAULT,
	    KEYD_HTTP_SOCKET_DEFAULT, OPTIONS_THREADS);
}

_Noreturn static void
wrong(const char *what, const char *value)
{
	fprintf(stderr, "keyd-http: %s: \"%s\" (see keyd-http -h)\n", what,
	    value);
	exit(EX_USAGE);
}

static unsigned
number(const char *text, unsigned most, const char *what)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long n = strtoul(text, NULL, 10);

	if (digits == 0 || digits > 6 || text[digits] != '\0' || n < 1 ||
	    n > most)
		wrong(what, text);
	return (unsigned)n;
}

static mode_t
mode(const char *text)
{
	size_t n = strspn(text, "01234567");
	long m = strtol(text, NULL, 8);

	if (text[0] != '0' || n < 2 || text[n] != '\0' || (m & ~0777L) != 0)
		wrong("-m wants a mode such as 0660", text);
	return (mode_t)m;
}

/* It goes into a header between quotes, which libkeyd sees to. */
static const char *
realm(const char *text)
{
	if (strlen(text) > OPTIONS_REALM_MAX)
		wrong("-R wants up to 128 bytes", text);
	for (const char *s = text; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			wrong("-R wants visible ASCII", text);
	return text;
}

static const char *
permission(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "0123456789:._-";
	size_t len = strlen(text);

	if (len == 0 || len >= KEYD_PERMISSION_SIZE ||
	    strspn(text, allowed) != len)
		wrong("-i wants a permission such as tests:run", text);
	return text;
}

static void
place(struct options *o, const char *path, const char *address)
{
	if (o->placed)
		wrong("one place to listen on is enough",
		    path != NULL ? path : address);
	o->path = path;
	o->address = address;
	o->placed = true;
}

static void
take(struct options *o, int ch)
{
	switch (ch) {
	case 'c':
		o->connections =
		    number(optarg, OPTIONS_CONNECTIONS_MAX, "-c: 1 to 16384");
		break;
	case 'i':
		o->introspect = permission(optarg);
		break;
	case 'l':
		place(o, NULL, optarg);
		break;
	case 'm':
		o->mode = mode(optarg);
		break;
	case 'R':
		o->realm = realm(optarg);
		break;
	case 'r':
		o->runtime_dir = optarg;
		break;
	case 's':
		place(o, optarg, NULL);
		break;
	case 't':
		o->threads = number(optarg, OPTIONS_THREADS_MAX, "-t: 1 to 64");
		break;
	case 'h':
		usage(stdout);
		exit(0);
	case 'v':
		printf("keyd-http %s\n", PACKAGE_VERSION);
		exit(0);
	default:
		usage(stderr);
		exit(EX_USAGE);
	}
}

void
options_parse(int argc, char **argv, struct options *o)
{
	int ch;

	*o = (struct options){ .path = KEYD_HTTP_SOCKET_DEFAULT,
		.mode = MODE,
		.connections = OPTIONS_CONNECTIONS,
		.threads = OPTIONS_THREADS };
	while ((ch = getopt(argc, argv, "c:hi:l:m:R:r:s:t:v")) != -1)
		take(o, ch);
	if (optind < argc)
		wrong("no operand is expected", argv[optind]);
}
