/* SPDX-License-Identifier: ISC */
/*
 * jump.h - tells the loop that the wall clock was set.
 *
 * A lease ends before its key does, if the clock goes on as it went when the
 * lease was given.  So whatever was given before the clock was set is void.
 * The kernel tells of every step of the clock, by hand or by NTP, of a leap
 * second, and of the end of a sleep, in which the clocks of leases stood still.
 */
#ifndef KEYD_JUMP_H
#define KEYD_JUMP_H

#include <stdbool.h>

struct jump {
	int fd; /* readable when the clock was set */
};

bool jump_open(struct jump *j);
void jump_close(struct jump *j);

/* It is readable.  True: the clock was set, before now; later times are told
   again. */
bool jump_happened(struct jump *j);

#endif /* KEYD_JUMP_H */
