/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bulletins.h"
#include "posting.h"
#include "suite.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

#define SEALS (F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static struct bulletins known;

/* Memory with a bulletin in it, as another keyd may make it. */
static int
memory(off_t size, uint64_t layout, uint64_t id, int seals)
{
	static struct bulletin b;
	int fd = memfd_create("bulletin", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	atomic_store(&b.layout, layout);
	atomic_store(&b.id, id);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, &b, sizeof(b), 0), sizeof(b));
	ck_assert_int_eq(ftruncate(fd, size), 0);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

/* How often memory of a memfd is mapped in this process. */
static unsigned
mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned n = 0;

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		n += strstr(line, "/memfd:bulletin") != NULL;
	fclose(maps);
	return n;
}

static void
ck_refused(int fd)
{
	ck_assert_ptr_null(bulletins_take(&known, fd));
	ck_assert(!is_open(fd));
	ck_assert_uint_eq(mappings(), 0);
	ck_assert_ptr_null(atomic_load(&known.newest));
}

static void
teardown(void)
{
	bulletins_free(&known);
	ck_assert_uint_eq(mappings(), 0);
}

START_TEST(the_page_of_keyd_is_taken)
{
	const struct bulletin *page;
	struct posting p;
	int fd;

	ck_assert(posting_open(&p));
	fd = dup(p.fd);
	page = bulletins_take(&known, fd);
	ck_assert_ptr_nonnull(page);
	ck_assert(!is_open(fd));
	ck_assert_uint_eq(atomic_load(&page->id), atomic_load(&p.page->id));
	atomic_store(&p.page->counters[7], 42);
	ck_assert_uint_eq(atomic_load(&page->counters[7]), 42);
	posting_close(&p);
	/* Its memory is there for as long as somebody looks at it. */
	ck_assert_uint_eq(atomic_load(&page->counters[7]), 42);
}
END_TEST

START_TEST(it_is_mapped_to_be_read_only)
{
	const struct bulletin *page = bulletins_take(&known,
	    memory(BULLETIN_SIZE, BULLETIN_LAYOUT, 1, SEALS));

	ck_assert_ptr_nonnull(page);
	ck_assert_int_ne(mprotect((void *)page, BULLETIN_SIZE,
			     PROT_READ | PROT_WRITE),
	    0);
}
END_TEST

START_TEST(the_same_page_is_mapped_once)
{
	int fd = memory(BULLETIN_SIZE, BULLETIN_LAYOUT, 1, SEALS);
	const struct bulletin *page = bulletins_take(&known, dup(fd));

	ck_assert_ptr_nonnull(page);
	for (int i = 0; i < 10; i++)
		ck_assert_ptr_eq(bulletins_take(&known, dup(fd)), page);
	ck_assert_uint_eq(mappings(), 1);
	close(fd);
}
END_TEST

START_TEST(pages_of_other_lives_are_kept_beside_it)
{
	const struct bulletin *page[20];

	for (uint64_t i = 0; i < 20; i++) {
		page[i] = bulletins_take(&known,
		    memory(BULLETIN_SIZE, BULLETIN_LAYOUT, i + 1, SEALS));
		ck_assert_ptr_nonnull(page[i]);
	}
	for (uint64_t i = 0; i < 20; i++)
		ck_assert_uint_eq(atomic_load(&page[i]->id), i + 1);
	ck_assert_uint_eq(mappings(), 20);
}
END_TEST

START_TEST(no_more_are_kept_than_may_be)
{
	atomic_store(&known.count, BULLETINS_MAX);
	ck_refused(memory(BULLETIN_SIZE, BULLETIN_LAYOUT, 1, SEALS));
	atomic_store(&known.count, BULLETINS_MAX - 1);
	ck_assert_ptr_nonnull(bulletins_take(&known,
	    memory(BULLETIN_SIZE, BULLETIN_LAYOUT, 1, SEALS)));
	atomic_store(&known.count, 1);
}
END_TEST

START_TEST(no_descriptor_is_no_page)
{
	ck_assert_ptr_null(bulletins_take(&known, -1));
}
END_TEST

/* Runs for each seal: all the others are there. */
START_TEST(what_lacks_a_seal_is_refused)
{
	static const int seals[] = { F_SEAL_FUTURE_WRITE, F_SEAL_SHRINK,
		F_SEAL_GROW, F_SEAL_SEAL };

	ck_refused(
	    memory(BULLETIN_SIZE, BULLETIN_LAYOUT, 1, SEALS & ~seals[_i]));
}
END_TEST

START_TEST(what_has_another_size_is_refused)
{
	ck_refused(memory(BULLETIN_SIZE - 1, BULLETIN_LAYOUT, 1, SEALS));
	ck_refused(memory(BULLETIN_SIZE + 1, BULLETIN_LAYOUT, 1, SEALS));
	ck_refused(memory(0, BULLETIN_LAYOUT, 1, SEALS));
	ck_refused(memory(2 * BULLETIN_SIZE, BULLETIN_LAYOUT, 1, SEALS));
}
END_TEST

START_TEST(what_has_another_layout_is_refused)
{
	ck_refused(memory(BULLETIN_SIZE, BULLETIN_LAYOUT + 1, 1, SEALS));
	ck_refused(memory(BULLETIN_SIZE, 0, 1, SEALS));
	ck_refused(memory(BULLETIN_SIZE, BULLETIN_LAYOUT, 0, SEALS));
}
END_TEST

START_TEST(what_is_no_such_memory_is_refused)
{
	char path[] = "/tmp/keyd-test-XXXXXX";
	int fd = mkstemp(path), ends[2];

	unlink(path);
	ck_assert_int_eq(ftruncate(fd, BULLETIN_SIZE), 0);
	ck_refused(fd);
	ck_assert_int_eq(pipe(ends), 0);
	ck_refused(ends[0]);
	ck_refused(ends[1]);
	ck_refused(open("/dev/zero", O_RDONLY | O_CLOEXEC));
	ck_refused(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("bulletins");
	TCase *tc = tcase_create("bulletins");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, the_page_of_keyd_is_taken);
	tcase_add_test(tc, it_is_mapped_to_be_read_only);
	tcase_add_test(tc, the_same_page_is_mapped_once);
	tcase_add_test(tc, pages_of_other_lives_are_kept_beside_it);
	tcase_add_test(tc, no_more_are_kept_than_may_be);
	tcase_add_test(tc, no_descriptor_is_no_page);
	tcase_add_loop_test(tc, what_lacks_a_seal_is_refused, 0, 4);
	tcase_add_test(tc, what_has_another_size_is_refused);
	tcase_add_test(tc, what_has_another_layout_is_refused);
	tcase_add_test(tc, what_is_no_such_memory_is_refused);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
