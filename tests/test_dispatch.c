/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "asked.h"

enum { NEITHER = 0, BOTH = SOCKET_VERIFY | SOCKET_ADMIN };

/* What the protocol's table says of each type. */
static const struct {
	int sockets;
	bool anyone;
	bool changes;
} types[256] = {
	[FRAME_HELLO] = { BOTH, true, false },
	[FRAME_VERIFY] = { SOCKET_VERIFY, true, false },
	[FRAME_STATUS] = { SOCKET_ADMIN, false, false },
	[FRAME_COUNTS] = { SOCKET_VERIFY, false, false },
	[FRAME_REPORT] = { SOCKET_VERIFY, true, false },
	[FRAME_ORG_ADD] = { SOCKET_ADMIN, false, true },
	[FRAME_ORG_SET] = { SOCKET_ADMIN, false, true },
	[FRAME_ORG_LIST] = { SOCKET_ADMIN, false, false },
	[FRAME_MEMBER_ADD] = { SOCKET_ADMIN, false, true },
	[FRAME_MEMBER_SET] = { SOCKET_ADMIN, false, true },
	[FRAME_MEMBER_REMOVE] = { SOCKET_ADMIN, false, true },
	[FRAME_MEMBER_LIST] = { SOCKET_ADMIN, false, false },
	[FRAME_CREATE] = { SOCKET_ADMIN, false, true },
	[FRAME_REVOKE] = { SOCKET_ADMIN, false, true },
	[FRAME_LIST] = { SOCKET_ADMIN, false, false },
	[FRAME_SHOW] = { SOCKET_ADMIN, false, false },
	[FRAME_REVOKE_ALL] = { SOCKET_ADMIN, false, true },
	[FRAME_ROTATE] = { SOCKET_ADMIN, false, true },
	[FRAME_EXPLAIN] = { SOCKET_ADMIN, false, false },
	[FRAME_IMPORT_BEGIN] = { SOCKET_ADMIN, false, true },
	[FRAME_IMPORT_ROWS] = { SOCKET_ADMIN, false, true },
	[FRAME_IMPORT_COMMIT] = { SOCKET_ADMIN, false, true },
	[FRAME_IMPORT_ABORT] = { SOCKET_ADMIN, false, true },
	[FRAME_BACKUP_BEGIN] = { SOCKET_ADMIN, false, false },
	[FRAME_BACKUP_READ] = { SOCKET_ADMIN, false, false },
	[FRAME_BACKUP_DONE] = { SOCKET_ADMIN, false, true },
	[FRAME_RESTORE_BEGIN] = { SOCKET_ADMIN, false, true },
	[FRAME_RESTORE_CHUNK] = { SOCKET_ADMIN, false, true },
	[FRAME_RESTORE_CHECK] = { SOCKET_ADMIN, false, true },
	[FRAME_RESTORE_COMMIT] = { SOCKET_ADMIN, false, true },
	[FRAME_RESTORE_ABORT] = { SOCKET_ADMIN, false, true },
	[FRAME_AUDIT] = { SOCKET_ADMIN, false, false },
	[FRAME_AUDIT_CHECK] = { SOCKET_ADMIN, false, false },
	[FRAME_AUDIT_PRUNE] = { SOCKET_ADMIN, false, true },
};

/* Who may issue keys of one organization may ask this. */
static const bool issuer[256] = {
	[FRAME_MEMBER_LIST] = true,
	[FRAME_CREATE] = true,
	[FRAME_REVOKE] = true,
	[FRAME_REVOKE_ALL] = true,
	[FRAME_ROTATE] = true,
	[FRAME_LIST] = true,
	[FRAME_SHOW] = true,
};

