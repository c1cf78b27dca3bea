/* SPDX-License-Identifier: ISC */
/*
 * libev-loop - verify tokens from a loop of libev, any number at once.
 *
 * Reads a token a line on standard input and prints its verdict behind the
 * number of the line, in the order in which they come.
 *
 *   cc libev-loop.c $(pkg-config --cflags --libs libkeyd) -lev -o libev-loop
 */
#include <err.h>
#include <ev.h>
#include <keyd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What keyd wants of the loop: one descriptor, and a time that changes. */
struct keyd_watcher {
	struct keyd_async *async;
	ev_io io;
	ev_timer timer;
	ev_prepare prepare;
};

static struct keyd_watcher watcher;
static long under_way;
static int open_input = 1;

static void
process(void)
{
	keyd_async_process(watcher.async);
	fflush(stdout);
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	(void)loop, (void)io, (void)events;
	process();
}

static void
on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop, (void)timer, (void)events;
	process();
}

/* Before the loop waits: until when may it?  This is the place, since each call
   of keyd_async_* changes the time, and no other is looked at. */
static void
before_waiting(struct ev_loop *loop, ev_prepare *prepare, int events)
{
	int ms = keyd_async_timeout(watcher.async);

	(void)prepare, (void)events;
	ev_timer_stop(loop, &watcher.timer);
	if (ms >= 0) {
		ev_timer_set(&watcher.timer, ms / 1000.0, 0);
		ev_timer_start(loop, &watcher.timer);
	}
	if (!open_input && under_way == 0)
		ev_break(loop, EVBREAK_ALL);
}

static void
watch(struct ev_loop *loop)
{
	ev_io_init(&watcher.io, on_readable, keyd_async_fd(watcher.async),
	    EV_READ);
	ev_io_start(loop, &watcher.io);
	ev_init(&watcher.timer, on_time);
	ev_prepare_init(&watcher.prepare, before_waiting);
	ev_prepare_start(loop, &watcher.prepare);
}

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
submit(const char *line)
{
	static long number;
	enum keyd_status status;

	under_way++;
	number++;
	status = keyd_async_verify(watcher.async, line, "tests:run", done,
	    (void *)(intptr_t)number, NULL);
	if (status != KEYD_OK) /* then done is not called */
		errx(1, "line %ld: %s", number, keyd_strerror(status));
}

static void
on_input(struct ev_loop *loop, ev_io *io, int events)
{
	static char text[65536];
	static size_t len;
	char *at = text, *end;
	ssize_t n = read(STDIN_FILENO, text + len, sizeof(text) - len);

	(void)events;
	if (n <= 0) {
		ev_io_stop(loop, io);
		open_input = 0;
		return;
	}
	len += (size_t)n;
	while ((end = memchr(at, '\n', len - (size_t)(at - text))) != NULL) {
		*end = '\0';
		submit(at);
		at = end + 1;
	}
	len -= (size_t)(at - text);
	memmove(text, at, len);
	fflush(stdout);
}

int
main(void)
{
	struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
	struct keyd *handle;
	ev_io input;

	if (loop == NULL || keyd_open(NULL, &handle) != KEYD_OK ||
	    keyd_async_open(handle, &watcher.async) != KEYD_OK)
		errx(1, "out of memory");
	watch(loop);
	ev_io_init(&input, on_input, STDIN_FILENO, EV_READ);
	ev_io_start(loop, &input);
	ev_run(loop, 0);
	keyd_async_close(watcher.async);
	keyd_close(handle);
	return 0;
}
