/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "suite.h"

enum { ORG, USER, ALL, OPTIONS };

static const struct cmd_option options[] = {
	[ORG] = { "org", "O", "", true },
	[USER] = { "user", "U", "", false },
	[ALL] = { "all", NULL, "", false },
	[OPTIONS] = { 0 },
};

static const struct command one = { .name = "one",
	.usage = "A [B]",
	.options = options,
	.min = 1,
	.max = 2 };
static const struct command two = { .name = "org add", .usage = "" };
static const struct command audit = { .name = "audit", .usage = "" };
static const struct command check = { .name = "audit check", .usage = "" };
static const struct command *const commands[] = { &one, &two, &audit, &check,
	NULL };

/* Takes a line of words apart.  The words live until the next line. */
static int
parse(struct call *call, const char *line)
{
	static char text[256];
	static char *argv[32];
	char *rest = text;
	int argc = 0;

	memset(call, 0, sizeof(*call));
	ck_assert_uint_lt(strlen(line), sizeof(text));
	memcpy(text, line, strlen(line) + 1);
	while ((argv[argc] = strsep(&rest, " ")) != NULL)
		argc++;
	return args_parse(call, commands, argc, argv);
}

START_TEST(options_may_come_before_between_and_after_operands)
{
	static const char *const lines[] = { "keydctl one --org acme a b --all",
		"keydctl one a --org=acme b --all",
		"keydctl one a b --all --org acme",
		"keydctl one --all --org acme -- a b" };
	struct call call;

	ck_assert_int_eq(parse(&call, lines[_i]), EXIT_DONE);
	ck_assert_ptr_eq(call.command, &one);
	ck_assert_str_eq(call.value[ORG], "acme");
	ck_assert_ptr_null(call.value[USER]);
	ck_assert_str_eq(call.value[ALL], "");
	ck_assert_int_eq(call.operands, 2);
	ck_assert_str_eq(call.operand[0], "a");
	ck_assert_str_eq(call.operand[1], "b");
}
END_TEST

START_TEST(options_of_every_command_may_come_anywhere)
{
	static const char *const lines[] = {
		"keydctl -r /x --json --timeout 2m org add",
		"keydctl org add --runtime-dir /x --json --timeout=2m",
		"keydctl --json org add --timeout 2m -r/x"
	};
	struct call call;

	ck_assert_int_eq(parse(&call, lines[_i]), EXIT_DONE);
	ck_assert_ptr_eq(call.command, &two);
	ck_assert_str_eq(call.runtime_dir, "/x");
	ck_assert(call.json);
	ck_assert_uint_eq(call.timeout_ms, 120000);
}
END_TEST

START_TEST(an_answer_is_waited_for_ten_seconds_unless_said)
{
	struct call call;

	ck_assert_int_eq(parse(&call, "keydctl org add"), EXIT_DONE);
	ck_assert_uint_eq(call.timeout_ms, 10000);
	ck_assert(!call.json);
	ck_assert_ptr_null(call.runtime_dir);
}
END_TEST

START_TEST(help_and_version_need_nothing_else)
{
	struct call call;

	ck_assert_int_eq(parse(&call, "keydctl --help"), EXIT_DONE);
	ck_assert(call.help && call.command == NULL);
	ck_assert_int_eq(parse(&call, "keydctl one --help"), EXIT_DONE);
	ck_assert(call.help && call.command == &one);
	ck_assert_int_eq(parse(&call, "keydctl -V"), EXIT_DONE);
	ck_assert(call.version);
}
END_TEST

static const char *const wrong[] = { "keydctl", "keydctl three", "keydctl org",
	"keydctl org sub", "keydctl add org", "keydctl one", "keydctl one a",
	"keydctl one a b c --org x", "keydctl one --org",
	"keydctl one a --org x --org y", "keydctl one a --org x --all=1",
	"keydctl one a --org x --frob", "keydctl one a --org x -x",
	"keydctl org add extra", "keydctl org add --org x",
	"keydctl --timeout 0s org add", "keydctl --timeout 10 org add",
	"keydctl --timeout 2d org add", "keydctl --timeout" };

START_TEST(what_is_called_wrongly_is_refused)
{
	struct call call;

	ck_assert_int_eq(parse(&call, wrong[_i]), EXIT_USAGE);
}
END_TEST

