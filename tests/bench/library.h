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

/* Verifies; anything but KEYD_OK ends the program. */
void bench_verify(struct keyd *handle, const char *token);

#endif /* KEYD_LIBRARY_H */
