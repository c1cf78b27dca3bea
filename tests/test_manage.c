/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "handle.h"
#include "keyd.h"
#include "partner.h"
#include "suite.h"
#include "token.h"

#define BRIEF 300 /* ms; to wait for what does not come */

static const char id[] = "key_0123456789abcdef";

static struct peer peer;
static struct keyd *handle;
static struct keyd_key_options options = KEYD_KEY_OPTIONS_INIT;
static struct keyd_key key = KEYD_KEY_INIT;
static char token[KEYD_TOKEN_SIZE];

static void
setup(void)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;

	peer_start(&peer);
	o.runtime_dir = peer.dir;
	o.change_deadline_ms = PATIENT;
	ck_assert_int_eq(keyd_open(&o, &handle), KEYD_OK);
	options.org = "acme";
	options.user = "alice";
	options.name = "ci";
	strcpy(token, "left from before");
}

static void
teardown(void)
{
	keyd_close(handle);
	peer_stop(&peer);
}

static enum keyd_status
create(void)
{
	return keyd_create(handle, &options, token, sizeof(token), &key);
}

static enum keyd_status
revoke_key(void)
{
	return keyd_revoke(handle, id, NULL);
}

typedef enum keyd_status change(void);

/* A busy machine may use up a brief deadline before the request is sent. */
static enum keyd_status
once_sent(change *make)
{
	int before = peer.requests;
	enum keyd_status status;

	do
		status = make();
	while (status == KEYD_ETIMEOUT && peer.requests == before);
	return status;
}

START_TEST(a_token_is_made_here_and_its_digest_sent)
{
	uint8_t digest[DIGEST_SIZE];

	options.project = "demo";
	options.expires = 2000000000;
	ck_assert_int_eq(create(), KEYD_OK);
	ck_assert(token_check(token, strlen(token), "cmk"));
	token_digest(token, strlen(token), digest);
	ck_assert_int_eq(peer.last.type, FRAME_CREATE);
	ck_assert_mem_eq(peer.last.create.digest, digest, sizeof(digest));
	ck_assert(!peer.last.create.dry_run);
	ck_assert_str_eq(peer.last.create.org, "acme");
	ck_assert_str_eq(peer.last.create.user, "alice");
	ck_assert_str_eq(peer.last.create.name, "ci");
	ck_assert_str_eq(peer.last.create.role, "");
	ck_assert_str_eq(peer.last.create.project, "demo");
	ck_assert_int_eq(peer.last.create.expires, 2000000000);
	ck_assert_str_eq(key.id, id);
	ck_assert_str_eq(key.role, "editor");
	ck_assert_str_eq(key.permissions, "data:read tests:run");
	ck_assert_int_eq(key.created, 1700000000);
	ck_assert_str_eq(key.message, "");
}
END_TEST

START_TEST(the_token_has_keyds_prefix)
{
	strcpy(peer.prefix, "acme1");
	ck_assert_int_eq(create(), KEYD_OK);
	ck_assert(token_check(token, strlen(token), "acme1"));
}
END_TEST

START_TEST(the_prefix_is_asked_for_once)
{
	ck_assert_int_eq(create(), KEYD_OK);
	ck_assert_int_eq(peer.joined, 0);
	for (int i = 1; i < 4; i++) {
		ck_assert_int_eq(create(), KEYD_OK);
		ck_assert(token_check(token, strlen(token), "cmk"));
		ck_assert_int_eq(peer.joined, i);
		ck_assert_int_eq(peer.connections, i + 1);
	}
}
END_TEST

START_TEST(a_prefix_that_changed_makes_no_key_of_the_old_one)
{
	uint8_t digest[DIGEST_SIZE];

	ck_assert_int_eq(create(), KEYD_OK);
	strcpy(peer.prefix, "acme1");
	for (int i = 2; i < 4; i++) {
		ck_assert_int_eq(create(), KEYD_OK);
		ck_assert(token_check(token, strlen(token), "acme1"));
		token_digest(token, strlen(token), digest);
		ck_assert_mem_eq(peer.last.create.digest, digest,
		    sizeof(digest));
		ck_assert_int_eq(peer.requests, i);
	}
}
END_TEST

