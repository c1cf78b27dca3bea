/* SPDX-License-Identifier: ISC */
/*
 * host.h - a host with an event loop that asks through the library, and the
 * partner that answers.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_HOST_H
#define KEYD_TESTS_HOST_H

#include <check.h>
#include <poll.h>

#include "async.h"
#include "keyd.h"
#include "partner.h"
#include "tokens.h"

static struct peer peer;
static struct keyd *handle;
static struct keyd_async *async;

/* What a callback was told. */
struct heard {
	int calls;
	enum keyd_status status;
	struct keyd_verdict verdict;
	int order;
};

static int order;

static inline void
hear(void *arg, enum keyd_status status, const struct keyd_verdict *verdict)
{
	struct heard *h = arg;

	h->calls++;
	h->status = status;
	h->verdict = *verdict;
	h->order = ++order;
	ck_assert_int_eq(verdict->status, status);
	ck_assert_int_eq(verdict->http_status, keyd_http_status(status));
	ck_assert_uint_eq(verdict->size, sizeof(*verdict));
}

static inline void
open_with(unsigned deadline_ms)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;

	o.runtime_dir = peer.dir;
	o.deadline_ms = deadline_ms;
	ck_assert_int_eq(keyd_open(&o, &handle), KEYD_OK);
	ck_assert_int_eq(keyd_async_open(handle, &async), KEYD_OK);
}

static inline void
setup(void)
{
	peer_start(&peer);
	open_with(PATIENT);
	order = 0;
}

static inline void
teardown(void)
{
	keyd_async_close(async);
	keyd_close(handle);
	peer_stop(&peer);
}

static inline uint64_t
ask(struct heard *h, const char *token)
{
	uint64_t ticket = 99;

	h->calls = 0;
	ck_assert_int_eq(keyd_async_verify(async, token, "tests:run", hear, h,
			     &ticket),
	    KEYD_OK);
	return ticket;
}

/* As a host does: polls, for as long as it is told to. */
static inline void
turn(void)
{
	struct pollfd p = { .fd = keyd_async_fd(async), .events = POLLIN };

	ck_assert_int_ge(poll(&p, 1, keyd_async_timeout(async)), 0);
	keyd_async_process(async);
}

static inline void
wait_for(const struct heard *h)
{
	while (h->calls == 0)
		turn();
	ck_assert_int_eq(h->calls, 1);
}

static inline enum keyd_status
verdict_of(const char *token)
{
	struct heard h;

	(void)ask(&h, token);
	wait_for(&h);
	return h.status;
}

#endif /* KEYD_TESTS_HOST_H */
