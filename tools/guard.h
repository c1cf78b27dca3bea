/* SPDX-License-Identifier: ISC */
/*
 * guard.h - keeps tokens out of arguments.
 *
 * An argument that looks like a token is wiped and never printed, whatever
 * command it was meant for.
 */
#ifndef KEYDCTL_GUARD_H
#define KEYDCTL_GUARD_H

#include <stdbool.h>

#include "cmd.h"

/* Is there something in text that looks like a token, whole or cut? */
bool guard_is_token(const char *text);

/* Is this a key id, exactly? */
bool guard_is_key_id(const char *text);

/* Wipes those of the arguments that look like one; false: there was one. */
bool guard_arguments(int argc, char **argv);

/* Says what to do about a token that was given as an argument; returns what
   to exit with. */
int guard_refuse(const struct call *call);

#endif /* KEYDCTL_GUARD_H */
