/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "caller.h"
#include "exact.h"
#include "handle.h"
#include "suite.h"

/* What a caller with a shorter struct has: the sanitizer sees a byte more. */
static void *
first_bytes(const void *ptr, volatile size_t len)
{
	return exact_copy(ptr, len);
}

/* A caller of an older header: not a byte past its size is written. */
START_TEST(a_shorter_verdict_is_filled_as_far_as_it_goes)
{
	struct keyd_verdict head = KEYD_VERDICT_INIT;
	struct keyd_verdict *v;

	head.size = offsetof(struct keyd_verdict, org);
	v = first_bytes(&head, head.size);
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, v), KEYD_OK);
	memcpy(&head, v, head.size);
	ck_assert_uint_eq(head.size, offsetof(struct keyd_verdict, org));
	ck_assert_str_eq(head.key_id, "key_0123456789abcdef");
	free(v);
	head.size = offsetof(struct keyd_verdict, key_id) - 1;
	v = first_bytes(&head, head.size);
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, v), KEYD_EINVAL);
	ck_assert_int_eq(v->status, KEYD_EINVAL);
	ck_assert_int_eq(v->http_status, 500);
	free(v);
}
END_TEST

START_TEST(a_longer_verdict_keeps_what_is_not_known_here)
{
	struct {
		struct keyd_verdict v;
		char more[8];
	} later = { KEYD_VERDICT_INIT, "later" };

	later.v.size = sizeof(later);
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &later.v),
	    KEYD_OK);
	ck_assert_uint_eq(later.v.size, sizeof(later));
	ck_assert_str_eq(later.more, "later");
}
END_TEST

START_TEST(wrong_options_open_no_handle)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	char dir[97];
	struct keyd *h = handle;

	o.org = "No Slug";
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_EINVAL);
	ck_assert_ptr_null(h);
	o.org = "";
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_EINVAL);
	o.org = NULL;
	memset(dir, 'd', sizeof(dir));
	dir[96] = '\0';
	o.runtime_dir = dir;
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_EINVAL);
	dir[95] = '\0';
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_OK);
	keyd_close(h);
	o.size = 0;
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_EINVAL);
	ck_assert_int_eq(keyd_open(NULL, NULL), KEYD_EINVAL);
	ck_assert_int_eq(keyd_verify_with(NULL, good, NULL, NULL), KEYD_EINVAL);
	keyd_close(NULL);
}
END_TEST

/* Only the bytes that the caller's header has are looked at. */
START_TEST(shorter_options_are_taken_as_far_as_they_go)
{
	struct keyd_options head = KEYD_OPTIONS_INIT, *o;
	struct keyd *h;

	head.size = offsetof(struct keyd_options, org);
	head.runtime_dir = peer.dir;
	o = first_bytes(&head, head.size);
	ck_assert_int_eq(keyd_open(o, &h), KEYD_OK);
	h->deadline_ms = PATIENT;
	ck_assert_int_eq(keyd_verify_with(h, good, NULL, NULL), KEYD_OK);
	keyd_close(h);
	free(o);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify_sizes");
	TCase *tc = tcase_create("verify_sizes");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_shorter_verdict_is_filled_as_far_as_it_goes);
	tcase_add_test(tc, a_longer_verdict_keeps_what_is_not_known_here);
	tcase_add_test(tc, wrong_options_open_no_handle);
	tcase_add_test(tc, shorter_options_are_taken_as_far_as_they_go);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
