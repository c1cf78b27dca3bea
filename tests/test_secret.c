/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <check.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exact.h"
#include "scratch.h"
#include "suite.h"

#define STRANGER 12345 /* a uid of nobody here */

static char dir[SCRATCH_PATH];
static char path[SCRATCH_PATH + 16];
static char why[512];
static struct state st;

static void
set_up(void)
{
	ck_assert_int_ge(sodium_init(), 0);
	ck_assert_int_eq(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	scratch_folder(dir);
	scratch_path(path, sizeof(path), dir, "hash.key");
	ck_assert(state_open(&st, dir, why, sizeof(why)));
	why[0] = '\0';
}

static void
tear_down(void)
{
	state_close(&st);
}

static void
write_file(const char *file, const void *bytes, size_t len, mode_t mode)
{
	int fd = open(file, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static struct secret *
open_secret(void)
{
	struct secret *k = secret_open(&st, why, sizeof(why));

	ck_assert_msg(k != NULL, "%s", why);
	return k;
}

static void
ck_refused(const char *words)
{
	ck_assert_ptr_null(secret_open(&st, why, sizeof(why)));
	ck_assert_msg(strstr(why, "hash.key") != NULL, "%s", why);
	ck_assert_msg(strstr(why, words) != NULL, "%s", why);
}

static const uint8_t key[HASH_KEY_SIZE] = "0123456789abcdef0123456789abcde";

START_TEST(a_key_is_made_once_for_keyd_alone)
{
	struct secret *first = open_secret(), *second;
	struct stat file;

	ck_assert_int_eq(stat(path, &file), 0);
	ck_assert_int_eq(file.st_size, HASH_KEY_SIZE);
	ck_assert_uint_eq(file.st_mode & 07777, 0400);
	second = open_secret();
	ck_assert_mem_eq(secret_check(first), secret_check(second), CHECK_SIZE);
	secret_close(first);
	secret_close(second);
}
END_TEST

START_TEST(no_two_installations_have_the_same_key)
{
	struct secret *first = open_secret(), *second;

	ck_assert_int_eq(unlink(path), 0);
	second = open_secret();
	ck_assert_mem_ne(secret_check(first), secret_check(second), CHECK_SIZE);
	secret_close(first);
	secret_close(second);
}
END_TEST

START_TEST(what_a_crash_left_of_a_new_key_is_in_nobodys_way)
{
	char half[SCRATCH_PATH + 16];

	scratch_path(half, sizeof(half), dir, "hash.key.new");
	write_file(half, key, 5, 0400);
	secret_close(open_secret());
	ck_assert_int_ne(access(half, F_OK), 0);
}
END_TEST

START_TEST(a_key_that_is_there_is_used)
{
	struct secret *a, *b = secret_of(key);

	write_file(path, key, sizeof(key), 0400);
	a = open_secret();
	ck_assert_mem_eq(secret_check(a), secret_check(b), CHECK_SIZE);
	secret_close(a);
	secret_close(b);
}
END_TEST

START_TEST(a_missing_key_beside_a_database_is_not_replaced)
{
	st.has_database = true;
	ck_refused("is missing");
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

/* Runs for every length around that of a key. */
START_TEST(a_key_of_another_length_is_refused)
{
	uint8_t bytes[64] = { 1 };

	if (_i == HASH_KEY_SIZE)
		_i = 0;
	write_file(path, bytes, (size_t)_i, 0400);
	ck_refused("32 bytes");
}
END_TEST

/* Runs for every mode that lets another in. */
START_TEST(a_key_that_others_may_use_is_refused)
{
	write_file(path, key, sizeof(key), 0400 | (mode_t)_i);
	ck_refused("chmod");
}
END_TEST

START_TEST(a_key_of_another_user_is_refused)
{
	write_file(path, key, sizeof(key), 0400);
	ck_assert_int_eq(chown(path, STRANGER, STRANGER), 0);
	ck_refused("belongs to another user");
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused)
{
	char other[SCRATCH_PATH + 16];

	scratch_path(other, sizeof(other), dir, "other.key");
	write_file(other, key, sizeof(key), 0400);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_refused("symbolic links");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_refused("regular file");
}
END_TEST

START_TEST(a_credential_of_systemd_comes_first)
{
	char credentials[SCRATCH_PATH], given[SCRATCH_PATH + 16];
	struct secret *a, *b = secret_of(key);

	scratch_folder(credentials);
	scratch_path(given, sizeof(given), credentials, "hash.key");
	write_file(given, key, sizeof(key), 0400);
	secret_close(open_secret());
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", credentials, 1), 0);
	a = open_secret();
	ck_assert_mem_eq(secret_check(a), secret_check(b), CHECK_SIZE);
	secret_close(a);
	secret_close(b);
}
END_TEST

START_TEST(without_a_credential_of_that_name_the_state_has_the_key)
{
	char credentials[SCRATCH_PATH];
	struct secret *a, *b = secret_of(key);

	scratch_folder(credentials);
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", credentials, 1), 0);
	write_file(path, key, sizeof(key), 0400);
	a = open_secret();
	ck_assert_mem_eq(secret_check(a), secret_check(b), CHECK_SIZE);
	secret_close(a);
	secret_close(b);
}
END_TEST

/* So that what is on disk can be computed by others, and never changes. */
START_TEST(a_stored_hash_is_blake2b_of_the_digest_under_the_key)
{
	uint8_t digest[32], hash[STORED_HASH_SIZE], expected[STORED_HASH_SIZE];
	struct secret *k = secret_of(key);
	uint8_t *exact;

	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)i;
	exact = exact_copy(digest, sizeof(digest));
	secret_hash(k, exact, hash);
	crypto_generichash(expected, sizeof(expected), digest, sizeof(digest),
	    key, sizeof(key));
	ck_assert_mem_eq(hash, expected, sizeof(hash));
	free(exact);
	secret_close(k);
}
END_TEST

START_TEST(a_hash_depends_on_every_bit_of_digest_and_key)
{
	uint8_t digest[32] = { 0 }, hash[STORED_HASH_SIZE], other[32];
	struct secret *k = secret_of(key);

	secret_hash(k, digest, hash);
	for (size_t bit = 0; bit < 256; bit++) {
		uint8_t *flipped = exact_flipped(digest, 32, bit);
		uint8_t *other_key = exact_flipped(key, 32, bit);
		struct secret *other_secret = secret_of(other_key);

		secret_hash(k, flipped, other);
		ck_assert_mem_ne(hash, other, sizeof(hash));
		secret_hash(other_secret, digest, other);
		ck_assert_mem_ne(hash, other, sizeof(hash));
		ck_assert_mem_ne(secret_check(k), secret_check(other_secret),
		    CHECK_SIZE);
		secret_close(other_secret);
		free(flipped);
		free(other_key);
	}
	secret_close(k);
}
END_TEST

/* Runs for every length. */
START_TEST(a_mac_depends_on_every_bit_and_on_the_length)
{
	uint8_t bytes[20] = "twenty bytes of text", mac[MAC_SIZE], other[16];
	struct secret *k = secret_of(key);
	size_t len = (size_t)_i;
	uint8_t *exact = exact_copy(bytes, len);

	secret_mac(k, (struct span){ exact, len }, mac);
	for (size_t bit = 0; bit < len * 8; bit++) {
		uint8_t *flipped = exact_flipped(bytes, len, bit);

		secret_mac(k, (struct span){ flipped, len }, other);
		ck_assert_mem_ne(mac, other, sizeof(mac));
		free(flipped);
	}
	secret_mac(k, (struct span){ bytes, len == 0 ? 1 : len - 1 }, other);
	ck_assert_mem_ne(mac, other, sizeof(mac));
	free(exact);
	secret_close(k);
}
END_TEST

START_TEST(a_backup_is_hashed_under_a_key_of_its_own)
{
	const uint8_t text[] = "some text";
	const struct span none = { NULL, 0 }, some = { text, sizeof(text) };
	uint8_t hash[CHAIN_SIZE], other[CHAIN_SIZE], changed[HASH_KEY_SIZE];
	struct secret *k = secret_of(key), *l;

	memcpy(changed, key, sizeof(changed));
	changed[HASH_KEY_SIZE - 1] ^= 1;
	l = secret_of(changed);
	secret_backup(k, none, some, hash);
	secret_chain(k, none, some, other);
	ck_assert_mem_ne(hash, other, sizeof(hash));
	secret_backup(l, none, some, other);
	ck_assert_mem_ne(hash, other, sizeof(hash));
	secret_backup(k, some, none, other);
	ck_assert_mem_eq(hash, other, sizeof(hash));
	secret_close(k);
	secret_close(l);
}
END_TEST

START_TEST(the_check_gives_neither_key_nor_hashes_away)
{
	struct secret *k = secret_of(key);
	uint8_t digest[32] = { 0 }, hash[STORED_HASH_SIZE], mac[MAC_SIZE];

	secret_hash(k, digest, hash);
	secret_mac(k, (struct span){ digest, 0 }, mac);
	ck_assert_mem_ne(secret_check(k), key, CHECK_SIZE);
	ck_assert_mem_ne(secret_check(k), key + CHECK_SIZE, CHECK_SIZE);
	ck_assert_mem_ne(secret_check(k), hash, CHECK_SIZE);
	ck_assert_mem_ne(secret_check(k), mac, CHECK_SIZE);
	secret_close(k);
	secret_close(NULL);
}
END_TEST

static void
add_files(TCase *tc)
{
	tcase_add_test(tc, a_key_is_made_once_for_keyd_alone);
	tcase_add_test(tc, no_two_installations_have_the_same_key);
	tcase_add_test(tc, what_a_crash_left_of_a_new_key_is_in_nobodys_way);
	tcase_add_test(tc, a_key_that_is_there_is_used);
	tcase_add_test(tc, a_missing_key_beside_a_database_is_not_replaced);
	tcase_add_loop_test(tc, a_key_of_another_length_is_refused, 0, 40);
	tcase_add_loop_test(tc, a_key_that_others_may_use_is_refused, 1, 0100);
	tcase_add_test(tc, what_is_no_regular_file_is_refused);
	tcase_add_test(tc, a_credential_of_systemd_comes_first);
	tcase_add_test(tc,
	    without_a_credential_of_that_name_the_state_has_the_key);
	/* Only root can give a file away. */
	if (geteuid() == 0)
		tcase_add_test(tc, a_key_of_another_user_is_refused);
}

int
main(void)
{
	Suite *s = suite_create("secret");
	TCase *tc = tcase_create("secret");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	add_files(tc);
	tcase_add_test(tc,
	    a_stored_hash_is_blake2b_of_the_digest_under_the_key);
	tcase_add_test(tc, a_hash_depends_on_every_bit_of_digest_and_key);
	tcase_add_loop_test(tc, a_mac_depends_on_every_bit_and_on_the_length, 0,
	    21);
	tcase_add_test(tc, the_check_gives_neither_key_nor_hashes_away);
	tcase_add_test(tc, a_backup_is_hashed_under_a_key_of_its_own);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
