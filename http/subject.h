/* SPDX-License-Identifier: ISC */
/*
 * subject.h - what there is to say of a token, in the terms of RFC 7662.
 *
 * The one place that knows where each of them comes from.
 */
#ifndef KEYD_HTTP_SUBJECT_H
#define KEYD_HTTP_SUBJECT_H

#include "site.h"

#define SUBJECT_SUB_SIZE (KEYD_ORG_SIZE + KEYD_USER_SIZE)

/* Texts that are "" and times that are 0 are not known. */
struct subject {
	struct keyd_verdict verdict;
	char scope[KEYD_PERMISSIONS_SIZE]; /* all that it may */
	int64_t exp;                       /* Unix time in s */
	int64_t iat;                       /* the same */
	char sub[SUBJECT_SUB_SIZE];        /* org/user */
};

/* It is a use of the key, and counts against its limit. */
void subject_find(struct site *s, const struct query *q, const char *token,
    struct subject *subject);

#endif /* KEYD_HTTP_SUBJECT_H */
