/* SPDX-License-Identifier: ISC */
/*
 * cpus.h - who runs where.
 */
#ifndef KEYD_CPUS_H
#define KEYD_CPUS_H

#include <sys/types.h>

/* The first or the second CPU that this process might use at its start. */
unsigned cpus_get(unsigned which);

/* Puts all threads of a process on one of the two; 0 is the calling thread. */
void cpus_pin(pid_t pid, unsigned which);

#endif /* KEYD_CPUS_H */
