/* SPDX-License-Identifier: ISC */
/*
 * fuzz.h - what a fuzz target is, and how it says that something is wrong.
 */
#ifndef KEYD_FUZZ_H
#define KEYD_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Defined by each target; called by libFuzzer or by replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert, whatever NDEBUG says. */
#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

#endif /* KEYD_FUZZ_H */
