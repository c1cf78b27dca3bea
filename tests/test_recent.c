/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "recent.h"

static struct recent *r;

static void
setup(void)
{
	r = recent_new();
	ck_assert_ptr_nonnull(r);
}

static void
teardown(void)
{
	recent_free(r);
}

static void
digest_of(unsigned n, uint8_t digest[DIGEST_SIZE])
{
	memset(digest, 0, DIGEST_SIZE);
	memcpy(digest, &n, sizeof(n));
}

static struct recent_entry *
look(unsigned n, uint64_t version, bool *found)
{
	uint8_t digest[DIGEST_SIZE];

	digest_of(n, digest);
	return recent_look(r, digest, version, found);
}

static void
keep(unsigned n, uint64_t version)
{
	bool found;
	struct recent_entry *e = look(n, version, &found);

	e->rec.serial = n;
	recent_keep(e, version);
}

START_TEST(nothing_is_found_that_was_not_kept)
{
	bool found;

	for (unsigned n = 0; n < 100; n++) {
		(void)look(n, 1, &found);
		ck_assert(!found);
	}
}
END_TEST

START_TEST(what_is_kept_is_found_in_its_version)
{
	struct recent_entry *e;
	bool found;

	keep(7, 3);
	e = look(7, 3, &found);
	ck_assert(found);
	ck_assert_uint_eq(e->rec.serial, 7);
}
END_TEST

START_TEST(another_version_voids_it_for_good)
{
	bool found;

	keep(7, 3);
	(void)look(7, 4, &found);
	ck_assert(!found);
	(void)look(7, 3, &found);
	ck_assert(!found);
}
END_TEST

START_TEST(what_was_looked_for_and_not_kept_is_not_found)
{
	bool found;

	(void)look(7, 3, &found);
	(void)look(7, 3, &found);
	ck_assert(!found);
}
END_TEST

/* Many share a place: whoever is found must be the one that was asked for. */
START_TEST(a_digest_never_finds_the_record_of_another)
{
	unsigned hits = 0;

	for (unsigned n = 0; n < 4 * RECENT_SIZE; n++)
		keep(n, 1);
	for (unsigned n = 0; n < 4 * RECENT_SIZE; n++) {
		bool found;
		struct recent_entry *e = look(n, 1, &found);

		if (!found)
			continue;
		ck_assert_uint_eq(e->rec.serial, n);
		hits++;
	}
	ck_assert_uint_gt(hits, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("recent");
	TCase *tc = tcase_create("recent");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_found_that_was_not_kept);
	tcase_add_test(tc, what_is_kept_is_found_in_its_version);
	tcase_add_test(tc, another_version_voids_it_for_good);
	tcase_add_test(tc, what_was_looked_for_and_not_kept_is_not_found);
	tcase_add_test(tc, a_digest_never_finds_the_record_of_another);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
