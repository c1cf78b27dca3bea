/* SPDX-License-Identifier: ISC */
/*
 * finding.h - a token that was found where it should not be, and what keyd
 * knows of it.
 *
 * The token itself is never shown.
 */
#ifndef KEYDCTL_FINDING_H
#define KEYDCTL_FINDING_H

#include "scan.h"
#include "session.h"

#define FINDINGS_KNOWN 64 /* tokens that keyd is not asked about again */

struct known {
	bool used;
	uint8_t digest[DIGEST_SIZE];
	struct reply_verdict verdict;
};

struct findings {
	struct session *session; /* NULL: keyd is not asked */
	bool json;
	const char *path; /* of the file that is read */
	uint64_t count;
	struct known known[FINDINGS_KNOWN];
};

/* One line, or a row of the document.  EXIT_DONE, or what to exit with after
   saying why keyd could not be asked. */
int finding_show(struct findings *f, const struct scan_hit *hit);

#endif /* KEYDCTL_FINDING_H */
