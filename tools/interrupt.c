/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stddef.h>

#include "interrupt.h"

static volatile sig_atomic_t came;

static void
note(int number)
{
	came = number;
}

void
interrupt_hold(void)
{
	struct sigaction act = { .sa_handler = note };

	act.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
}

bool
interrupt_came(void)
{
	return came != 0;
}
