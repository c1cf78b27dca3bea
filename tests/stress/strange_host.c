/* SPDX-License-Identifier: ISC */
/*
 * A host that does with its descriptors as it likes, and what becomes of the
 * verdicts that libkeyd gives it.
 *
 *   strange_host closes|fills RUNTIME_DIR
 *
 * A live and a revoked token are read from standard input, a line each.
 * "closes": all descriptors are closed or replaced, and their numbers used for
 * sockets and pipes of the host, on and on, also in children: no byte may
 * arrive there, and none of them be closed.  "fills": no descriptor is left,
 * or one, or two.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyd.h"

#define TURNS 400
#define FIRST 3  /* descriptor that is no standard one */
#define LAST 40  /* of the host's, more than the library has */
#define AWAY 100 /* the other ends of the host's */

static struct keyd_options options = KEYD_OPTIONS_INIT;
static struct keyd *handle;
static char live[KEYD_TOKEN_SIZE + 1], revoked[KEYD_TOKEN_SIZE + 1];
static unsigned right, unavailable, sends;

/* The library's too. */
ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	sends++;
	return sendto(fd, buf, len, flags, NULL, 0);
}

static void
verify(const char *token, const char *permission, enum keyd_status expected)
{
	enum keyd_status got =
	    keyd_verify_with(handle, token, permission, NULL);

	if (got == expected)
		right++;
	else if (got == KEYD_EUNAVAILABLE)
		unavailable++;
	else
		errx(1, "%s, not %s", keyd_strerror(got),
		    keyd_strerror(expected));
}

/* The first from memory, if it can be; the others never. */
static void
verify_all(void)
{
	verify(live, "tests:run", KEYD_OK);
	verify(live, "billing:manage", KEYD_FORBIDDEN);
	verify(revoked, "tests:run", KEYD_REVOKED);
}

static void
start(void)
{
	if (keyd_open(&options, &handle) != KEYD_OK)
		errx(1, "keyd_open");
}

static int
at_or_above(int fd, int least)
{
	int higher = fcntl(fd, F_DUPFD, least);

	if (higher < 0)
		err(1, "fcntl");
	close(fd);
	return higher;
}

/* One of a pair at this number, whatever was there; the other where it is
   looked at. */
static void
put_stranger(int fd)
{
	int ends[2], away;

	if ((fd % 3 == 0 ? pipe(ends)
			 : socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) != 0)
		err(1, "stranger");
	away = at_or_above(ends[0], 2 * AWAY);
	ends[1] = at_or_above(ends[1], 2 * AWAY);
	if (dup2(away, AWAY + fd) < 0 || dup2(ends[1], fd) < 0)
		err(1, "dup2");
	close(away);
	close(ends[1]);
}

/* Nothing came, and the stranger is there still. */
static void
look_at_stranger(int fd)
{
	struct pollfd p = { .fd = AWAY + fd, .events = POLLIN };

	if (poll(&p, 1, 0) < 0)
		err(1, "poll");
	if ((p.revents & POLLIN) != 0)
		errx(1, "bytes arrived at a stranger, descriptor %d", fd);
	if (p.revents != 0 || fcntl(fd, F_GETFD) < 0)
		errx(1, "descriptor %d of a stranger was closed", fd);
}

/* Some are replaced, or all are closed and all replaced. */
static void
take_numbers(int turn)
{
	if (turn % 2 == 0)
		closefrom(FIRST);
	for (int fd = FIRST; fd <= LAST; fd++)
		put_stranger(fd);
}

static void
leave_numbers(void)
{
	for (int fd = FIRST; fd <= LAST; fd++) {
		look_at_stranger(fd);
		close(fd);
		close(AWAY + fd);
	}
}

static void
one_turn(int turn)
{
	verify_all();
	take_numbers(turn);
	verify_all();
	verify_all();
	/* Now at numbers above; those are taken too. */
	if (turn % 3 == 0)
		for (int fd = LAST + 1; fd < AWAY; fd++)
			close(fd);
	verify_all();
	leave_numbers();
}

