/* SPDX-License-Identifier: ISC */
/*
 * when.h - points in time that a person names from now on: by a length of
 * time, or as they are.
 */
#ifndef KEYDCTL_WHEN_H
#define KEYDCTL_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* 90d from now on, or a moment to come.  The second that has begun is not
   counted, so that 1s is not less.  On false *when is 0. */
bool when_ahead(const char *text, int64_t *when);

/* 90d ago, or a moment that is past.  On false *when is 0. */
bool when_ago(const char *text, int64_t *when);

#endif /* KEYDCTL_WHEN_H */
