/* SPDX-License-Identifier: ISC */
/*
 * interrupt.h - signals that would end a command in the middle of its work.
 */
#ifndef KEYDCTL_INTERRUPT_H
#define KEYDCTL_INTERRUPT_H

#include <stdbool.h>

/* From here on SIGINT, SIGTERM and SIGHUP are only noted, the first of each: a
   second one ends the command at once. */
void interrupt_hold(void);
bool interrupt_came(void);

#endif /* KEYDCTL_INTERRUPT_H */
