/* SPDX-License-Identifier: ISC */
/*
 * Verifies a token all the while, and says when the verdict changes: the time
 * of CLOCK_MONOTONIC in seconds, and the status.
 *
 *   watch RUNTIME_DIR
 *
 * The token is read from standard input.  Leases are long, and a verdict from
 * memory says little of a keyd that hangs: every other verify is for a
 * permission that the key lacks, and so is a question each time.
 */
#include <sys/prctl.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keyd.h"

#define NAP_US 1000

static enum keyd_status
verify(struct keyd *handle, const char *token)
{
	enum keyd_status status;

	status = keyd_verify_with(handle, token, "billing:manage", NULL);
	if (status != KEYD_FORBIDDEN)
		return status;
	return keyd_verify_with(handle, token, "tests:run", NULL);
}

static void
say(enum keyd_status status)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	printf("%jd.%06ld %d\n", (intmax_t)ts.tv_sec, ts.tv_nsec / 1000,
	    (int)status);
}

int
main(int argc, char **argv)
{
	struct keyd_options options = KEYD_OPTIONS_INIT;
	enum keyd_status status, last = KEYD_EINVAL;
	struct keyd *handle;
	char token[KEYD_TOKEN_SIZE + 1];

	if (argc != 2 || fgets(token, sizeof(token), stdin) == NULL)
		errx(2, "usage: watch DIR");
	token[strcspn(token, "\n")] = '\0';
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	options.runtime_dir = argv[1];
	if (keyd_open(&options, &handle) != KEYD_OK)
		errx(1, "keyd_open");
	for (;; usleep(NAP_US)) {
		status = verify(handle, token);
		if (status != last)
			say(status);
		last = status;
	}
}
