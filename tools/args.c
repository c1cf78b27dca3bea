/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "args.h"
#include "duration.h"
#include "fail.h"

#define TIMEOUT_MS 10000
#define TIMEOUT_MAX 86400 /* s */

enum global { RUNTIME_DIR, JSON, TIMEOUT, HELP, VERSION_OF, GLOBALS };

const struct cmd_option args_global[] = {
	[RUNTIME_DIR] = { "runtime-dir", "DIR", "where keyd's sockets are (-r)",
	    false },
	[JSON] = { "json", NULL, "print one JSON document", false },
	[TIMEOUT] = { "timeout", "D", "wait so long for an answer (10s)",
	    false },
	[HELP] = { "help", NULL, "print this (-h)", false },
	[VERSION_OF] = { "version", NULL, "print the version (-V)", false },
	[GLOBALS] = { 0 },
};

/* What getopt_long gives for an option: above all characters. */
#define GLOBAL_BASE 1000
#define COMMAND_BASE 2000

static size_t
add_options(struct option *to, const struct cmd_option *from, int base)
{
	size_t n = 0;

	for (; from != NULL && from[n].name != NULL; n++) {
		to[n] = (struct option){
			.name = from[n].name,
			.has_arg = from[n].argument != NULL ? 1 : 0,
			.val = base + (int)n,
		};
	}
	return n;
}

static int
set_timeout(struct call *call, const char *value)
{
	int64_t seconds;

	if (!duration_parse(value, &seconds) || seconds > TIMEOUT_MAX)
		return fail_usage(call,
		    "--timeout takes a duration of at most 1d, such as 10s");
	call->timeout_ms = (unsigned)seconds * 1000;
	return EXIT_DONE;
}

static int
set_global(struct call *call, int which, const char *value)
{
	if (value != NULL && (call->globals & 1U << which) != 0)
		return fail_usage(call, "--%s is given twice",
		    args_global[which].name);
	call->globals |= 1U << which;
	switch (which) {
	case RUNTIME_DIR:
		call->runtime_dir = value;
		return EXIT_DONE;
	case JSON:
		return EXIT_DONE; /* see args_parse */
	case TIMEOUT:
		return set_timeout(call, value);
	case HELP:
		call->help = true;
		return EXIT_DONE;
	default:
		call->version = true;
		return EXIT_DONE;
	}
}

static int
set_own(struct call *call, int which, const char *value)
{
	if (call->value[which] != NULL)
		return fail_usage(call, "--%s is given twice",
		    call->command->options[which].name);
	/* A variable of a script that is not set must not mean "any". */
	if (value != NULL && value[0] == '\0')
		return fail_usage(call, "--%s needs a value that is not empty",
		    call->command->options[which].name);
	call->value[which] = value != NULL ? value : "";
	return EXIT_DONE;
}

static bool
is_plain(const char *word)
{
	size_t len = strlen(word);

	return len > 0 && len < 20 &&
	    strspn(word, "abcdefghijklmnopqrstuvwxyz-") == len;
}

static int
bad_option(const struct call *call, bool lacks_value, const char *word)
{
	const char *name = call->command != NULL ? call->command->name : "";
	const char *space = *name != '\0' ? " " : "";

	if (lacks_value)
		return fail_usage(call,
		    "%s needs a value; see 'keydctl %s%s--help'",
		    is_plain(word) ? word : "the last option", name, space);
	return fail_usage(call,
	    "there is no option %s; see 'keydctl %s%s"
	    "--help'",
	    is_plain(word) ? word : "like that", name, space);
}