/* A request of the type that decodes, and may be refused for what it says. */
static struct request
request_of(uint8_t type)
{
	struct request req = { .type = type };

	switch (type) {
	case FRAME_HELLO:
		req.hello.lowest = req.hello.highest = PROTOCOL_MAJOR;
		break;
	case FRAME_REVOKE:
		req.revoke.by = REVOKE_BY_DIGEST;
		break;
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
		strlcpy(req.org.slug, "acme", sizeof(req.org.slug));
		break;
	case FRAME_CREATE:
		strlcpy(req.create.org, "acme", sizeof(req.create.org));
		strlcpy(req.create.name, "ci", sizeof(req.create.name));
		break;
	case FRAME_MEMBER_LIST:
		strlcpy(req.list.org, "acme", sizeof(req.list.org));
		break;
	default:
		break;
	}
	return req;
}

static const struct reply *
ask_type(uint8_t type, enum socket_kind socket)
{
	struct request req = request_of(type);

	a.socket = socket;
	a.session.greeted = type != FRAME_HELLO;
	if (types[type].sockets == NEITHER)
		return ask_raw(&a, PROTOCOL_MAJOR, type, "", 0);
	return ask(&a, &req);
}

/* Each as if it were the first. */
static void
for_each_type(void (*check)(int type))
{
	for (int type = 0; type < 256; type++) {
		a.peer = (struct peer){ .uid = 0 };
		a.session.greeted = true;
		a.socket = SOCKET_ADMIN;
		a.health.bad_frames = 0;
		check(type);
	}
}

static void
check_served(int type)
{
	static const enum socket_kind sockets[] = { SOCKET_VERIFY,
		SOCKET_ADMIN };
	const struct reply *rep;

	for (int i = 0; i < 2; i++) {
		bool served = (types[type].sockets & (int)sockets[i]) != 0;

		rep = ask_type((uint8_t)type, sockets[i]);
		ck_assert_int_eq(rep->type == FRAME_ERROR &&
			rep->error.code == ERROR_TYPE,
		    !served);
		ck_assert_int_eq(a.was_change, served && types[type].changes);
		if (served && rep->type != FRAME_ERROR)
			ck_assert_int_eq(rep->type, type | FRAME_ANSWER);
	}
}

START_TEST(a_type_is_served_on_its_sockets_and_no_other)
{
	for_each_type(check_served);
}
END_TEST

static void
check_stranger(int type)
{
	const struct reply *rep;

	a.peer.uid = ASK_STRANGER;
	if ((types[type].sockets & SOCKET_ADMIN) != 0) {
		rep = ask_type((uint8_t)type, SOCKET_ADMIN);
		if (types[type].anyone)
			ask_done(rep);
		else
			ask_refused(rep, ERROR_DENIED);
		ck_assert(!a.was_change);
	}
	if ((types[type].sockets & SOCKET_VERIFY) == 0)
		return;
	rep = ask_type((uint8_t)type, SOCKET_VERIFY);
	if (types[type].anyone)
		ask_done(rep);
	else
		ask_refused(rep, ERROR_DENIED);
}

START_TEST(a_stranger_may_verify_and_say_hello_and_nothing_else)
{
	for_each_type(check_stranger);
}
END_TEST

/* What it is then told is the operation's affair: see test_issuers. */
static void
check_issuer(int type)
{
	a.peer.uid = ASK_STRANGER;
	a.peer.grants = 1;
	if ((types[type].sockets & SOCKET_ADMIN) == 0)
		return;
	(void)ask_raw(&a, PROTOCOL_MAJOR, (uint8_t)type, "x", 1);
	if (issuer[type])
		ask_refused(&a.rep, ERROR_MALFORMED);
	else if (!types[type].anyone)
		ask_refused(&a.rep, ERROR_DENIED);
	ck_assert(!a.hang_up);
	a.peer.grants = 0;
	(void)ask_raw(&a, PROTOCOL_MAJOR, (uint8_t)type, "x", 1);
	ck_assert_int_eq(a.hang_up, !types[type].anyone);
}

START_TEST(an_issuer_may_ask_about_keys_and_a_stranger_is_hung_up_on)
{
	for_each_type(check_issuer);
}
END_TEST

