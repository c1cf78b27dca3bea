/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpus.h"

static unsigned two[2];
static int found;

static void
find(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		err(1, "sched_getaffinity");
	for (unsigned i = 0; i < CPU_SETSIZE && found < 2; i++)
		if (CPU_ISSET(i, &set))
			two[found++] = i;
	if (found < 2)
		errx(1, "two CPUs are needed, and there is one");
}

unsigned
cpus_get(unsigned which)
{
	if (found == 0)
		find();
	return two[which];
}

/* A thread that has just ended is nowhere. */
static void
pin_thread(pid_t tid, unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(tid, sizeof(set), &set) != 0 && errno != ESRCH)
		err(1, "cannot pin thread %d to CPU %u", (int)tid, cpu);
}

void
cpus_pin(pid_t pid, unsigned which)
{
	unsigned cpu = cpus_get(which);
	char path[64];
	struct dirent *e;
	DIR *tasks;

	if (pid == 0) {
		pin_thread(0, cpu);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	if ((tasks = opendir(path)) == NULL)
		err(1, "%s", path);
	while ((e = readdir(tasks)) != NULL)
		if (e->d_name[0] != '.')
			pin_thread((pid_t)strtol(e->d_name, NULL, 10), cpu);
	closedir(tasks);
}