static void
in_child(void (*act)(int), int turn)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		act(turn);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		errx(1, "a child failed");
}

/* Nothing of the library's at the standard numbers, though they are free. */
static void
without_standard_ones(int turn)
{
	int first = dup(STDERR_FILENO);

	(void)turn;
	for (int fd = 0; fd < FIRST; fd++)
		close(fd);
	verify_all();
	for (int fd = 0; fd < FIRST; fd++)
		if (fcntl(fd, F_GETFD) >= 0) {
			dup2(first, STDERR_FILENO);
			errx(1, "descriptor %d is the library's", fd);
		}
	dup2(first, STDERR_FILENO);
	if (unavailable > 0)
		errx(1, "not reached without standard descriptors");
}

static unsigned
count_open(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
closes(void)
{
	start();
	in_child(without_standard_ones, 0);
	for (int turn = 0; turn < TURNS; turn++) {
		one_turn(turn);
		if (turn % 8 == 0)
			in_child(one_turn, turn + turn / 8 % 2);
	}
	keyd_close(handle);
	closefrom(FIRST);
	if (unavailable > 0)
		errx(1, "%u times not reached", unavailable);
}

/* So many are free; whatever else may be open. */
static void
leave_free(int n)
{
	struct rlimit r = { .rlim_cur = LAST, .rlim_max = LAST };
	int fd, last = -1;

	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		err(1, "setrlimit");
	while ((fd = dup(STDERR_FILENO)) >= 0)
		last = fd;
	if (errno != EMFILE)
		err(1, "dup");
	while (n-- > 0)
		close(last--);
}

static void
with_free(int n, unsigned *times_right, unsigned *asked)
{
	unsigned before;

	closefrom(FIRST);
	start();
	leave_free(n);
	right = unavailable = sends = 0;
	before = count_open();
	for (int turn = 0; turn < 50; turn++)
		verify_all();
	/* A fresh handle connects once, to all that is left. */
	if (count_open() > before + (n > 0))
		errx(1, "descriptors are lost");
	keyd_close(handle);
	if (count_open() != before)
		errx(1, "descriptors are left behind");
	*times_right = right;
	*asked = sends;
	printf("%d free: %u right, %u not reached, %u sent\n", n, right,
	    unavailable, sends);
}

static void
expect(bool good, const char *what)
{
	if (!good)
		errx(1, "%s", what);
}

/* At one the connection is, and the page that comes with it finds no place:
   each verify is asked.  At two there is room for it for a moment. */
static void
fills(void)
{
	unsigned times_right, asked;

	with_free(0, &times_right, &asked);
	expect(times_right == 0 && asked == 0, "asked without a descriptor");
	with_free(1, &times_right, &asked);
	expect(times_right == 150 && asked >= 150, "not asked each time");
	with_free(2, &times_right, &asked);
	expect(times_right == 150 && asked < 150, "nothing from memory");
	/* Full for a while, and then not. */
	closefrom(FIRST);
	start();
	leave_free(0);
	right = unavailable = 0;
	verify_all();
	expect(unavailable == 3, "asked without a descriptor");
	closefrom(FIRST);
	verify_all();
	expect(right == 3, "not asked again");
	keyd_close(handle);
}

static void
read_token(char *token)
{
	if (fgets(token, KEYD_TOKEN_SIZE + 1, stdin) == NULL)
		errx(2, "no token on standard input");
	token[strcspn(token, "\n")] = '\0';
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: strange_host closes|fills DIR");
	options.runtime_dir = argv[2];
	options.deadline_ms = 20000;
	read_token(live);
	read_token(revoked);
	if (strcmp(argv[1], "fills") == 0)
		fills();
	else
		closes();
	printf("%u right, %u not reached\n", right, unavailable);
	return 0;
}
