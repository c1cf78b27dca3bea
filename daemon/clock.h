/* SPDX-License-Identifier: ISC */
/*
 * clock.h - the only reader of time.
 *
 * Everything else in keyd is given the time, so that tests can wind it.
 */
#ifndef KEYD_CLOCK_H
#define KEYD_CLOCK_H

#include <stdint.h>

int64_t clock_unix(void);    /* s since 1970; may jump */
int64_t clock_mono_ms(void); /* ms of CLOCK_MONOTONIC */
int64_t clock_mono_ns(void); /* ns of the same */
int64_t clock_boot_ns(void); /* ns of CLOCK_BOOTTIME: sleep counts too */

#endif /* KEYD_CLOCK_H */