/* Reads options from argv[optind]; with "+", up to the first operand. */
static int
parse_options(struct call *call, const char *letters, int argc, char **argv)
{
	struct option options[GLOBALS + OPTIONS_MAX + 1] = { 0 };
	size_t n = add_options(options, args_global, GLOBAL_BASE);
	int code = EXIT_DONE;
	int c;

	if (call->command != NULL)
		add_options(options + n, call->command->options, COMMAND_BASE);
	while (code == EXIT_DONE &&
	    (c = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (c == '?' || c == ':')
			return bad_option(call, c == ':', argv[optind - 1]);
		if (c >= COMMAND_BASE && call->command != NULL)
			code = set_own(call, c - COMMAND_BASE, optarg);
		else if (c >= GLOBAL_BASE)
			code = set_global(call, c - GLOBAL_BASE, optarg);
		else
			code = set_global(call,
			    c == 'r'       ? RUNTIME_DIR
				: c == 'h' ? HELP
					   : VERSION_OF,
			    optarg);
	}
	return code;
}

/* How many words of argv name this command: 0, 1 or 2. */
static int
names(const struct command *command, int argc, char **argv)
{
	const char *space = strchr(command->name, ' ');
	size_t first = space != NULL ? (size_t)(space - command->name)
				     : strlen(command->name);

	if (argc < 1 || strlen(argv[0]) != first ||
	    strncmp(argv[0], command->name, first) != 0)
		return 0;
	if (space == NULL)
		return 1;
	return argc >= 2 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static int
find_command(struct call *call, const struct command *const *commands, int argc,
    char **argv)
{
	int best = 0;
	int words;

	for (; *commands != NULL; commands++) {
		if ((words = names(*commands, argc, argv)) > best) {
			call->command = *commands;
			best = words;
		}
	}
	return best;
}

bool
args_is_group(const struct command *command, const char *group)
{
	size_t len = strlen(group);

	return strncmp(command->name, group, len) == 0 &&
	    (command->name[len] == ' ' || command->name[len] == '\0');
}

/* The first of two words alone, such as "org". */
static bool
find_group(struct call *call, const struct command *const *commands,
    char **argv)
{
	for (; *commands != NULL; commands++) {
		if (args_is_group(*commands, argv[0])) {
			call->group = argv[0];
			return true;
		}
	}
	return false;
}

static bool
asks_help(int argc, char **argv)
{
	return argc == 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

static int
no_command(struct call *call, const struct command *const *commands, int argc,
    char **argv)
{
	bool group = argc > 0 && find_group(call, commands, argv);

	call->help = call->help || (group && asks_help(argc, argv));
	if (call->help || call->version)
		return EXIT_DONE;
	if (group && (argc == 1 || !is_plain(argv[1])))
		return fail_usage(call,
		    "which %s command? see 'keydctl %s --help'", argv[0],
		    argv[0]);
	if (argc == 0)
		return fail_usage(call, "which command? see 'keydctl --help'");
	if (!is_plain(argv[0]))
		return fail_usage(call,
		    "there is no such command; see 'keydctl --help'");
	if (argc > 1 && is_plain(argv[1]))
		return fail_usage(call,
		    "there is no command %s %s; see 'keydctl --help'", argv[0],
		    argv[1]);
	return fail_usage(call, "there is no command %s; see 'keydctl --help'",
	    argv[0]);
}

static int
check(const struct call *call)
{
	const struct command *command = call->command;
	const struct cmd_option *option = command->options;

	for (size_t i = 0; option != NULL && option[i].name != NULL; i++) {
		if (option[i].required && call->value[i] == NULL)
			return fail_usage(call,
			    "%s needs --%s %s; see 'keydctl %s --help'",
			    command->name, option[i].name, option[i].argument,
			    command->name);
	}
	if (call->operands < command->min || call->operands > command->max)
		return fail_usage(call, "%s takes %s operands: keydctl %s%s%s",
		    command->name,
		    call->operands < command->min ? "more" : "fewer",
		    command->name, command->usage[0] != '\0' ? " " : "",
		    command->usage);
	return EXIT_DONE;
}

int
args_parse(struct call *call, const struct command *const *commands, int argc,
    char **argv)
{
	int words;
	int code;

	opterr = 0;
	optind = 0; /* glibc: begin anew */
	call->timeout_ms = TIMEOUT_MS;
	code = parse_options(call, "+:r:hV", argc, argv);
	if (code != EXIT_DONE)
		return code;
	argc -= optind;
	argv += optind;
	words = find_command(call, commands, argc, argv);
	if (words == 0)
		return no_command(call, commands, argc, argv);
	/* getopt passes over argv[0], here the last word of the command. */
	argc -= words - 1;
	argv += words - 1;
	optind = 0;
	code = parse_options(call, ":r:hV", argc, argv);
	if (code != EXIT_DONE || call->help || call->version)
		return code;
	call->operand = argv + optind;
	call->operands = argc - optind;
	if ((code = check(call)) == EXIT_DONE)
		call->json = (call->globals & 1U << JSON) != 0;
	return code;
}

bool
args_copy(const struct call *call, char *dst, size_t cap, const char *value,
    const char *what)
{
	size_t len = value != NULL ? strlen(value) : 0;

	dst[0] = '\0';
	if (len >= cap) {
		fail_usage(call, "%s is longer than %zu bytes", what, cap - 1);
		return false;
	}
	if (len > 0)
		memcpy(dst, value, len + 1);
	return true;
}

bool
args_number(const struct call *call, uint32_t *number, uint32_t max,
    const char *value, const char *what)
{
	uint64_t n = 0;

	*number = 0;
	if (value == NULL)
		return true;
	for (; *value >= '0' && *value <= '9' && n <= max; value++)
		n = n * 10 + (uint64_t)(*value - '0');
	if (*value != '\0' || n == 0 || n > max) {
		fail_usage(call, "%s takes a number from 1 to %u, such as 600",
		    what, max);
		return false;
	}
	*number = (uint32_t)n;
	return true;
}
