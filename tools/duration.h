/* SPDX-License-Identifier: ISC */
/*
 * duration.h - lengths of time as people write them: 90d, 24h, 15m, 30s.
 *
 * One number and one unit; anything else, zero and overflow are refused.
 */
#ifndef KEYDCTL_DURATION_H
#define KEYDCTL_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* On false *seconds is 0. */
bool duration_parse(const char *text, int64_t *seconds);

#endif /* KEYDCTL_DURATION_H */
