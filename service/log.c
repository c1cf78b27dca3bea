/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "visible.h"

#define THROTTLE_MS 1000
#define CUT "..."

static atomic_bool debug;
static const char *program = "keyd";

struct line {
	char text[LOG_LINE_MAX];
	size_t len;
	bool cut;
};

/* Leaves room for CUT and the newline. */
static void
put(struct line *l, const char *bytes, size_t n)
{
	if (l->cut || n > sizeof(l->text) - sizeof(CUT) - l->len) {
		l->cut = true;
		return;
	}
	memcpy(l->text + l->len, bytes, n);
	l->len += n;
}

static void
put_visible(struct line *l, const char *s)
{
	char escaped[5];
	size_t n;

	while (*s != '\0' && !l->cut) {
		if ((n = visible_char(s)) != 0) {
			put(l, s, n);
			s += n;
			continue;
		}
		(void)snprintf(escaped, sizeof(escaped), "\\x%02x",
		    (unsigned char)*s++);
		put(l, escaped, 4);
	}
}

static void
put_prefix(struct line *l, int priority)
{
	char prefix[32];

	if (isatty(STDERR_FILENO))
		(void)snprintf(prefix, sizeof(prefix), "%s: ", program);
	else
		(void)snprintf(prefix, sizeof(prefix), "<%d>", priority);
	put(l, prefix, strlen(prefix));
}

static void
finish(struct line *l)
{
	if (l->cut) {
		memcpy(l->text + l->len, CUT, sizeof(CUT) - 1);
		l->len += sizeof(CUT) - 1;
	}
	l->text[l->len++] = '\n';
	/* There is nowhere to say that stderr fails. */
	while (write(STDERR_FILENO, l->text, l->len) == -1 && errno == EINTR)
		continue;
}

static void
say(int priority, uint32_t left_out, const char *fmt, va_list ap)
{
	struct line l = { .len = 0 };
	char message[LOG_LINE_MAX];
	char more[48];
	int saved = errno;
	int n = vsnprintf(message, sizeof(message), fmt, ap);

	put_prefix(&l, priority);
	put_visible(&l, n < 0 ? fmt : message);
	if (left_out > 0) {
		(void)snprintf(more, sizeof(more), " (and %u more like it)",
		    left_out);
		put_visible(&l, more);
	}
	finish(&l);
	errno = saved;
}

/* <3> to <7>, as in sd-daemon(3). */
#define SAY(priority, fmt)                                                     \
	do {                                                                   \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, fmt);                                             \
		say((priority), 0, (fmt), ap);                                 \
		va_end(ap);                                                    \
	} while (0)

void
log_err(const char *fmt, ...)
{
	SAY(3, fmt);
}

void
log_warning(const char *fmt, ...)
{
	SAY(4, fmt);
}

void
log_notice(const char *fmt, ...)
{
	SAY(5, fmt);
}

void
log_info(const char *fmt, ...)
{
	SAY(6, fmt);
}

void
log_debug(const char *fmt, ...)
{
	if (atomic_load_explicit(&debug, memory_order_relaxed))
		SAY(7, fmt);
}

void
log_set_program(const char *name)
{
	program = name;
}

void
log_set_debug(bool on)
{
	atomic_store_explicit(&debug, on, memory_order_relaxed);
}

void
fatal(int code, const char *fmt, ...)
{
	SAY(3, fmt);
	exit(code);
}

/* Whose turn it is to write: one caller in each second. */
static bool
throttle_passes(struct log_throttle *t)
{
	int64_t now = clock_mono_ms();
	int64_t next = atomic_load(&t->next);

	return now >= next &&
	    atomic_compare_exchange_strong(&t->next, &next, now + THROTTLE_MS);
}

void
log_throttled(struct log_throttle *t, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (throttle_passes(t)) {
		va_start(ap, fmt);
		errno = saved;
		say(4, atomic_exchange(&t->left_out, 0), fmt, ap);
		va_end(ap);
	} else {
		atomic_fetch_add(&t->left_out, 1);
	}
	errno = saved;
}
