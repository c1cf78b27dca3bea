/* SPDX-License-Identifier: ISC */
/*
 * log.h - what a service says, in a closed vocabulary, one line to stderr each.
 *
 * A line is one write, and whatever cannot be shown in it is written as \xNN,
 * so no name of a stranger can forge a line.  Never pass a token, a digest or
 * the hash key: a key id says enough.  All of these keep errno and may be
 * called from any thread, but not from a signal handler.
 */
#ifndef KEYD_LOG_H
#define KEYD_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LOG_LINE_MAX 2048 /* bytes; what is longer ends in "..." */

#define LOG_PRINTF(f, a) __attribute__((format(printf, f, a)))

/*
 * Lines begin with the priority as the journal reads it, <3> to <7>, or with
 * the program's name when stderr is a terminal; no newline at the end of fmt.
 */
void log_err(const char *fmt, ...) LOG_PRINTF(1, 2);
void log_warning(const char *fmt, ...) LOG_PRINTF(1, 2);
void log_notice(const char *fmt, ...) LOG_PRINTF(1, 2);
void log_info(const char *fmt, ...) LOG_PRINTF(1, 2);
void log_debug(const char *fmt, ...) LOG_PRINTF(1, 2); /* only when set */

void log_set_debug(bool on);

/* Of up to 29 bytes and for ever; before any line.  "keyd" unless it is set. */
void log_set_program(const char *name);

/* Logs as log_err and exits with this code. */
_Noreturn void fatal(int code, const char *fmt, ...) LOG_PRINTF(2, 3);

/* One for each kind of line; all zero to begin with. */
struct log_throttle {
	_Atomic int64_t next; /* ms of clock_mono_ms: none before */
	_Atomic uint32_t left_out;
};

/*
 * As log_warning, but at most one line a second; the next one that is written
 * tells how many were left out.
 */
void log_throttled(struct log_throttle *t, const char *fmt, ...)
    LOG_PRINTF(2, 3);

#endif /* KEYD_LOG_H */
