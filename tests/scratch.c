/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"

#define PREFIX "/tmp/keyd-test-"

static pid_t program; /* the process of main(), which Check forks tests from */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
remove_all(void)
{
	char pattern[SCRATCH_PATH];
	glob_t found;

	if (getpid() != program)
		return;
	snprintf(pattern, sizeof(pattern), PREFIX "%d-*", (int)program);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		(void)nftw(found.gl_pathv[i], remove_one, 8,
		    FTW_DEPTH | FTW_PHYS);
	globfree(&found);
}

/* Before there are tests: one that fails or crashes runs nothing at its end. */
static void __attribute__((constructor)) remember_program(void)
{
	program = getpid();
	(void)atexit(remove_all);
}

void
scratch_folder(char path[SCRATCH_PATH])
{
	snprintf(path, SCRATCH_PATH, PREFIX "%d-XXXXXX", (int)program);
	ck_assert_ptr_nonnull(mkdtemp(path));
}

void
scratch_path(char *path, size_t size, const char *dir, const char *name)
{
	int n = snprintf(path, size, "%s/%s", dir, name);

	ck_assert(n > 0 && (size_t)n < size);
}

bool
scratch_try(struct scratch *s, char *why, size_t why_size)
{
	ck_assert_int_ge(sodium_init(), 0);
	ck_assert_msg(state_open(&s->state, s->dir, why, why_size), "%s", why);
	s->secret = secret_of(s->hash_key);
	ck_assert_ptr_nonnull(s->secret);
	s->store = store_open(&s->state, s->secret, s->map_size, why, why_size);
	if (s->store != NULL)
		return true;
	scratch_close(s);
	return false;
}

static void
open_again(struct scratch *s)
{
	char why[512] = "";

	ck_assert_msg(scratch_try(s, why, sizeof(why)), "%s", why);
}

void
scratch_open(struct scratch *s)
{
	memset(s, 0, sizeof(*s));
	memset(s->hash_key, 0x5a, sizeof(s->hash_key));
	s->map_size = SCRATCH_MAP_SIZE;
	scratch_folder(s->dir);
	open_again(s);
}

void
scratch_close(struct scratch *s)
{
	store_close(s->store);
	secret_close(s->secret);
	state_close(&s->state);
	s->store = NULL;
	s->secret = NULL;
}

void
scratch_reopen(struct scratch *s)
{
	scratch_close(s);
	open_again(s);
}

struct store_txn *
scratch_begin(struct scratch *s)
{
	struct store_txn *t;

	ck_assert_int_eq(store_begin(s->store, &t), STORE_OK);
	return t;
}

void
scratch_commit(struct store_txn *t)
{
	ck_assert_int_eq(store_commit(t), STORE_OK);
}

struct store_txn *
scratch_view(struct scratch *s)
{
	struct store_txn *t = store_view(s->store);

	ck_assert_ptr_nonnull(t);
	return t;
}

/* Where in data.mdb an address of its map lies. */
static off_t
offset_of(const struct scratch *s, const uint8_t *at)
{
	uintptr_t start, end, want = (uintptr_t)at;
	uintmax_t offset;
	off_t found = -1;
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	ck_assert_ptr_nonnull(maps);
	while (found == -1 && fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, s->dir) != NULL &&
		    strstr(line, "data.mdb") != NULL &&
		    sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %" SCNxMAX,
			&start, &end, &offset) == 3 &&
		    want >= start && want < end)
			found = (off_t)(offset + (want - start));
	(void)fclose(maps);
	ck_assert_msg(found != -1, "not in the map of the database");
	return found;
}

void
scratch_overwrite(struct scratch *s, const uint8_t *at, const void *bytes,
    size_t len)
{
	int fd = openat(s->state.dir_fd, "data.mdb", O_WRONLY | O_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(pwrite(fd, bytes, len, offset_of(s, at)),
	    (ssize_t)len);
	close(fd);
}

void
scratch_flip(struct scratch *s, const uint8_t *at, size_t bit)
{
	uint8_t byte = (uint8_t)(at[bit / 8] ^ 1U << bit % 8);

	scratch_overwrite(s, at + bit / 8, &byte, 1);
}
