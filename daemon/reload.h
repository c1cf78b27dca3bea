/* SPDX-License-Identifier: ISC */
/*
 * reload.h - the configuration, as the loop takes it at first and on a SIGHUP.
 */
#ifndef KEYD_RELOAD_H
#define KEYD_RELOAD_H

#include <sys/signalfd.h>

#include "round.h"

/* Has all that depends on the configuration go by the present one. */
void reload_apply(struct loop *l);

/* Reads the file again, for whoever sent the signal; one with a fault changes
   nothing.  The log tells of either. */
void reload(struct loop *l, const struct signalfd_siginfo *by);

/* Nothing that clients were told is of use to them any more. */
void reload_void_all(struct loop *l);

#endif /* KEYD_RELOAD_H */
