/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "suite.h"
#include "tree.h"

static const uint8_t bytes[TREE_KEY_MAX + 1] = "acme";

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

START_TEST(a_row_is_found_again_in_its_tree)
{
	const enum table table = (enum table)_i;

	for (size_t len = 1; len < TREE_KEY_MAX; len++) {
		uint8_t room[TREE_KEY_MAX];
		struct span key = tree_key(table, (struct span){ bytes, len },
				room),
			    row;

		ck_assert_uint_eq(key.len, len + tree_is_shared(table));
		ck_assert(tree_has(table, key));
		row = tree_row(table, key);
		ck_assert_uint_eq(row.len, len);
		ck_assert_mem_eq(row.ptr, bytes, len);
	}
}
END_TEST

/* It is looked at by its length alone, by LMDB too. */
START_TEST(a_key_that_is_too_long_stays_so)
{
	uint8_t room[TREE_KEY_MAX];

	for (int i = 0; i < TABLE_COUNT; i++)
		ck_assert_uint_gt(tree_key((enum table)i,
				      (struct span){ bytes, sizeof(bytes) },
				      room)
				      .len,
		    TREE_KEY_MAX);
}
END_TEST

START_TEST(no_row_is_of_two_tables_of_a_tree)
{
	const enum table table = (enum table)_i;
	uint8_t room[TREE_KEY_MAX];
	struct span key = tree_key(table, text_span("acme"), room);

	for (int i = 0; i < TABLE_COUNT; i++)
		if (i != _i &&
		    is_same(tree_name((enum table)i), tree_name(table)))
			ck_assert(!tree_has((enum table)i, key));
}
END_TEST

/* Else a row would have the name of a tree, or lie between two of META's. */
START_TEST(rows_beside_the_names_of_trees_come_before_them)
{
	uint8_t room[TREE_KEY_MAX];
	struct span key = tree_key(TABLE_META, text_span("z"), room);

	ck_assert_ptr_null(tree_name(TABLE_META));
	for (int i = TABLE_ORGS; i < TABLE_COUNT; i++) {
		const char *name = tree_name((enum table)i);

		ck_assert_ptr_nonnull(name);
		ck_assert_int_lt(key.ptr[0], name[0]);
		ck_assert(!tree_has(TABLE_META, text_span(name)));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tree");
	TCase *tc = tcase_create("tree");

	tcase_add_loop_test(tc, a_row_is_found_again_in_its_tree, 0,
	    TABLE_COUNT);
	tcase_add_test(tc, a_key_that_is_too_long_stays_so);
	tcase_add_loop_test(tc, no_row_is_of_two_tables_of_a_tree, 0,
	    TABLE_COUNT);
	tcase_add_test(tc, rows_beside_the_names_of_trees_come_before_them);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
