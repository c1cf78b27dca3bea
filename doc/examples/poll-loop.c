/* SPDX-License-Identifier: ISC */
/*
 * poll-loop - verify tokens from a bare poll(2) loop, any number at once.
 *
 * Reads a token a line on standard input and prints its verdict behind the
 * number of the line, in the order in which they come.
 *
 *   cc poll-loop.c $(pkg-config --cflags --libs libkeyd) -o poll-loop
 */
#include <err.h>
#include <keyd.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static long under_way;

/* Called once for each question: from keyd_async_verify when the answer is
   known at once, else from keyd_async_process. */
static void
done(void *arg, enum keyd_status status, const struct keyd_verdict *verdict)
{
	under_way--;
	if (status == KEYD_OK)
		printf("%ld allow %s\n", (long)(intptr_t)arg, verdict->key_id);
	else
		printf("%ld deny %d %s\n", (long)(intptr_t)arg,
		    verdict->http_status, keyd_strerror(status));
}

static void
submit(struct keyd_async *async, char *line, long number)
{
	enum keyd_status status;

	under_way++;
	status = keyd_async_verify(async, line, "tests:run", done,
	    (void *)(intptr_t)number, NULL);
	if (status != KEYD_OK) /* then done is not called */
		errx(1, "line %ld: %s", number, keyd_strerror(status));
}

/* Whole lines of what was read; the rest stays. */
static size_t
take_lines(struct keyd_async *async, char *text, size_t len)
{
	static long number;
	char *at = text, *end;

	while ((end = memchr(at, '\n', len - (size_t)(at - text))) != NULL) {
		*end = '\0';
		submit(async, at, ++number);
		at = end + 1;
	}
	len -= (size_t)(at - text);
	memmove(text, at, len);
	return len;
}

int
main(void)
{
	static char text[65536];
	struct keyd *handle;
	struct keyd_async *async;
	struct pollfd polls[2];
	size_t len = 0;
	ssize_t n = 1;

	if (keyd_open(NULL, &handle) != KEYD_OK ||
	    keyd_async_open(handle, &async) != KEYD_OK)
		errx(1, "out of memory");
	while (n > 0 || under_way > 0) {
		polls[0] = (struct pollfd){ keyd_async_fd(async), POLLIN, 0 };
		polls[1] =
		    (struct pollfd){ n > 0 ? STDIN_FILENO : -1, POLLIN, 0 };
		if (poll(polls, 2, keyd_async_timeout(async)) == -1)
			err(1, "poll");
		/* After each poll: the descriptor is readable, or it is time.
		 */
		keyd_async_process(async);
		if (polls[1].revents != 0) {
			n = read(STDIN_FILENO, text + len, sizeof(text) - len);
			len = take_lines(async, text,
			    len + (n > 0 ? (size_t)n : 0));
		}
		fflush(stdout);
	}
	keyd_async_close(async);
	keyd_close(handle);
	return 0;
}
