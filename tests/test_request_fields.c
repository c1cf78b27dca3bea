/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "requests.h"
#include "suite.h"

/* The verify of doc/PROTOCOL, 5.2. */
static const uint8_t verify[] = { 0x00, 0x00, 0x00, 0x2d, 0x01, 0x02, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x02, 0xfe, 0x79, 0x11, 0x90, 0x1f, 0xfe, 0x0f,
	0x25, 0xc1, 0xbe, 0xc1, 0x8d, 0x44, 0xb2, 0x00, 0x86, 0xe6, 0x37, 0x43,
	0x33, 0xb8, 0x4b, 0x62, 0x45, 0xe2, 0x6e, 0xd4, 0xaf, 0x18, 0x81, 0x38,
	0xcd, 0x00, 0x09, 0x74, 0x65, 0x73, 0x74, 0x73, 0x3a, 0x72, 0x75, 0x6e,
	0x00, 0x00 };

START_TEST(the_verify_of_the_document_is_written)
{
	static const struct request req = { .type = FRAME_VERIFY,
		.verify = { .digest = DIGEST, .permission = "tests:run" } };
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	request_encode(&w, &req, 2);
	ck_assert(wire_fits(&w));
	ck_assert_uint_eq(wire_length(&w), sizeof(verify));
	ck_assert_mem_eq(bytes, verify, sizeof(verify));
}
END_TEST

START_TEST(the_verify_of_the_document_is_read)
{
	static const uint8_t digest[] = DIGEST;
	struct request req;
	struct frame f;

	ck_assert_int_eq(frame_parse((struct span){ verify, sizeof(verify) },
			     &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(f.id, 2);
	ck_assert(request_decode(&req, &f));
	ck_assert_uint_eq(req.type, FRAME_VERIFY);
	ck_assert_mem_eq(req.verify.digest, digest, sizeof(digest));
	ck_assert_str_eq(req.verify.permission, "tests:run");
	ck_assert_str_eq(req.verify.org, "");
}
END_TEST

START_TEST(a_hello_may_tell_a_prefix)
{
	static const struct request req = { .type = FRAME_HELLO,
		.hello = { .lowest = 1, .highest = 1, .prefix = "cmk" } };
	static const uint8_t body[] = { 1, 1, 0, 0, 2, 0, 5, 0, 3, 'c', 'm',
		'k' };
	size_t len = encode(&req) - FRAME_HEADER;
	struct request got;

	ck_assert_uint_eq(len, sizeof(body));
	ck_assert_mem_eq(bytes + FRAME_HEADER, body, len);
	for (size_t n = 0; n <= len; n++)
		ck_assert_int_eq(decode(&got, FRAME_HELLO, bytes + FRAME_HEADER,
				     n),
		    n == 4 || n == len);
	ck_assert_str_eq(got.hello.prefix, "cmk");
	ck_assert(!got.hello.page);
}
END_TEST

START_TEST(a_prefix_that_is_told_has_at_most_15_bytes)
{
	uint8_t body[9 + PREFIX_SIZE] = { 1, 1, 0, 0, 2, 0, 0, 0, 0 };
	struct request got;

	memset(body + 9, 'p', PREFIX_SIZE);
	for (uint8_t n = 0; n <= PREFIX_SIZE; n++) {
		body[6] = (uint8_t)(n + 2);
		body[8] = n;
		ck_assert_int_eq(decode(&got, FRAME_HELLO, body, 9U + n),
		    n < PREFIX_SIZE);
		body[8] = (uint8_t)(n + 1);
		ck_assert(!decode(&got, FRAME_HELLO, body, 9U + n));
	}
}
END_TEST

START_TEST(a_permission_has_at_most_63_bytes)
{
	uint8_t body[DIGEST_SIZE + 2 + 64 + 2] = { 0 };
	struct request req;

	memset(body + DIGEST_SIZE + 2, 'p', 64);
	body[DIGEST_SIZE + 1] = 63;
	body[DIGEST_SIZE + 2 + 63] = 0;
	ck_assert(decode(&req, FRAME_VERIFY, body, sizeof(body) - 1));
	ck_assert_uint_eq(strlen(req.verify.permission), 63);
	body[DIGEST_SIZE + 1] = 64;
	body[DIGEST_SIZE + 2 + 63] = 'p';
	ck_assert(!decode(&req, FRAME_VERIFY, body, sizeof(body)));
}
END_TEST

START_TEST(a_nul_in_a_text_is_refused)
{
	uint8_t body[sizeof(verify) - FRAME_HEADER];
	struct request req;

	memcpy(body, verify + FRAME_HEADER, sizeof(body));
	ck_assert(decode(&req, FRAME_VERIFY, body, sizeof(body)));
	body[DIGEST_SIZE + 2 + 5] = '\0';
	ck_assert(!decode(&req, FRAME_VERIFY, body, sizeof(body)));
}
END_TEST

START_TEST(a_flag_is_0_or_1)
{
	struct request req;
	uint8_t body[7] = { 0 };

	body[6] = 1;
	ck_assert(decode(&req, FRAME_MEMBER_SET, body, sizeof(body)));
	ck_assert(req.member.revoke_keys);
	body[6] = 2;
	ck_assert(!decode(&req, FRAME_MEMBER_SET, body, sizeof(body)));
}
END_TEST

/* Decodes a revoke that says count and brings so many ids. */
static bool
revoke_of(size_t says, size_t brings)
{
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct request req;

	wire_put_u8(&w, 0);
	wire_put_u8(&w, REVOKE_BY_ID);
	wire_put_u16(&w, (uint16_t)says);
	for (size_t i = 0; i < brings; i++)
		wire_put_bytes(&w, ids, KEY_ID_LEN);
	wire_put_text(&w, "");
	ck_assert(wire_fits(&w));
	return decode(&req, FRAME_REVOKE, bytes, wire_length(&w));
}

START_TEST(a_revoke_has_1_to_512_ids)
{
	ck_assert(!revoke_of(0, 0));
	ck_assert(revoke_of(1, 1));
	ck_assert(revoke_of(REVOKE_IDS_MAX, REVOKE_IDS_MAX));
	ck_assert(!revoke_of(REVOKE_IDS_MAX + 1, REVOKE_IDS_MAX + 1));
	ck_assert(!revoke_of(2, 1));
	ck_assert(!revoke_of(1, 2));
}
END_TEST

START_TEST(a_revoke_is_by_id_or_by_digest)
{
	uint8_t body[2 + DIGEST_SIZE + 2] = { 0 };
	struct request req;

	for (unsigned by = 0; by <= UINT8_MAX; by++) {
		body[1] = (uint8_t)by;
		ck_assert(decode(&req, FRAME_REVOKE, body, sizeof(body)) ==
		    (by == REVOKE_BY_DIGEST));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request_fields");
	TCase *tc = tcase_create("request_fields");

	tcase_add_test(tc, the_verify_of_the_document_is_written);
	tcase_add_test(tc, the_verify_of_the_document_is_read);
	tcase_add_test(tc, a_hello_may_tell_a_prefix);
	tcase_add_test(tc, a_prefix_that_is_told_has_at_most_15_bytes);
	tcase_add_test(tc, a_permission_has_at_most_63_bytes);
	tcase_add_test(tc, a_nul_in_a_text_is_refused);
	tcase_add_test(tc, a_flag_is_0_or_1);
	tcase_add_test(tc, a_revoke_has_1_to_512_ids);
	tcase_add_test(tc, a_revoke_is_by_id_or_by_digest);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
