/* SPDX-License-Identifier: ISC */
/*
 * verifier.h - a process that verifies the keys of a storm until it is over.
 *
 * They are of several kinds: of one thread; of some that share a handle; one
 * that forks children, which go on with the handle of their parent; and one in
 * a time namespace, whose clocks are others.
 */
#ifndef KEYD_TESTS_VERIFIER_H
#define KEYD_TESTS_VERIFIER_H

#include "board.h"

struct verifier {
	struct board *board;
	const struct keyd_options *options;
	unsigned number; /* of the process: it says of which kind it is */
	bool namespaces; /* may be made */
};

/* In a child: does not return. */
_Noreturn void verifier_run(const struct verifier *v);

/* Nothing, or why a time namespace cannot be made here. */
const char *verifier_no_namespace(void);

#endif /* KEYD_TESTS_VERIFIER_H */
