/* SPDX-License-Identifier: ISC */
/*
 * calls.h - how many system calls something takes.
 */
#ifndef KEYD_CALLS_H
#define KEYD_CALLS_H

#include "bench.h"

/*
 * Does it so many times, after as many to warm up, in a child that is traced.
 * Returns the system calls of each operation.
 */
double calls_count(const struct load *l, unsigned times);

#endif /* KEYD_CALLS_H */
