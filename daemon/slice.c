/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/syscall.h>

#include <sched.h>
#include <stdint.h>
#include <unistd.h>

#include "slice.h"

#define SLICE_NS 100000 /* the least that the kernel takes */
#define NICE_MAX 19

/* As sched_setattr(2) has it; the kernel's header does not go with libc's. */
struct attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime; /* of the usual policy: a slice, ns */
	uint64_t deadline;
	uint64_t period;
};

static bool
set(pid_t thread, int nice, uint64_t runtime)
{
	struct attributes a = { .size = sizeof(a),
		.policy = SCHED_OTHER,
		.nice = nice < NICE_MAX ? nice : NICE_MAX,
		.runtime = runtime };

	return sched_getscheduler(thread) != SCHED_OTHER ||
	    syscall(SYS_sched_setattr, thread, &a, 0) == 0;
}

void
slice_shorten(void)
{
	(void)set(0, getpriority(PRIO_PROCESS, 0), SLICE_NS);
}

struct slice
slice_of_thread(void)
{
	return (struct slice){ gettid(), getpriority(PRIO_PROCESS, 0) };
}

void
slice_stand_back(const struct slice *s, int steps)
{
	(void)set(s->thread, s->nice + steps, 0);
}

bool
slice_step_forward(const struct slice *s)
{
	return set(s->thread, s->nice, 0);
}
