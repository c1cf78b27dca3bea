/* SPDX-License-Identifier: ISC */
/*
 * args.h - takes the arguments of a run apart by the rows of the commands.
 *
 * Nothing here prints an argument unless it is a short plain word, since any
 * other could be a secret in the wrong place.
 */
#ifndef KEYDCTL_ARGS_H
#define KEYDCTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd.h"

/*
 * Fills *call, whose other fields must be zero but json, which says how an
 * error is said.  commands: up to a NULL.  EXIT_DONE, or EXIT_USAGE after
 * saying why.  After EXIT_DONE call->command is NULL only if call->help or
 * call->version is set; call->group is then the first word of the commands
 * that help was asked about, or NULL for all.
 */
int args_parse(struct call *call, const struct command *const *commands,
    int argc, char **argv);

/* Copies value, which may be NULL for "", to dst.  False, after saying so,
   when it is longer than cap - 1 bytes; what: its name for people. */
bool args_copy(const struct call *call, char *dst, size_t cap,
    const char *value, const char *what);

/* A whole number from 1 to max; NULL is 0.  False after saying so. */
bool args_number(const struct call *call, uint32_t *number, uint32_t max,
    const char *value, const char *what);

/* Is this the name of the command or, alone, its first word? */
bool args_is_group(const struct command *command, const char *group);

/* The options that every command takes. */
extern const struct cmd_option args_global[];

#endif /* KEYDCTL_ARGS_H */
