/* SPDX-License-Identifier: ISC */
/*
 * echo.h - the least that a server on a Unix stream socket can do.
 *
 * One thread: epoll_wait, recv, send.  For each request of so many bytes it
 * sends so many back, and looks at neither.  It ends with its parent.
 */
#ifndef KEYD_ECHO_H
#define KEYD_ECHO_H

#include <sys/types.h>

/* Starts it in a process of its own; fd is given the clients' ends. */
pid_t echo_start(int *fd, unsigned clients, size_t request, size_t size);
void echo_stop(pid_t pid);

#endif /* KEYD_ECHO_H */
