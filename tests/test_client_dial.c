/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "client.h"
#include "partner.h"
#include "suite.h"

static struct peer peer;
static char why[MESSAGE_SIZE];

static void
setup(void)
{
	peer_start(&peer);
}

static void
teardown(void)
{
	peer_stop(&peer);
}

static struct client *
dialled(const char *with)
{
	char prefix[PREFIX_SIZE] = "";
	struct client *c;

	strcpy(prefix, with);
	ck_assert_int_eq(client_dial(&c, peer.dir, CLIENT_ADMIN, prefix,
			     client_deadline(PATIENT), why),
	    KEYD_OK);
	return c;
}

static enum keyd_status
ask(struct client *c, struct reply *rep, unsigned ms, bool *sent)
{
	struct request req = { .type = FRAME_CREATE };

	strcpy(req.create.org, "acme");
	return client_ask(c, &req, rep, client_deadline(ms), sent, why);
}

START_TEST(hello_waits_for_the_first_request)
{
	struct client *c = dialled("");
	struct reply rep;
	bool sent = false;

	ck_assert_str_eq(client_welcome(c)->prefix, "");
	for (int i = 1; i < 4; i++) {
		ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_OK);
		ck_assert(sent);
		ck_assert_str_eq(why, "");
		ck_assert_str_eq(rep.created.key.role, "editor");
		ck_assert_str_eq(client_welcome(c)->prefix, "cmk");
		ck_assert_int_eq(peer.requests, i);
	}
	ck_assert_int_eq(peer.joined, 1);
	ck_assert_int_eq(peer.connections, 1);
	ck_assert(client_usable(c));
	client_close(c);
}
END_TEST

START_TEST(answers_in_pieces_are_put_together)
{
	struct client *c = dialled("cmk");
	struct reply rep;

	peer.hello = peer.other = DRIPS;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(ask(c, &rep, PATIENT, NULL), KEYD_OK);
		ck_assert_str_eq(rep.created.key.permissions,
		    "data:read tests:run");
	}
	client_close(c);
}
END_TEST

START_TEST(another_prefix_refuses_the_request)
{
	struct client *c = dialled("other");
	struct reply rep;
	bool sent = false;

	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_EINVAL);
	ck_assert_int_eq(rep.type, FRAME_ERROR);
	ck_assert_int_eq(rep.error.code, ERROR_INVALID);
	ck_assert_str_eq(client_welcome(c)->prefix, "");
	ck_assert_int_eq(peer.requests, 0);
	ck_assert(!client_usable(c));
	client_close(c);
}
END_TEST

/* One that passes over the field, and has another prefix. */
START_TEST(a_keyd_that_knows_no_prefix_may_have_made_a_key)
{
	struct client *c = dialled("other");
	struct reply rep;
	bool sent = false;

	peer.no_prefix = true;
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_EPROTOCOL);
	ck_assert(sent);
	ck_assert(!client_usable(c));
	client_close(c);
}
END_TEST

/* sent: may it have acted on the request? */
static const struct {
	enum manner manner;
	enum keyd_status status;
	bool sent;
} odd[] = {
	{ RESETS, KEYD_EUNAVAILABLE, false },
	{ CLOSES, KEYD_EUNAVAILABLE, false },
	{ CUTS, KEYD_EUNAVAILABLE, true },
	{ ANNOUNCES, KEYD_EPROTOCOL, true },
	{ OTHER_ID, KEYD_EPROTOCOL, true },
	{ OTHER_TYPE, KEYD_EPROTOCOL, true },
	{ OTHER_MAJOR, KEYD_EPROTOCOL, true },
	{ LENGTHENS, KEYD_EPROTOCOL, true },
};
static const int odds = sizeof(odd) / sizeof(*odd);

START_TEST(an_odd_welcome_ends_the_connection)
{
	struct client *c = dialled("");
	struct reply rep;
	bool sent = !odd[_i].sent;

	peer.hello = odd[_i].manner;
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), odd[_i].status);
	ck_assert_int_eq(sent, odd[_i].sent);
	ck_assert_int_eq(rep.type, 0);
	ck_assert_str_ne(why, "");
	ck_assert(!client_usable(c));
	client_close(c);
}
END_TEST

START_TEST(a_hello_that_is_refused_refuses_the_request)
{
	struct client *c = dialled("");
	struct reply rep;

	peer.hello = _i == 0 ? REFUSES : REFUSES_ALL;
	peer.code = ERROR_BUSY;
	ck_assert_int_eq(ask(c, &rep, PATIENT, NULL), KEYD_EBUSY);
	ck_assert_int_eq(rep.type, FRAME_ERROR);
	ck_assert_str_eq(why, "the peer says no");
	ck_assert(!client_usable(c));
	client_close(c);
}
END_TEST

/* A silent one that is told so sees the end, and hangs up. */
START_TEST(the_last_request_is_the_end)
{
	struct client *c = dialled("");
	struct reply rep;
	bool sent = false;

	client_last(c);
	peer.other = _i == 0 ? ANSWERS : SILENT;
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent),
	    _i == 0 ? KEYD_OK : KEYD_EUNAVAILABLE);
	ck_assert(sent);
	ck_assert(!client_usable(c));
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_EUNAVAILABLE);
	ck_assert(!sent);
	ck_assert_int_eq(peer.requests, 1);
	client_close(c);
}
END_TEST

START_TEST(the_greatest_request_goes_with_hello)
{
	static uint8_t rows[FRAME_MAX];
	struct request req = { .type = FRAME_RESTORE_CHUNK };
	struct client *c = dialled("cmk");
	struct reply rep;
	bool sent = true;

	for (size_t len = sizeof(rows); len > 0; len--) {
		req.restore.bytes = (struct span){ rows, len };
		if (client_ask(c, &req, &rep, client_deadline(PATIENT), &sent,
			why) == KEYD_OK)
			break;
		ck_assert(!sent);
		ck_assert_str_eq(why, "the request is too large");
		ck_assert(client_usable(c));
	}
	ck_assert_int_eq(peer.last.type, FRAME_RESTORE_CHUNK);
	ck_assert_uint_gt(peer.last.restore.bytes.len, FRAME_MAX - 64);
	ck_assert_int_eq(peer.joined, 1);
	client_close(c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("client_dial");
	TCase *tc = tcase_create("client_dial");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, hello_waits_for_the_first_request);
	tcase_add_test(tc, answers_in_pieces_are_put_together);
	tcase_add_test(tc, another_prefix_refuses_the_request);
	tcase_add_test(tc, a_keyd_that_knows_no_prefix_may_have_made_a_key);
	tcase_add_loop_test(tc, an_odd_welcome_ends_the_connection, 0, odds);
	tcase_add_loop_test(tc, a_hello_that_is_refused_refuses_the_request, 0,
	    2);
	tcase_add_loop_test(tc, the_last_request_is_the_end, 0, 2);
	tcase_add_test(tc, the_greatest_request_goes_with_hello);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
