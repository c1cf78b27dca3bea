/* SPDX-License-Identifier: ISC */
#include "fault.h"
#include "keys.h"
#include "suite.h"
#include "talk.h"

static void
insert_keys(unsigned count)
{
	struct store_txn *t = scratch_begin(&s);

	for (unsigned n = 0; n < count; n++) {
		struct record rec = { .key = { .org = "acme",
					  .user = "eddy" } };

		memcpy(rec.hash, &n, sizeof(n));
		snprintf(rec.key.name, sizeof(rec.key.name), "name %u", n);
		memset(rec.key.permissions, 'p', 1000);
		ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	}
	scratch_commit(t);
}

/* Answers of 16 KiB to a client that asks on and on and does not read. */
START_TEST(a_client_that_does_not_read_is_not_read_from)
{
	uint8_t bytes[128];
	uint32_t asked = 1, heard = 1;
	struct reply rep;
	size_t len;

	insert_keys(40);
	greet();
	for (int idle = 0; idle < 3;) {
		len = encode(bytes, sizeof(bytes), FRAME_LIST, asked + 1);
		if (send(client, bytes, len, MSG_NOSIGNAL) == (ssize_t)len)
			asked++;
		else
			idle++;
		turn();
		ck_assert_uint_lt(asked, 100000);
	}
	ck_assert(!conn_wants_read(c));
	ck_assert(conn_wants_write(c));
	ck_assert(!conn_has_request(c));
	ck_assert(!c->gone);
	while (heard < asked) {
		uint32_t id = hear(&rep);

		if (id == 0) {
			turn();
			continue;
		}
		ck_assert_uint_eq(id, ++heard);
		ck_assert_uint_eq(rep.type, FRAME_LIST | FRAME_ANSWER);
	}
	ck_silence();
	ck_assert(conn_wants_read(c));
	ck_assert(!conn_wants_write(c));
	ck_assert_ptr_null(c->in);
	ck_assert_ptr_null(c->out);
}
END_TEST

/* Nobody says again that something is there. */
START_TEST(what_is_left_in_the_socket_is_not_forgotten)
{
	static uint8_t bytes[2 * BUFFER_SIZE];
	struct reply rep;
	size_t len = 0;
	unsigned asked = 0, heard = 0;

	greet();
	ck_assert(!c->rest);
	while (sizeof(bytes) - len >= 64) {
		len += encode(bytes + len, sizeof(bytes) - len, FRAME_STATUS,
		    ++asked);
	}
	say_bytes(bytes, len);
	conn_receive(c);
	ck_assert(!conn_wants_read(c));
	ck_assert(c->rest);
	conn_receive(c);
	ck_assert(c->rest);
	while (c->rest || c->in != NULL) {
		(void)serve(100);
		conn_flush(c);
		while (hear(&rep) != 0)
			heard++;
		if (c->rest)
			conn_receive(c);
	}
	ck_assert_uint_eq(heard, asked);
}
END_TEST

START_TEST(an_answer_of_a_change_has_room_whatever_came_before_it)
{
	uint8_t bytes[128];
	struct reply rep;
	uint32_t id = 1, heard = 1;

	insert_keys(40);
	greet();
	/* Without a flush the answers stay: a page is 16 KiB. */
	say_bytes(bytes, encode(bytes, sizeof(bytes), FRAME_LIST, ++id));
	say(FRAME_ORG_ADD, ++id);
	say(FRAME_STATUS, ++id);
	conn_receive(c);
	ck_assert(serve(100));
	if (c->change != NULL)
		deliver();
	for (int i = 0; i < 10 && heard < id; i++) {
		conn_flush(c);
		while (hear(&rep) != 0)
			heard++;
		(void)serve(100);
		if (c->change != NULL)
			deliver();
	}
	ck_assert(!c->gone);
	ck_assert_uint_eq(heard, id);
}
END_TEST

/* What was sent of it leaves room only at its front. */
START_TEST(an_answer_goes_behind_one_that_is_half_sent)
{
	struct wire_writer out;

	greet();
	ck_assert_ptr_nonnull(c->out = buffer_take());
	c->out->start = BUFFER_SIZE - FAULT_MAX;
	out = wire_writer(c->out->bytes + c->out->start, FAULT_MAX);
	fault_put(&out, 2, ERROR_BUSY, NULL);
	c->out->end = c->out->start + wire_length(&out);
	say(FRAME_STATUS, 3);
	turn();
	ck_error(2, ERROR_BUSY);
	ck_heard(3, FRAME_STATUS | FRAME_ANSWER);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conn_room");
	TCase *tc = tcase_create("conn_room");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_client_that_does_not_read_is_not_read_from);
	tcase_add_test(tc, what_is_left_in_the_socket_is_not_forgotten);
	tcase_add_test(tc,
	    an_answer_of_a_change_has_room_whatever_came_before_it);
	tcase_add_test(tc, an_answer_goes_behind_one_that_is_half_sent);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
