/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "doc.h"
#include "fail.h"
#include "out.h"

static const struct {
	enum keyd_status status;
	const char *name;
	enum exit_code code;
} statuses[] = {
	{ KEYD_OK, "ok", EXIT_DONE },
	{ KEYD_MISSING, "missing", EXIT_NO },
	{ KEYD_MALFORMED, "malformed", EXIT_NO },
	{ KEYD_UNKNOWN, "unknown", EXIT_NO },
	{ KEYD_REVOKED, "revoked", EXIT_NO },
	{ KEYD_EXPIRED, "expired", EXIT_NO },
	{ KEYD_WRONG_ORG, "wrong_org", EXIT_NO },
	{ KEYD_FORBIDDEN, "forbidden", EXIT_NO },
	{ KEYD_RATE_LIMITED, "rate_limited", EXIT_NO },
	{ KEYD_EUNAVAILABLE, "unavailable", EXIT_NO_KEYD },
	{ KEYD_ETIMEOUT, "timeout", EXIT_NO_KEYD },
	{ KEYD_EBUSY, "busy", EXIT_NO_KEYD },
	{ KEYD_EPERMISSION, "permission", EXIT_NO },
	{ KEYD_EINVAL, "invalid", EXIT_NO },
	{ KEYD_EPROTOCOL, "protocol", EXIT_NO },
	{ KEYD_ESTORE, "store", EXIT_NO },
	{ KEYD_EDENIED, "denied", EXIT_NO },
	{ KEYD_ENOTFOUND, "not_found", EXIT_NO },
	{ KEYD_EEXIST, "exists", EXIT_NO },
	{ KEYD_EOUTCOME, "outcome_unknown", EXIT_NO },
	{ KEYD_ENOMEM, "no_memory", EXIT_NO },
};

const char *
fail_name(enum keyd_status status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].name;
	}
	return "failed";
}

static int
exit_code(enum keyd_status status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return (int)statuses[i].code;
	}
	return EXIT_NO;
}

static void say(const struct call *call, const char *name, const char *format,
    va_list ap) __attribute__((format(printf, 3, 0)));

static void
say(const struct call *call, const char *name, const char *format, va_list ap)
{
	char *text;
	char *escaped;

	if (vasprintf(&text, format, ap) < 0)
		out_no_memory();
	if (call->json)
		doc_error(name, text);
	/* On a terminal both must come in the order they were said. */
	fflush(stdout);
	escaped = out_escaped(text);
	fprintf(stderr, "keydctl: %s\n", escaped);
	free(escaped);
	free(text);
}

int
fail(const struct call *call, enum keyd_status status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(call, fail_name(status), format, ap);
	va_end(ap);
	return exit_code(status);
}

int
fail_usage(const struct call *call, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(call, "usage", format, ap);
	va_end(ap);
	return EXIT_USAGE;
}