/* Nor does it when it changes between a request and its repetition. */
START_TEST(a_prefix_that_changed_after_a_lost_answer_leaves_the_outcome_open)
{
	ck_assert_int_eq(create(), KEYD_OK);
	peer.change_prefix = true;
	peer.other = CLOSES;
	ck_assert_int_eq(create(), KEYD_EOUTCOME);
	ck_assert_str_eq(token, "");
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

START_TEST(a_request_goes_with_its_hello)
{
	ck_assert_int_eq(keyd_revoke(handle, id, NULL), KEYD_OK);
	ck_assert_int_eq(peer.joined, 1);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

START_TEST(a_hello_that_is_refused_refuses_the_request)
{
	peer.hello = _i == 0 ? REFUSES : REFUSES_ALL;
	peer.code = ERROR_DENIED;
	ck_assert_int_eq(keyd_revoke(handle, id, NULL), KEYD_EDENIED);
	ck_assert_int_eq(create(), KEYD_EDENIED);
	ck_assert_str_eq(key.message, "the peer says no");
}
END_TEST

START_TEST(a_keyd_that_ends_at_hello_is_asked_again)
{
	static const enum manner ends[] = { RESETS, CLOSES, CUTS };

	peer.hello_once = true;
	peer.hello = ends[_i];
	ck_assert_int_eq(keyd_revoke(handle, id, NULL), KEYD_OK);
	ck_assert_int_eq(peer.requests, 1);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

/* It is no refusal of the prefix, which would be asked about again. */
START_TEST(an_invalid_change_is_asked_for_once)
{
	ck_assert_int_eq(create(), KEYD_OK);
	peer.other = REFUSES;
	peer.code = ERROR_INVALID;
	ck_assert_int_eq(create(), KEYD_EINVAL);
	ck_assert_str_eq(key.message, "the peer says no");
	ck_assert_int_eq(peer.requests, 2);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

START_TEST(a_refusal_is_given_in_keyds_words_and_no_token)
{
	peer.other = REFUSES;
	peer.code = ERROR_EXISTS;
	ck_assert_int_eq(create(), KEYD_EEXIST);
	ck_assert_str_eq(token, "");
	ck_assert_str_eq(key.message, "the peer says no");
	ck_assert_str_eq(key.id, "");
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

/* Whatever was lost, the second request is the first one again. */
START_TEST(a_lost_answer_is_asked_for_again)
{
	static const enum manner lost[] = { CLOSES, CUTS, RESETS, OTHER_ID };
	uint8_t digest[DIGEST_SIZE];

	peer.times = 1;
	peer.other = lost[_i];
	ck_assert_int_eq(create(), KEYD_OK);
	token_digest(token, strlen(token), digest);
	ck_assert_mem_eq(peer.last.create.digest, digest, sizeof(digest));
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

START_TEST(an_unknown_outcome_is_asked_for_again)
{
	peer.times = 1;
	peer.other = REFUSES;
	peer.code = ERROR_OUTCOME;
	ck_assert_int_eq(create(), KEYD_OK);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

START_TEST(an_answer_that_stays_away_leaves_the_outcome_open)
{
	static const enum manner lost[] = { SILENT, CLOSES };

	handle->change_deadline_ms = BRIEF;
	peer.other = lost[_i];
	ck_assert_int_eq(once_sent(create), KEYD_EOUTCOME);
	ck_assert_str_eq(token, "");
	ck_assert_int_eq(once_sent(revoke_key), KEYD_EOUTCOME);
}
END_TEST

/* Asked again in vain, it would fill the audit log until the deadline. */
START_TEST(a_refusal_after_a_lost_answer_leaves_the_outcome_open_at_once)
{
	peer.times = 1;
	peer.other = CLOSES;
	peer.then = REFUSES;
	peer.code = ERROR_EXISTS;
	ck_assert_int_eq(keyd_org_add(handle, "acme", NULL, 0, 0),
	    KEYD_EOUTCOME);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

/* The longer the deadline the more requests, on a busy machine as well. */
START_TEST(a_busy_keyd_is_asked_again_after_a_lost_answer)
{
	enum keyd_status status;

	handle->change_deadline_ms = BRIEF;
	do {
		peer.requests = 0;
		peer.times = 1;
		peer.other = CLOSES;
		peer.then = REFUSES;
		peer.code = ERROR_BUSY;
		status = create();
		handle->change_deadline_ms *= 2;
	} while ((status != KEYD_EOUTCOME || peer.requests <= 2) &&
	    handle->change_deadline_ms < PATIENT);
	ck_assert_int_eq(status, KEYD_EOUTCOME);
	ck_assert_int_gt(peer.requests, 2);
}
END_TEST

START_TEST(without_keyd_nothing_was_done)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	struct keyd *h;

	o.runtime_dir = "/nowhere";
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_OK);
	ck_assert_int_eq(keyd_create(h, &options, token, sizeof(token), &key),
	    KEYD_EUNAVAILABLE);
	ck_assert_str_eq(token, "");
	ck_assert_ptr_nonnull(strstr(key.message, "/nowhere/admin.sock"));
	ck_assert_int_eq(keyd_revoke(h, id, NULL), KEYD_EUNAVAILABLE);
	keyd_close(h);
}
END_TEST

START_TEST(wrong_options_are_refused_without_keyd)
{
	char text[NAME_SIZE + 1];

	memset(text, 'n', sizeof(text));
	text[NAME_SIZE] = '\0';
	options.name = text;
	ck_assert_int_eq(create(), KEYD_EINVAL);
	ck_assert_str_ne(key.message, "");
	options.name = NULL;
	ck_assert_int_eq(create(), KEYD_EINVAL);
	options.name = "ci";
	options.expires = -1;
	ck_assert_int_eq(create(), KEYD_EINVAL);
	options.expires = 0;
	ck_assert_int_eq(keyd_create(NULL, &options, token, sizeof(token),
			     &key),
	    KEYD_EINVAL);
	ck_assert_int_eq(keyd_create(handle, NULL, token, sizeof(token), &key),
	    KEYD_EINVAL);
	ck_assert_int_eq(keyd_create(handle, &options, NULL, 0, &key),
	    KEYD_EINVAL);
	ck_assert_int_eq(keyd_create(handle, &options, token, sizeof(token) - 1,
			     &key),
	    KEYD_EINVAL);
	key.size = offsetof(struct keyd_key, id) - 1;
	ck_assert_int_eq(create(), KEYD_EINVAL);
	options.size = offsetof(struct keyd_key_options, name);
	ck_assert_int_eq(keyd_create(handle, &options, token, sizeof(token),
			     NULL),
	    KEYD_EINVAL);
	ck_assert_str_eq(token, "");
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

START_TEST(a_key_is_revoked_by_its_id)
{
	ck_assert_int_eq(keyd_revoke(handle, id, "leaked"), KEYD_OK);
	ck_assert_int_eq(peer.last.type, FRAME_REVOKE);
	ck_assert_int_eq(peer.last.revoke.by, REVOKE_BY_ID);
	ck_assert_int_eq(peer.last.revoke.count, 1);
	ck_assert_mem_eq(peer.ids, id, KEY_ID_LEN);
	ck_assert_str_eq(peer.last.revoke.reason, "leaked");
	ck_assert_int_eq(keyd_revoke(handle, id, NULL), KEYD_OK);
	ck_assert_str_eq(peer.last.revoke.reason, "");
}
END_TEST

START_TEST(a_lost_answer_to_a_revoke_is_asked_for_again)
{
	peer.times = 1;
	peer.other = CLOSES;
	ck_assert_int_eq(keyd_revoke(handle, id, NULL), KEYD_OK);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

START_TEST(a_key_that_there_is_not_is_not_found)
{
	peer.other = REFUSES;
	peer.code = ERROR_NOT_FOUND;
	ck_assert_int_eq(keyd_revoke(handle, id, NULL), KEYD_ENOTFOUND);
}
END_TEST

START_TEST(what_is_no_key_id_is_refused_without_keyd)
{
	static const char *const wrong[] = { "", "key_", "key_0123456789abcde",
		"key_0123456789abcdef0", "kex_0123456789abcdef",
		"key_0123456789ABCDEF",
		"cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty" };
	char reason[REASON_SIZE + 1];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_int_eq(keyd_revoke(handle, wrong[i], NULL),
		    KEYD_EINVAL);
	memset(reason, 'r', sizeof(reason));
	reason[REASON_SIZE] = '\0';
	ck_assert_int_eq(keyd_revoke(handle, id, reason), KEYD_EINVAL);
	ck_assert_int_eq(keyd_revoke(handle, NULL, NULL), KEYD_EINVAL);
	ck_assert_int_eq(keyd_revoke(NULL, id, NULL), KEYD_EINVAL);
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

struct seen {
	int count;
	int stop_after;
	struct keyd_count last;
};

static int
see(void *arg, const struct keyd_count *count)
{
	struct seen *seen = arg;

	ck_assert_uint_eq(count->size, sizeof(*count));
	seen->last = *count;
	return ++seen->count == seen->stop_after;
}

START_TEST(the_counts_come_from_the_verify_socket)
{
	struct seen seen = { .stop_after = 1 };
	char admin[sizeof(peer.dir) + 16];

	/* The admin socket is often not to be reached at all. */
	snprintf(admin, sizeof(admin), "%s/admin.sock", peer.dir);
	ck_assert_int_eq(unlink(admin), 0);
	ck_assert_int_eq(keyd_counts(handle, see, &seen), KEYD_OK);
	ck_assert_int_eq(peer.last.type, FRAME_COUNTS);
	ck_assert_int_eq(seen.count, 1);
	ck_assert_str_eq(seen.last.name, "orgs");
	ck_assert_uint_eq(seen.last.number, 7);
	ck_assert(!seen.last.is_text);
	seen = (struct seen){ .stop_after = 0 };
	ck_assert_int_eq(keyd_counts(handle, see, &seen), KEYD_OK);
	ck_assert_int_eq(seen.count, 2);
	ck_assert_str_eq(seen.last.name, "version");
	ck_assert(seen.last.is_text);
	ck_assert_str_eq(seen.last.text, "1.2");
}
END_TEST

START_TEST(who_may_not_read_the_counts_gets_none)
{
	struct seen seen = { .stop_after = 0 };

	peer.other = REFUSES;
	peer.code = ERROR_DENIED;
	ck_assert_int_eq(keyd_counts(handle, see, &seen), KEYD_EDENIED);
	handle->change_deadline_ms = BRIEF;
	peer.other = SILENT;
	ck_assert_int_eq(keyd_counts(handle, see, &seen), KEYD_ETIMEOUT);
	ck_assert_int_eq(keyd_counts(NULL, see, &seen), KEYD_EINVAL);
	ck_assert_int_eq(keyd_counts(handle, NULL, &seen), KEYD_EINVAL);
	ck_assert_int_eq(seen.count, 0);
}
END_TEST

START_TEST(errno_is_kept)
{
	errno = EXDEV;
	create();
	keyd_revoke(handle, id, NULL);
	handle->change_deadline_ms = BRIEF;
	peer.other = CLOSES;
	create();
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("manage");
	TCase *tc = tcase_create("manage");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_token_is_made_here_and_its_digest_sent);
	tcase_add_test(tc, the_token_has_keyds_prefix);
	tcase_add_test(tc, the_prefix_is_asked_for_once);
	tcase_add_test(tc, a_prefix_that_changed_makes_no_key_of_the_old_one);
	tcase_add_test(tc,
	    a_prefix_that_changed_after_a_lost_answer_leaves_the_outcome_open);
	tcase_add_test(tc, an_invalid_change_is_asked_for_once);
	tcase_add_test(tc, a_request_goes_with_its_hello);
	tcase_add_loop_test(tc, a_hello_that_is_refused_refuses_the_request, 0,
	    2);
	tcase_add_loop_test(tc, a_keyd_that_ends_at_hello_is_asked_again, 0, 3);
	tcase_add_test(tc, a_refusal_is_given_in_keyds_words_and_no_token);
	tcase_add_loop_test(tc, a_lost_answer_is_asked_for_again, 0, 4);
	tcase_add_test(tc, an_unknown_outcome_is_asked_for_again);
	tcase_add_loop_test(tc,
	    an_answer_that_stays_away_leaves_the_outcome_open, 0, 2);
	tcase_add_test(tc,
	    a_refusal_after_a_lost_answer_leaves_the_outcome_open_at_once);
	tcase_add_test(tc, a_busy_keyd_is_asked_again_after_a_lost_answer);
	tcase_add_test(tc, without_keyd_nothing_was_done);
	tcase_add_test(tc, wrong_options_are_refused_without_keyd);
	tcase_add_test(tc, a_key_is_revoked_by_its_id);
	tcase_add_test(tc, a_lost_answer_to_a_revoke_is_asked_for_again);
	tcase_add_test(tc, a_key_that_there_is_not_is_not_found);
	tcase_add_test(tc, what_is_no_key_id_is_refused_without_keyd);
	tcase_add_test(tc, the_counts_come_from_the_verify_socket);
	tcase_add_test(tc, who_may_not_read_the_counts_gets_none);
	tcase_add_test(tc, errno_is_kept);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
