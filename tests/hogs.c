/* SPDX-License-Identifier: ISC */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <check.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "hogs.h"

void
hogs_one_processor(void)
{
	cpu_set_t all, one;
	size_t cpu = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
}

static void
run(void)
{
	volatile unsigned long turns = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		turns = turns + 1;
}

void
hogs_start(struct hogs *h)
{
	for (int i = 0; i < HOGS; i++) {
		ck_assert_int_ne(h->pids[i] = fork(), -1);
		if (h->pids[i] == 0)
			run();
	}
}

void
hogs_stop(struct hogs *h)
{
	for (int i = 0; i < HOGS; i++) {
		kill(h->pids[i], SIGKILL);
		waitpid(h->pids[i], NULL, 0);
	}
}