START_TEST(a_value_that_is_too_long_is_refused_not_cut)
{
	struct call call = { 0 };
	char dst[4] = "xyz";

	ck_assert(args_copy(&call, dst, sizeof(dst), "abc", "it"));
	ck_assert_str_eq(dst, "abc");
	ck_assert(!args_copy(&call, dst, sizeof(dst), "abcd", "it"));
	ck_assert_str_eq(dst, "");
	ck_assert(args_copy(&call, dst, sizeof(dst), NULL, "it"));
	ck_assert_str_eq(dst, "");
}
END_TEST

START_TEST(a_number_is_whole_and_no_more_than_is_allowed)
{
	static const char *const bad[] = { "", "0", "-1", "+1", "1.5", "1e3",
		" 1", "4294967296", "99999999999999999999999" };
	struct call call = { 0 };
	uint32_t n;

	ck_assert(args_number(&call, &n, UINT32_MAX, "600", "it"));
	ck_assert_uint_eq(n, 600);
	ck_assert(args_number(&call, &n, UINT32_MAX, "4294967295", "it"));
	ck_assert_uint_eq(n, UINT32_MAX);
	ck_assert(args_number(&call, &n, 600, NULL, "it"));
	ck_assert_uint_eq(n, 0);
	ck_assert(!args_number(&call, &n, 600, "601", "it"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert(!args_number(&call, &n, UINT32_MAX, bad[i], "it"));
}
END_TEST

START_TEST(two_words_go_before_one)
{
	struct call call;

	ck_assert_int_eq(parse(&call, "keydctl audit"), EXIT_DONE);
	ck_assert_ptr_eq(call.command, &audit);
	ck_assert_int_eq(parse(&call, "keydctl audit check"), EXIT_DONE);
	ck_assert_ptr_eq(call.command, &check);
}
END_TEST

START_TEST(a_group_alone_is_asked_about)
{
	struct call call;

	ck_assert_int_eq(parse(&call, "keydctl org"), EXIT_USAGE);
	ck_assert_int_eq(parse(&call, "keydctl org --help"), EXIT_DONE);
	ck_assert(call.help);
	ck_assert_ptr_null(call.command);
	ck_assert_str_eq(call.group, "org");
	ck_assert_int_eq(parse(&call, "keydctl or --help"), EXIT_USAGE);
}
END_TEST

START_TEST(a_global_with_a_value_is_given_once)
{
	struct call call;

	ck_assert_int_eq(parse(&call, "keydctl -r a audit"), EXIT_DONE);
	ck_assert_int_eq(parse(&call, "keydctl -r a audit -r b"), EXIT_USAGE);
	ck_assert_int_eq(parse(&call,
			     "keydctl --timeout 1s --timeout 2s audit"),
	    EXIT_USAGE);
}
END_TEST

START_TEST(json_is_an_option_and_no_value)
{
	struct call call;

	ck_assert_int_eq(parse(&call, "keydctl audit --json"), EXIT_DONE);
	ck_assert(call.json);
	ck_assert_int_eq(parse(&call, "keydctl one a --org --json"), EXIT_DONE);
	ck_assert(!call.json);
	ck_assert_str_eq(call.value[ORG], "--json");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("args");
	TCase *tc = tcase_create("args");

	tcase_add_loop_test(tc,
	    options_may_come_before_between_and_after_operands, 0, 4);
	tcase_add_loop_test(tc, options_of_every_command_may_come_anywhere, 0,
	    3);
	tcase_add_test(tc, an_answer_is_waited_for_ten_seconds_unless_said);
	tcase_add_test(tc, help_and_version_need_nothing_else);
	tcase_add_loop_test(tc, what_is_called_wrongly_is_refused, 0,
	    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(tc, two_words_go_before_one);
	tcase_add_test(tc, a_group_alone_is_asked_about);
	tcase_add_test(tc, a_global_with_a_value_is_given_once);
	tcase_add_test(tc, json_is_an_option_and_no_value);
	tcase_add_test(tc, a_value_that_is_too_long_is_refused_not_cut);
	tcase_add_test(tc, a_number_is_whole_and_no_more_than_is_allowed);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