static void
check_group(int type)
{
	a.peer.uid = ASK_STRANGER;
	a.peer.in_admin_group = true;
	if ((types[type].sockets & SOCKET_ADMIN) == 0)
		return;
	(void)ask_type((uint8_t)type, SOCKET_ADMIN);
	ck_assert(a.rep.type != FRAME_ERROR ||
	    a.rep.error.code == ERROR_NOT_FOUND ||
	    a.rep.error.code == ERROR_INVALID);
}

START_TEST(one_of_the_admin_group_may_do_all)
{
	for_each_type(check_group);
}
END_TEST

static void
allow_meter(uid_t uid)
{
	struct policy_draft *d = malloc(sizeof(*d));

	ck_assert_ptr_nonnull(d);
	policy_draft_default(d);
	d->grants.meter_count = 2;
	d->grants.meters[1] = uid;
	policy_unref(a.policy);
	a.policy = policy_new(d);
	free(d);
}

/* Nobody is hung up on, nor noted: anybody may be on the verify socket. */
START_TEST(the_counts_are_for_those_whom_the_configuration_names)
{
	allow_meter(ASK_STRANGER);
	a.peer.uid = ASK_STRANGER;
	ask_done(ask_type(FRAME_COUNTS, SOCKET_VERIFY));
	ask_refused(ask_type(FRAME_COUNTS, SOCKET_ADMIN), ERROR_TYPE);
	ask_refused(ask_type(FRAME_STATUS, SOCKET_ADMIN), ERROR_DENIED);
	a.peer.uid = ASK_STRANGER + 1;
	ask_refused(ask_type(FRAME_COUNTS, SOCKET_VERIFY), ERROR_DENIED);
	ck_assert(!a.hang_up);
	a.peer.grants = 1;
	ask_refused(ask_type(FRAME_COUNTS, SOCKET_VERIFY), ERROR_DENIED);
	a.peer.granted_admin = true;
	ask_done(ask_type(FRAME_COUNTS, SOCKET_VERIFY));
}
END_TEST

START_TEST(a_refused_count_is_not_noted)
{
	a.peer.uid = ASK_STRANGER;
	ask_refused(ask_type(FRAME_COUNTS, SOCKET_VERIFY), ERROR_DENIED);
	ck_assert(!notes_any(a.notes));
	ask_refused(ask_type(FRAME_STATUS, SOCKET_ADMIN), ERROR_DENIED);
	ck_assert(notes_any(a.notes));
}
END_TEST

static void
check_before_hello(int type)
{
	struct request req = request_of((uint8_t)type);

	if (type == FRAME_HELLO)
		return;
	for (int socket = SOCKET_VERIFY; socket <= SOCKET_ADMIN; socket++) {
		a.socket = (enum socket_kind)socket;
		a.session.greeted = false;
		if (types[type].sockets == NEITHER)
			(void)ask_raw(&a, PROTOCOL_MAJOR, (uint8_t)type, "", 0);
		else
			(void)ask(&a, &req);
		ask_refused(&a.rep, ERROR_HELLO);
		ck_assert(!a.session.greeted);
	}
}

START_TEST(nothing_comes_before_the_hello)
{
	for_each_type(check_before_hello);
}
END_TEST

static void
check_version(int type)
{
	if (type == FRAME_HELLO)
		return;
	ask_refused(ask_raw(&a, 0, (uint8_t)type, "junk", 4), ERROR_VERSION);
	ask_refused(ask_raw(&a, 2, (uint8_t)type, "junk", 4), ERROR_VERSION);
	ck_assert_uint_eq(a.rep.error.lowest, PROTOCOL_MAJOR);
	ck_assert_uint_eq(a.rep.error.highest, PROTOCOL_MAJOR);
}

START_TEST(another_version_is_refused_before_anything_is_looked_at)
{
	for_each_type(check_version);
}
END_TEST

/* So that a stranger learns nothing of the body's rules either. */
static void
check_right(int type)
{
	a.peer.uid = ASK_STRANGER;
	if ((types[type].sockets & SOCKET_ADMIN) == 0 || types[type].anyone)
		return;
	ask_refused(ask_raw(&a, PROTOCOL_MAJOR, (uint8_t)type, "junk", 4),
	    ERROR_DENIED);
}

