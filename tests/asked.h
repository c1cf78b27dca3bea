/* SPDX-License-Identifier: ISC */
/*
 * asked.h - an asker on a new store for each test, with people or without.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_ASKED_H
#define KEYD_TESTS_ASKED_H

#include "ask.h"
#include "suite.h"

#define DAY 86400 /* s */

static struct scratch s;
static struct asker a;

static inline void
set_up_empty(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
}

/* The same with those of ask_people(). */
static inline void
set_up(void)
{
	set_up_empty();
	ask_people(&a);
}

static inline void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

#endif /* KEYD_TESTS_ASKED_H */
