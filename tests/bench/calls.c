/* SPDX-License-Identifier: ISC */
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "calls.h"

#define PATIENCE 60 /* s */

/* A call that nothing here makes otherwise marks the beginning and the end. */
static void
mark(void)
{
	syscall(SYS_getpgid, 0);
}

_Noreturn static void
child(const struct load *l, unsigned times)
{
	alarm(PATIENCE);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(1);
	for (unsigned i = 0; i < times; i++)
		l->once(l->state, 0);
	raise(SIGSTOP);
	mark();
	for (unsigned i = 0; i < times; i++)
		l->once(l->state, 0);
	mark();
	_exit(0);
}

/* Lets it go on until a system call begins or ends; false: it has ended. */
static bool
go_on(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		err(1, "ptrace");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	if (!WIFSTOPPED(status))
		errx(1, "what was traced failed");
	return true;
}

/* Of the calls that begin between the two marks. */
static unsigned long
count_calls(pid_t pid)
{
	struct __ptrace_syscall_info info;
	unsigned long calls = 0;
	int marks = 0;

	while (go_on(pid)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <=
		    0)
			err(1, "ptrace");
		if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
			continue;
		if (info.entry.nr == SYS_getpgid)
			marks++;
		else if (marks == 1)
			calls++;
	}
	if (marks != 2)
		errx(1, "what was traced ended before its end");
	return calls;
}

double
calls_count(const struct load *l, unsigned times)
{
	unsigned batch = l->batch == 0 ? 1 : l->batch;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (pid == 0)
		child(l, times);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		errx(1, "what is to be traced did not start");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) != 0)
		err(1, "ptrace");
	return (double)count_calls(pid) / ((double)times * batch);
}