START_TEST(a_right_is_looked_at_before_the_body)
{
	for_each_type(check_right);
}
END_TEST

/* Cut short to every length, and a byte too long. */
static void
check_body(int type)
{
	struct request req = request_of((uint8_t)type);
	uint8_t bytes[FRAME_MAX] = { 0 };
	size_t len;

	if (types[type].sockets == NEITHER)
		return;
	a.socket = (types[type].sockets & SOCKET_ADMIN) != 0 ? SOCKET_ADMIN
							     : SOCKET_VERIFY;
	a.session.greeted = type != FRAME_HELLO;
	len = ask_encode(bytes, sizeof(bytes), &req, 1) - FRAME_HEADER;
	for (size_t cut = 0; cut < len; cut++)
		ask_refused(ask_raw(&a, PROTOCOL_MAJOR, (uint8_t)type,
				bytes + FRAME_HEADER, cut),
		    ERROR_MALFORMED);
	ask_refused(ask_raw(&a, PROTOCOL_MAJOR, (uint8_t)type,
			bytes + FRAME_HEADER, len + 1),
	    ERROR_MALFORMED);
	ck_assert(!a.was_change);
	ck_assert_uint_eq(a.health.bad_frames, len + 1);
}

START_TEST(a_body_that_is_not_of_its_type_is_malformed)
{
	for_each_type(check_body);
}
END_TEST

static void
check_hello(int type)
{
	struct request req = request_of(FRAME_HELLO);
	uint8_t bytes[64];
	size_t len = ask_encode(bytes, sizeof(bytes), &req, 1);

	a.session.greeted = false;
	ask_done(ask_raw(&a, (uint8_t)type, FRAME_HELLO, bytes + FRAME_HEADER,
	    len - FRAME_HEADER));
	ck_assert(a.session.greeted);
	ck_assert_uint_eq(a.rep.welcome.major, PROTOCOL_MAJOR);
	ck_assert_uint_eq(a.rep.welcome.minor, PROTOCOL_MINOR);
	ck_assert_str_eq(a.rep.welcome.prefix, "cmk");
	ck_assert(!a.rep.welcome.foreign);
	ck_assert(strncmp(a.rep.welcome.software, "keyd ", 5) == 0);
}

START_TEST(a_hello_is_accepted_whatever_its_version)
{
	for_each_type(check_hello);
}
END_TEST

START_TEST(a_second_hello_is_refused)
{
	struct request req = request_of(FRAME_HELLO);

	ask_refused(ask(&a, &req), ERROR_HELLO);
	ck_assert(a.session.greeted);
}
END_TEST

START_TEST(the_bulletin_goes_to_who_asks_for_it_and_is_greeted)
{
	struct request req = request_of(FRAME_HELLO);

	a.session.greeted = false;
	ask_done(ask(&a, &req));
	ck_assert(!a.page);
	a.session.greeted = false;
	req.hello.page = true;
	ask_done(ask(&a, &req));
	ck_assert(a.page);
	ask_refused(ask(&a, &req), ERROR_HELLO);
	ck_assert(!a.page);
	a.session.greeted = false;
	req.hello.lowest = req.hello.highest = 9;
	ask_refused(ask(&a, &req), ERROR_VERSION);
	ck_assert(!a.page);
}
END_TEST

START_TEST(a_hello_without_a_common_version_may_be_said_again)
{
	static const struct {
		uint8_t lowest, highest;
		bool good;
	} ranges[] = { { 2, 9, false }, { 0, 0, false }, { 1, 0, false },
		{ 9, 1, false }, { 0, 9, true }, { 1, 1, true } };
	struct request req = request_of(FRAME_HELLO);

	a.session.greeted = false;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		req.hello.lowest = ranges[i].lowest;
		req.hello.highest = ranges[i].highest;
		(void)ask(&a, &req);
		if (!ranges[i].good)
			ask_refused(&a.rep, ERROR_VERSION);
		ck_assert_int_eq(a.session.greeted, ranges[i].good);
		a.session.greeted = false;
	}
}
END_TEST

