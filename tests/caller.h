/* SPDX-License-Identifier: ISC */
/*
 * caller.h - a handle of the library, and the partner that it asks.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_CALLER_H
#define KEYD_TESTS_CALLER_H

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "keyd.h"
#include "partner.h"
#include "tokens.h"

static struct peer peer;
static struct keyd *handle;

static inline struct keyd *
open_with(const char *org, unsigned deadline_ms)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	struct keyd *h;

	o.runtime_dir = peer.dir;
	o.org = org;
	o.deadline_ms = deadline_ms;
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_OK);
	return h;
}

/* The handle of keyd_verify(), whose options nobody gives. */
static inline void
make_default_patient(void)
{
	struct keyd *h;

	ck_assert_int_eq(handle_default(&h), KEYD_OK);
	h->deadline_ms = PATIENT;
}

static inline void
setup(void)
{
	peer_start(&peer);
	setenv("KEYD_RUNTIME_DIR", peer.dir, 1);
	handle = open_with(NULL, PATIENT);
}

static inline void
teardown(void)
{
	keyd_close(handle);
	peer_stop(&peer);
}

static inline enum keyd_status
verify(const char *token)
{
	return keyd_verify_with(handle, token, NULL, NULL);
}

/* Connections that this process has to the peer, as a client. */
static inline int
open_connections(void)
{
	struct sockaddr_un at;
	socklen_t len;
	int n = 0;

	for (int fd = 3; fd < 1024; fd++) {
		len = sizeof(at);
		memset(&at, 0, sizeof(at));
		if (getpeername(fd, (struct sockaddr *)&at, &len) == 0 &&
		    strstr(at.sun_path, peer.dir) != NULL)
			n++;
	}
	return n;
}

static inline void
wait_for(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

#endif /* KEYD_TESTS_CALLER_H */
