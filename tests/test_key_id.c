/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "key_id.h"
#include "names.h"
#include "suite.h"

#define MANY 2000

static struct secret *secret;
static const uint8_t hash[STORED_HASH_SIZE] = "of a token";

static void
set_up(void)
{
	static const uint8_t key[HASH_KEY_SIZE] = { 1, 2, 3 };

	ck_assert_int_ge(sodium_init(), 0);
	ck_assert_ptr_nonnull(secret = secret_of(key));
}

static void
tear_down(void)
{
	secret_close(secret);
}

static void
ck_there_and_back(uint64_t serial)
{
	char id[KEY_ID_SIZE];
	uint64_t back;

	key_id_of(secret, hash, serial, id);
	ck_assert(name_is_key_id(id));
	ck_assert(key_id_serial(secret, id, &back));
	ck_assert_uint_eq(back, serial);
}

START_TEST(an_id_leads_to_its_serial)
{
	for (uint64_t serial = 1; serial < MANY; serial++) {
		ck_there_and_back(serial);
		ck_there_and_back(KEY_ID_SERIALS - serial);
		ck_there_and_back(
		    serial * UINT64_C(0x9e3779b97f4a7c15) % KEY_ID_SERIALS);
	}
	for (unsigned bit = 0; bit < 41; bit++)
		ck_there_and_back(UINT64_C(1) << bit);
}
END_TEST

/* Keys are found by ids that were given long ago; worked out from key_id.h by
   other code than keyd's. */
START_TEST(an_id_stays_what_it_is)
{
	char id[KEY_ID_SIZE];

	key_id_of(secret, hash, 1, id);
	ck_assert_str_eq(id, "key_ld7o4wqf7wvio17q");
	key_id_of(secret, hash, KEY_ID_SERIALS - 1, id);
	ck_assert_str_eq(id, "key_4cuajowx5xhayixv");
}
END_TEST

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, KEY_ID_SIZE);
}

START_TEST(ids_have_all_characters_in_all_places_and_none_is_there_twice)
{
	static char ids[MANY][KEY_ID_SIZE];
	unsigned seen[256] = { 0 };

	for (unsigned i = 0; i < MANY; i++) {
		key_id_of(secret, hash, i + 1, ids[i]);
		for (int c = 4; c < KEY_ID_LEN; c++)
			seen[(unsigned char)ids[i][c]]++;
	}
	/* 889 of each are expected, with a deviation of 30. */
	for (const char *c = "0123456789abcdefghijklmnopqrstuvwxyz"; *c; c++) {
		ck_assert_uint_gt(seen[(unsigned char)*c], 650);
		ck_assert_uint_lt(seen[(unsigned char)*c], 1150);
	}
	qsort(ids, MANY, sizeof(ids[0]), compare);
	for (int i = 1; i < MANY; i++)
		ck_assert_str_ne(ids[i - 1], ids[i]);
}
END_TEST

/* Serials next to each other share no more characters than by chance: 1 of 36
   in each of 16 places, 889 of 32,000. */
START_TEST(ids_do_not_tell_which_came_next)
{
	char a[KEY_ID_SIZE], b[KEY_ID_SIZE];
	unsigned same = 0;

	for (unsigned i = 1; i <= MANY; i++) {
		key_id_of(secret, hash, i, a);
		key_id_of(secret, hash, i + 1, b);
		for (int c = 4; c < KEY_ID_LEN; c++)
			same += a[c] == b[c];
	}
	ck_assert_uint_gt(same, 650);
	ck_assert_uint_lt(same, 1150);
}
END_TEST

/* Nor one that has the serial of another, or comes of another hash key. */
START_TEST(only_that_key_has_the_id)
{
	static const uint8_t key[HASH_KEY_SIZE] = { 1, 2, 4 };
	struct secret *other = secret_of(key);
	uint8_t another[STORED_HASH_SIZE] = "of another";
	char id[KEY_ID_SIZE], same[KEY_ID_SIZE];
	uint64_t serial;

	for (unsigned i = 1; i <= MANY; i++) {
		another[31] = (uint8_t)i;
		key_id_of(secret, hash, i, id);
		key_id_of(secret, another, i, same);
		ck_assert_str_ne(id, same);
		ck_assert(key_id_serial(secret, same, &serial));
		ck_assert_uint_eq(serial, i);
		key_id_of(other, hash, i, same);
		ck_assert_str_ne(id, same);
	}
	secret_close(other);
}
END_TEST

static const char *const strange[] = { "", "key_", "key_000000000000000",
	"key_00000000000000000", "kez_0000000000000000", "key_000000000000000A",
	"key_0000000-00000000", "key_00000000\3770000000" };

#define STRANGE ((int)(sizeof(strange) / sizeof(strange[0])))

START_TEST(what_is_no_id_has_no_serial)
{
	uint64_t serial;

	ck_assert(!key_id_serial(secret, strange[_i], &serial));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("key_id");
	TCase *tc = tcase_create("key_id");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, an_id_leads_to_its_serial);
	tcase_add_test(tc, an_id_stays_what_it_is);
	tcase_add_test(tc,
	    ids_have_all_characters_in_all_places_and_none_is_there_twice);
	tcase_add_test(tc, ids_do_not_tell_which_came_next);
	tcase_add_test(tc, only_that_key_has_the_id);
	tcase_add_loop_test(tc, what_is_no_id_has_no_serial, 0, STRANGE);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
