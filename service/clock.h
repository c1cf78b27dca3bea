/* SPDX-License-Identifier: ISC */
/*
 * clock.h - the only reader of time.
 *
 * Everything else in keyd is given the time, so that tests can wind it.
 */
#ifndef KEYD_CLOCK_H
#define KEYD_CLOCK_H

#include <stdint.h>

#define CLOCK_BOOT_SIZE 40 /* bytes of a boot's name, with the NUL */

int64_t clock_unix(void);    /* s since 1970; may jump */
int64_t clock_mono_ms(void); /* ms of CLOCK_MONOTONIC */
int64_t clock_mono_ns(void); /* ns of the same */
int64_t clock_boot_ns(void); /* ns of CLOCK_BOOTTIME: sleep counts too */

/* Which boot clock_boot_ns counts from; "" when that cannot be known. */
void clock_boot_id(char id[CLOCK_BOOT_SIZE]);

#endif /* KEYD_CLOCK_H */
