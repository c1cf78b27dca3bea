/* SPDX-License-Identifier: ISC */
/*
 * library.h - libkeyd, with the cache of verdicts or without it.
 */
#ifndef KEYD_LIBRARY_H
#define KEYD_LIBRARY_H

#include <stdbool.h>

#include "keyd.h"

#define BENCH_PERMISSION "tests:run"

struct keyd *bench_handle(const char *runtime_dir, bool cached);

/*
 * Verifies; anything but KEYD_OK ends the program.  As by a worker that keeps
 * its verdict: a call needs no more of it than the size.
 */
void bench_verify(struct keyd *handle, const char *token);
/* The same with KEYD_VERDICT_INIT for each call: compilers clear all of it. */
void bench_verify_cleared(struct keyd *handle, const char *token);

#endif /* KEYD_LIBRARY_H */