START_TEST(a_hello_with_another_prefix_is_refused)
{
	struct request req = request_of(FRAME_HELLO);
	struct request status = request_of(FRAME_STATUS);

	a.session.greeted = false;
	strcpy(req.hello.prefix, "other");
	ask_refused(ask(&a, &req), ERROR_INVALID);
	ck_assert_ptr_nonnull(strstr(a.rep.error.message, "cmk"));
	ask_refused(ask(&a, &status), ERROR_HELLO);
	strcpy(req.hello.prefix, "cmk");
	ask_done(ask(&a, &req));
	ck_assert(a.session.greeted);
}
END_TEST

START_TEST(an_optional_field_that_is_not_known_is_passed_over)
{
	static const uint8_t more[] = { 0x77, 0x00, 0x03, 'a', 'b', 'c' };

	ask_done(ask_raw(&a, PROTOCOL_MAJOR, FRAME_STATUS, more, sizeof(more)));
}
END_TEST

/* A dry run is answered at once, from the view, and writes nothing. */
START_TEST(a_dry_run_is_no_change)
{
	struct request create = ask_create(1, "acme", "alice", "ci");
	struct request revoke = request_of(FRAME_REVOKE);

	create.create.dry_run = revoke.revoke.dry_run = true;
	ask_refused(ask(&a, &create), ERROR_NOT_FOUND);
	ck_assert(!a.was_change);
	ask_refused(ask(&a, &revoke), ERROR_NOT_FOUND);
	ck_assert(!a.was_change);
}
END_TEST

/* A refusal for want of a right is no bad frame. */
START_TEST(bad_frames_are_counted)
{
	(void)ask_raw(&a, PROTOCOL_MAJOR, 0x77, "", 0);
	(void)ask_raw(&a, 9, FRAME_STATUS, "", 0);
	(void)ask_raw(&a, PROTOCOL_MAJOR, FRAME_STATUS, "x", 1);
	ck_assert_uint_eq(a.health.bad_frames, 3);
	a.peer.uid = ASK_STRANGER;
	(void)ask_raw(&a, PROTOCOL_MAJOR, FRAME_STATUS, "", 0);
	ck_assert_uint_eq(a.health.bad_frames, 3);
}
END_TEST

static void
add_table(TCase *tc)
{
	tcase_add_test(tc, a_type_is_served_on_its_sockets_and_no_other);
	tcase_add_test(tc,
	    a_stranger_may_verify_and_say_hello_and_nothing_else);
	tcase_add_test(tc,
	    an_issuer_may_ask_about_keys_and_a_stranger_is_hung_up_on);
	tcase_add_test(tc, one_of_the_admin_group_may_do_all);
	tcase_add_test(tc,
	    the_counts_are_for_those_whom_the_configuration_names);
	tcase_add_test(tc, a_refused_count_is_not_noted);
	tcase_add_test(tc, nothing_comes_before_the_hello);
	tcase_add_test(tc,
	    another_version_is_refused_before_anything_is_looked_at);
	tcase_add_test(tc, a_right_is_looked_at_before_the_body);
	tcase_add_test(tc, a_body_that_is_not_of_its_type_is_malformed);
	tcase_add_test(tc, a_hello_is_accepted_whatever_its_version);
}

int
main(void)
{
	Suite *suite = suite_create("dispatch");
	TCase *tc = tcase_create("dispatch");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up_empty, tear_down);
	add_table(tc);
	tcase_add_test(tc, the_bulletin_goes_to_who_asks_for_it_and_is_greeted);
	tcase_add_test(tc, a_second_hello_is_refused);
	tcase_add_test(tc, a_hello_without_a_common_version_may_be_said_again);
	tcase_add_test(tc, a_hello_with_another_prefix_is_refused);
	tcase_add_test(tc, an_optional_field_that_is_not_known_is_passed_over);
	tcase_add_test(tc, a_dry_run_is_no_change);
	tcase_add_test(tc, bad_frames_are_counted);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
