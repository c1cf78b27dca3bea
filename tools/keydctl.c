/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

#include "args.h"
#include "doc.h"
#include "fail.h"
#include "guard.h"
#include "out.h"

/* The order is the order of the help. */
static const struct command *const commands[] = {
	&cmd_org_add,
	&cmd_org_set,
	&cmd_org_list,
	&cmd_member_add,
	&cmd_member_set,
	&cmd_member_remove,
	&cmd_member_list,
	&cmd_create,
	&cmd_verify,
	&cmd_list,
	&cmd_show,
	&cmd_rotate,
	&cmd_revoke,
	&cmd_explain,
	&cmd_audit,
	&cmd_audit_check,
	&cmd_audit_export,
	&cmd_audit_prune,
	&cmd_scan,
	&cmd_import,
	&cmd_backup,
	&cmd_restore,
	&cmd_status,
	NULL,
};

static void
help_options(const char *title, const struct cmd_option *option)
{
	int width;

	printf("\n%s:\n", title);
	for (; option->name != NULL; option++) {
		width = 20 - (int)strlen(option->name);
		printf("  --%s %-*s %s%s\n", option->name,
		    width > 1 ? width : 1,
		    option->argument != NULL ? option->argument : "",
		    option->help, option->required ? " (needed)" : "");
	}
}

/* group: the first word of those to list; NULL: all. */
static void
help_rows(const char *group)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (group == NULL || args_is_group(commands[i], group))
			printf("  %-15s %s\n", commands[i]->name,
			    commands[i]->help);
	}
}

static void
help_group(const char *group)
{
	printf("usage: keydctl %s COMMAND ...\n\n", group);
	help_rows(group);
	printf("\n'keydctl %s COMMAND --help' says more of one.\n", group);
}

static void
help_all(void)
{
	printf("usage: keydctl [-r DIR] [--json] [--timeout D] COMMAND ...\n"
	       "\nAdminister the keys of keyd(8).\n\n");
	help_rows(NULL);
	help_options("options of every command", args_global);
	printf("\n'keydctl COMMAND --help' says more of one; keydctl(8) says "
	       "all.\n");
}

static void
help(const struct call *call)
{
	const struct command *command = call->command;

	if (command == NULL) {
		if (call->group != NULL)
			help_group(call->group);
		else
			help_all();
		return;
	}
	printf("usage: keydctl %s%s%s\n\n%s\n", command->name,
	    command->usage[0] != '\0' ? " " : "", command->usage,
	    command->help);
	if (command->options != NULL)
		help_options("options", command->options);
	help_options("options of every command", args_global);
}

/* No token in a core dump, nor in the hands of a debugger of the same user. */
static void
close_up(void)
{
	struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
}

/* A socket in place of a closed standard output would be sent the token. */
static void
hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			(void)open("/dev/null",
			    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Names are UTF-8 whatever the locale, and libsmartcols measures them by it. */
static void
set_locale(void)
{
	if (setlocale(LC_CTYPE, "") == NULL ||
	    strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* Before the arguments are taken apart: errors in them are JSON too.  In a call
   that is right, args_parse knows better. */
static bool
wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

static int
run(struct call *call, int argc, char **argv)
{
	int code;

	if (!guard_arguments(argc, argv))
		return guard_refuse(call);
	if ((code = args_parse(call, commands, argc, argv)) != EXIT_DONE)
		return code;
	if (call->version)
		printf("%s\n", PACKAGE_STRING);
	else if (call->help)
		help(call);
	else
		return call->command->run(call);
	return EXIT_DONE;
}

int
main(int argc, char **argv)
{
	struct call call = { .json = wants_json(argc, argv) };
	int code;

	hold_standard_descriptors();
	close_up();
	/* A reader that goes away is an error to report, not a death. */
	signal(SIGPIPE, SIG_IGN);
	set_locale();
	out_start();
	doc_start();
	if (sodium_init() < 0)
		return fail(&call, KEYD_ENOMEM, "libsodium does not start");
	code = run(&call, argc, argv);
	if (!out_finish() && code == EXIT_DONE)
		code = fail(&call, KEYD_EINVAL,
		    "standard output could not be written: %s",
		    strerror(errno));
	return code;
}
