/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posting.h"
#include "suite.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

#define SEALS (F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static struct posting p;
static unsigned refused; /* flags that memfd_create does not know here */

/* As on a kernel that is older, or that has none of it. */
int
memfd_create(const char *name, unsigned flags)
{
	if ((flags & refused) == 0)
		return (int)syscall(SYS_memfd_create, name, flags);
	errno = EINVAL;
	return -1;
}

static void
set_up(void)
{
	ck_assert(posting_open(&p));
}

static void
tear_down(void)
{
	posting_close(&p);
	ck_assert_ptr_null(p.page);
	ck_assert_int_eq(p.fd, -1);
}

static void
ck_unchanged(const uint8_t before[BULLETIN_SIZE])
{
	struct stat st;

	ck_assert_int_eq(fstat(p.fd, &st), 0);
	ck_assert_int_eq(st.st_size, BULLETIN_SIZE);
	ck_assert_int_eq(memcmp((uint8_t *)p.page, before, BULLETIN_SIZE), 0);
}

START_TEST(what_clients_get_is_one_page_with_an_id)
{
	const struct bulletin *b;
	struct posting other;

	b = mmap(NULL, BULLETIN_SIZE, PROT_READ, MAP_SHARED, p.fd, 0);
	ck_assert_ptr_ne(b, MAP_FAILED);
	ck_assert_uint_eq(atomic_load(&b->layout), BULLETIN_LAYOUT);
	ck_assert_uint_ne(atomic_load(&b->id), 0);
	ck_assert(!bulletin_is_alive(b));
	ck_assert(posting_open(&other));
	ck_assert_uint_ne(atomic_load(&other.page->id), atomic_load(&b->id));
	posting_close(&other);
	atomic_store(&p.page->counters[3], 17);
	ck_assert_uint_eq(atomic_load(&b->counters[3]), 17);
	munmap((void *)(uintptr_t)b, BULLETIN_SIZE);
}
END_TEST

START_TEST(its_seals_and_its_mode_are_the_narrowest)
{
	struct stat st;

	ck_assert_int_eq(fcntl(p.fd, F_GET_SEALS) & SEALS, SEALS);
	ck_assert_int_eq(fcntl(p.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	ck_assert_int_eq(fcntl(p.fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fstat(p.fd, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0400);
	ck_assert_int_eq(st.st_size, BULLETIN_SIZE);
}
END_TEST

/* Each returns whether it could be done; the test is run as root as well. */
static bool
can_write(int fd)
{
	return write(fd, "x", 1) != -1 || pwrite(fd, "x", 1, 0) != -1;
}

static bool
can_shrink(int fd)
{
	return ftruncate(fd, 0) == 0 || ftruncate(fd, 1) == 0;
}

static bool
can_grow(int fd)
{
	return ftruncate(fd, 2 * BULLETIN_SIZE) == 0 ||
	    fallocate(fd, 0, 0, 2 * BULLETIN_SIZE) == 0;
}

static bool
can_punch(int fd)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		   BULLETIN_SIZE) == 0 ||
	    fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0,
		BULLETIN_SIZE) == 0;
}

static bool
can_map_writable(int fd)
{
	return mmap(NULL, BULLETIN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   0) != MAP_FAILED;
}

static bool
can_make_writable(int fd)
{
	void *b = mmap(NULL, BULLETIN_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	bool can = mprotect(b, BULLETIN_SIZE, PROT_READ | PROT_WRITE) == 0;

	ck_assert_ptr_ne(b, MAP_FAILED);
	munmap(b, BULLETIN_SIZE);
	return can;
}

static bool
can_remove(int fd)
{
	void *b = mmap(NULL, BULLETIN_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	bool can = madvise(b, BULLETIN_SIZE, MADV_REMOVE) == 0;

	ck_assert_ptr_ne(b, MAP_FAILED);
	munmap(b, BULLETIN_SIZE);
	return can;
}

static bool
can_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_EXEC) == 0;
}

static bool (*const ways[])(int) = { can_write, can_shrink, can_grow, can_punch,
	can_map_writable, can_make_writable, can_remove, can_seal };

/* _i: on a kernel with MFD_NOEXEC_SEAL, or without. */
START_TEST(through_the_descriptor_nothing_can_be_done_to_it)
{
	uint8_t before[BULLETIN_SIZE];

	if (_i == 1) {
		posting_close(&p);
		refused = ~(unsigned)(MFD_CLOEXEC | MFD_ALLOW_SEALING);
		ck_assert(posting_open(&p));
	}
	memcpy(before, p.page, sizeof(before));
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		ck_assert_msg(!ways[i](p.fd), "way %zu", i);
	ck_unchanged(before);
}
END_TEST

/* Root and keyd's own user may open it for writing, which is when the seals
   count. */
START_TEST(nor_can_its_owner_write_it_through_another_one)
{
	uint8_t before[BULLETIN_SIZE];
	char path[64];
	int fd;

	memcpy(before, p.page, sizeof(before));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p.fd);
	ck_assert_int_eq(fchmod(p.fd, 0600), 0);
	ck_assert_int_ne(fd = open(path, O_RDWR | O_CLOEXEC), -1);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		ck_assert_msg(!ways[i](fd), "way %zu", i);
	ck_unchanged(before);
	close(fd);
}
END_TEST

START_TEST(where_there_is_no_such_memory_there_is_no_page)
{
	struct posting none;

	refused = MFD_ALLOW_SEALING;
	ck_assert(!posting_open(&none));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(none.page);
	ck_assert_int_eq(none.fd, -1);
	posting_close(&none);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("posting");
	TCase *tc = tcase_create("posting");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_clients_get_is_one_page_with_an_id);
	tcase_add_test(tc, its_seals_and_its_mode_are_the_narrowest);
	tcase_add_loop_test(tc,
	    through_the_descriptor_nothing_can_be_done_to_it, 0, 2);
	tcase_add_test(tc, nor_can_its_owner_write_it_through_another_one);
	tcase_add_test(tc, where_there_is_no_such_memory_there_is_no_page);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
