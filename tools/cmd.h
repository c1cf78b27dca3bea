/* SPDX-License-Identifier: ISC */
/*
 * cmd.h - what a command of keydctl is.
 *
 * A command is one file that ends with its row.  The parser, the usage and the
 * help all read the row, so they cannot disagree.
 */
#ifndef KEYDCTL_CMD_H
#define KEYDCTL_CMD_H

#include <stdbool.h>

#define OPTIONS_MAX 8 /* of one command; create has 8 */

enum exit_code {
	EXIT_DONE = 0,   /* verify: accepted */
	EXIT_NO = 1,     /* refused, denied or failed */
	EXIT_USAGE = 2,  /* called wrongly */
	EXIT_NO_KEYD = 3 /* keyd cannot be reached */
};

struct cmd_option {
	const char *name;
	const char *argument; /* its name in the help; NULL: a flag */
	const char *help;
	bool required;
};

struct call;

struct command {
	const char *name;                 /* one word or two */
	const char *usage;                /* what follows the name */
	const char *help;                 /* one line */
	const struct cmd_option *options; /* up to a row without a name */
	int min;                          /* operands */
	int max;
	int (*run)(const struct call *call); /* gives an enum exit_code */
};

/* One run of a command, its arguments taken apart. */
struct call {
	const struct command *command;
	const char *group;       /* of commands, when one is asked about */
	unsigned globals;        /* which of args_global were given, as bits */
	const char *runtime_dir; /* NULL: the default */
	unsigned timeout_ms;     /* for each answer of keyd */
	bool json;
	bool help;
	bool version;
	/* By the index in command->options; NULL: not given; a flag is "". */
	const char *value[OPTIONS_MAX];
	char **operand;
	int operands;
};

extern const struct command cmd_org_add;
extern const struct command cmd_org_set;
extern const struct command cmd_org_list;
extern const struct command cmd_member_add;
extern const struct command cmd_member_set;
extern const struct command cmd_member_remove;
extern const struct command cmd_member_list;
extern const struct command cmd_create;
extern const struct command cmd_verify;
extern const struct command cmd_list;
extern const struct command cmd_show;
extern const struct command cmd_rotate;
extern const struct command cmd_revoke;
extern const struct command cmd_explain;
extern const struct command cmd_audit;
extern const struct command cmd_audit_check;
extern const struct command cmd_audit_export;
extern const struct command cmd_audit_prune;
extern const struct command cmd_scan;
extern const struct command cmd_import;
extern const struct command cmd_backup;
extern const struct command cmd_restore;
extern const struct command cmd_status;

#endif /* KEYDCTL_CMD_H */
