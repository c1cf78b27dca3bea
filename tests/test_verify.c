/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exact.h"
#include "exchange.h"
#include "keyd.h"
#include "partner.h"
#include "stream.h"
#include "suite.h"
#include "token.h"

#define MS INT64_C(1000000)

static const char good[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty";
static const char bad[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmatz";

#define PATIENT 30000 /* ms; a busy machine is no fault of a test */

static struct peer peer;
static struct keyd *handle;

static struct keyd *
open_with(const char *org, unsigned deadline_ms)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	struct keyd *h;

	o.runtime_dir = peer.dir;
	o.org = org;
	o.deadline_ms = deadline_ms;
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_OK);
	return h;
}

static void
setup(void)
{
	peer_start(&peer);
	setenv("KEYD_RUNTIME_DIR", peer.dir, 1);
	handle = open_with(NULL, PATIENT);
}

static void
teardown(void)
{
	keyd_close(handle);
	peer_stop(&peer);
}

static enum keyd_status
verify(const char *token)
{
	return keyd_verify_with(handle, token, NULL, NULL);
}

/* What a caller with a shorter struct has: the sanitizer sees a byte more. */
static void *
first_bytes(const void *ptr, volatile size_t len)
{
	return exact_copy(ptr, len);
}

/* Makes the handle look up a refused format again. */
static void
wait_until_stale(void)
{
	usleep(1100000);
}

/* Connections that this process has to the peer, as a client. */
static int
open_connections(void)
{
	struct sockaddr_un at;
	socklen_t len;
	int n = 0;

	for (int fd = 3; fd < 1024; fd++) {
		len = sizeof(at);
		memset(&at, 0, sizeof(at));
		if (getpeername(fd, (struct sockaddr *)&at, &len) == 0 &&
		    strstr(at.sun_path, peer.dir) != NULL)
			n++;
	}
	return n;
}

START_TEST(a_good_token_is_accepted_and_described)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	ck_assert_int_eq(keyd_verify(good, "tests:run", &v), KEYD_OK);
	ck_assert_uint_eq(v.size, sizeof(v));
	ck_assert_int_eq(v.status, KEYD_OK);
	ck_assert_int_eq(v.http_status, 200);
	ck_assert_uint_eq(v.retry_after, 0);
	ck_assert_uint_eq(v.rate_limit, 60);
	ck_assert_uint_eq(v.rate_remaining, 9);
	ck_assert_uint_eq(v.rate_reset, 10);
	ck_assert_int_eq(v.expires, 2000000000);
	ck_assert_str_eq(v.key_id, "key_0123456789abcdef");
	ck_assert_str_eq(v.org, "acme");
	ck_assert_str_eq(v.user, "alice");
	ck_assert_str_eq(v.name, "ci");
	ck_assert_str_eq(v.project, "demo");
}
END_TEST

START_TEST(the_digest_the_permission_and_the_org_are_sent)
{
	struct keyd *h = open_with("acme", 2000);
	uint8_t digest[DIGEST_SIZE];

	ck_assert_int_eq(keyd_verify_with(h, good, "tests:run", NULL), KEYD_OK);
	token_digest(good, sizeof(good) - 1, digest);
	ck_assert_int_eq(peer.last.type, FRAME_VERIFY);
	ck_assert_mem_eq(peer.last.verify.digest, digest, sizeof(digest));
	ck_assert_str_eq(peer.last.verify.permission, "tests:run");
	ck_assert_str_eq(peer.last.verify.org, "acme");
	keyd_close(h);
}
END_TEST

START_TEST(all_forms_of_the_call_say_the_same)
{
	ck_assert_int_eq(keyd_verify(good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(keyd_verify_bearer("bearer "
					    "cmk_"
					    "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7"
					    "r8s9t0u1v2w0htmaty ",
			     NULL, NULL),
	    KEYD_OK);
	ck_assert_int_eq(
	    keyd_verify_bearer_with(handle,
		"Bearer "
		"cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty",
		NULL, NULL),
	    KEYD_OK);
	ck_assert_int_eq(peer.requests, 4);
}
END_TEST

START_TEST(every_verdict_is_passed_on)
{
	static const enum keyd_status all[] = { KEYD_UNKNOWN, KEYD_REVOKED,
		KEYD_EXPIRED, KEYD_WRONG_ORG, KEYD_FORBIDDEN,
		KEYD_RATE_LIMITED };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct keyd_verdict v = KEYD_VERDICT_INIT;

		peer.verdict = (int)all[i];
		ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v),
		    all[i]);
		ck_assert_int_eq(v.status, all[i]);
		ck_assert_int_eq(v.http_status, keyd_http_status(all[i]));
		ck_assert_uint_eq(v.retry_after,
		    all[i] == KEYD_RATE_LIMITED ? 1 : 0);
	}
}
END_TEST

START_TEST(a_verdict_of_another_number_accepts_nothing)
{
	static const int codes[] = { 1, 2, 9, 100, 255 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		peer.verdict = codes[i];
		ck_assert_int_eq(verify(good), KEYD_EPROTOCOL);
	}
}
END_TEST

START_TEST(no_token_is_missing_without_keyd)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	memset(v.org, 'x', sizeof(v.org));
	ck_assert_int_eq(keyd_verify(NULL, NULL, &v), KEYD_MISSING);
	ck_assert_int_eq(v.http_status, 401);
	ck_assert_str_eq(v.org, "");
	ck_assert_int_eq(keyd_verify_bearer(NULL, NULL, NULL), KEYD_MISSING);
	ck_assert_int_eq(keyd_verify_bearer("Basic eA==", NULL, NULL),
	    KEYD_MISSING);
	ck_assert_int_eq(keyd_verify_bearer_with(handle, "Bearer a b", NULL,
			     NULL),
	    KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

START_TEST(what_can_be_no_token_at_all_is_malformed_without_keyd)
{
	char *longest = malloc(TOKEN_FOREIGN_MAX + 2);

	memset(longest, 'a', TOKEN_FOREIGN_MAX + 1);
	longest[TOKEN_FOREIGN_MAX + 1] = '\0';
	ck_assert_int_eq(verify(""), KEYD_MALFORMED);
	ck_assert_int_eq(verify("a b"), KEYD_MALFORMED);
	ck_assert_int_eq(verify("a\n"), KEYD_MALFORMED);
	ck_assert_int_eq(verify("\x7f"), KEYD_MALFORMED);
	ck_assert_int_eq(verify("caf\xc3\xa9"), KEYD_MALFORMED);
	ck_assert_int_eq(verify(longest), KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 0);
	free(longest);
}
END_TEST

START_TEST(a_wrong_checksum_is_refused_and_nothing_sent)
{
	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, 0);
}
END_TEST

START_TEST(a_known_format_is_refused_without_keyd)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer_stop(&peer);
	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	wait_until_stale();
	ck_assert_int_eq(verify(bad), KEYD_MALFORMED);
	ck_assert_int_eq(verify(good), KEYD_EUNAVAILABLE);
	peer_start(&peer);
}
END_TEST

START_TEST(an_unknown_format_is_not_refused_without_keyd)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	struct keyd *h;

	o.runtime_dir = "/nowhere";
	ck_assert_int_eq(keyd_open(&o, &h), KEYD_OK);
	ck_assert_int_eq(keyd_verify_with(h, bad, NULL, NULL),
	    KEYD_EUNAVAILABLE);
	keyd_close(h);
}
END_TEST

START_TEST(a_foreign_token_is_sent_if_keyd_says_so)
{
	peer.foreign = true;
	ck_assert_int_eq(verify("any-text~at.all"), KEYD_OK);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

/* keyd was given another prefix, and no token of the old one comes by. */
START_TEST(a_changed_format_is_noticed_within_a_second)
{
	char token[KEYD_TOKEN_SIZE];

	ck_assert(token_new("new", token));
	ck_assert_int_eq(verify(good), KEYD_OK);
	strcpy(peer.prefix, "new");
	ck_assert_int_eq(verify(token), KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 1);
	wait_until_stale();
	ck_assert_int_eq(verify(token), KEYD_OK);
	ck_assert_int_eq(verify(good), KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

START_TEST(what_is_no_permission_is_refused_without_keyd)
{
	static const char *const wrong[] = { "", "Tests:run", "a b", "a\"b" };
	char longer[PERMISSION_SIZE + 1];

	memset(longer, 'p', sizeof(longer));
	longer[PERMISSION_SIZE] = '\0';
	ck_assert_int_eq(keyd_verify_with(handle, good, longer, NULL),
	    KEYD_EPERMISSION);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_int_eq(keyd_verify_with(handle, good, wrong[i], NULL),
		    KEYD_EPERMISSION);
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

START_TEST(a_connection_is_kept)
{
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, 10);
}
END_TEST

START_TEST(a_restart_of_keyd_is_not_noticed)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer_hang_up(&peer);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

START_TEST(a_reset_of_a_kept_connection_is_asked_again)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer.once = true;
	peer.other = RESETS;
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

/* It came to a keyd that was about to end. */
START_TEST(a_reset_of_a_new_connection_is_asked_again)
{
	peer.once = true;
	peer.other = RESETS;
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

/* Or keyd is there, and does not want us. */
START_TEST(it_is_not_asked_again_for_ever)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer.other = RESETS;
	ck_assert_int_eq(verify(good), KEYD_EUNAVAILABLE);
	ck_assert_int_eq(peer.connections, 3);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

/* It may have spent from the key's limit. */
START_TEST(what_keyd_has_read_is_never_sent_again)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer.once = true;
	peer.other = CLOSES;
	ck_assert_int_eq(verify(good), KEYD_EUNAVAILABLE);
	ck_assert_int_eq(peer.requests, 2);
	ck_assert_int_eq(verify(good), KEYD_OK);
}
END_TEST

/* The late answer to the first must not be taken for one to the second. */
START_TEST(a_connection_with_an_answer_owing_is_not_used_again)
{
	struct keyd *h = open_with(NULL, 50);

	peer.other = SILENT;
	ck_assert_int_eq(keyd_verify_with(h, good, NULL, NULL), KEYD_ETIMEOUT);
	ck_assert_int_eq(open_connections(), 0);
	peer.other = ANSWERS;
	peer.verdict = VERDICT_REVOKED;
	ck_assert_int_eq(keyd_verify_with(h, good, NULL, NULL), KEYD_REVOKED);
	ck_assert_int_eq(peer.connections, 2);
	keyd_close(h);
}
END_TEST

START_TEST(the_default_deadline_is_a_quarter_of_a_second)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	int64_t begin;

	peer.other = SILENT;
	begin = stream_now();
	ck_assert_int_eq(keyd_verify(good, NULL, &v), KEYD_ETIMEOUT);
	ck_assert_int_ge(stream_now() - begin, 249 * MS);
	ck_assert_int_le(stream_now() - begin, 5000 * MS);
	ck_assert_int_eq(v.http_status, 503);
	ck_assert_uint_eq(v.retry_after, 1);
}
END_TEST

START_TEST(a_busy_keyd_says_when_to_come_back)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;

	peer.other = REFUSES;
	peer.code = ERROR_BUSY;
	peer.retry_after = 5;
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v), KEYD_EBUSY);
	ck_assert_uint_eq(v.retry_after, 5);
	peer.code = ERROR_PERMISSION;
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v),
	    KEYD_EPERMISSION);
	ck_assert_uint_eq(v.retry_after, 0);
	ck_assert_int_eq(peer.connections, 1);
}
END_TEST

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
	ck_assert_int_eq(keyd_verify_with(h, good, NULL, NULL), KEYD_OK);
	keyd_close(h);
	free(o);
}
END_TEST

static void
wait_for(pid_t child)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(a_child_speaks_on_a_connection_of_its_own)
{
	pid_t child;

	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(keyd_verify(good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
	if ((child = fork()) == 0)
		_exit(verify(good) != KEYD_OK ||
		    keyd_verify(good, NULL, NULL) != KEYD_OK ||
		    verify(good) != KEYD_OK);
	wait_for(child);
	ck_assert_int_eq(peer.connections, 4);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(keyd_verify(good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(peer.connections, 4);
}
END_TEST

/* Else keyd would not see the end of the parent. */
START_TEST(a_child_closes_its_parents_connections)
{
	pid_t child;

	ck_assert_int_eq(verify(good), KEYD_OK);
	if ((child = fork()) == 0)
		_exit(verify(good) != KEYD_OK || open_connections() != 1);
	wait_for(child);
}
END_TEST

START_TEST(a_child_may_close_the_handle)
{
	pid_t child;

	ck_assert_int_eq(verify(good), KEYD_OK);
	if ((child = fork()) == 0) {
		keyd_close(handle);
		_exit(0);
	}
	wait_for(child);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 1);
}
END_TEST

enum { THREADS = 8, CALLS = 200 };

/* The default handle waits for 250 ms, which a busy machine may take. */
static bool
is_wrong(enum keyd_status status)
{
	return status != KEYD_OK && status != KEYD_ETIMEOUT;
}

static void *
call_often(void *arg)
{
	long wrong = 0;

	(void)arg;
	for (int i = 0; i < CALLS; i++) {
		wrong += verify(good) != KEYD_OK;
		wrong += is_wrong(keyd_verify(good, "tests:run", NULL));
		wrong += verify(bad) != KEYD_MALFORMED;
	}
	return (void *)wrong;
}

static void
begin(pthread_t *threads)
{
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, call_often,
				     NULL),
		    0);
}

static long
end(pthread_t *threads)
{
	void *wrong;
	long all = 0;

	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		all += (long)wrong;
	}
	return all;
}

START_TEST(eight_threads_share_a_handle)
{
	pthread_t threads[THREADS];

	begin(threads);
	ck_assert_int_eq(end(threads), 0);
	ck_assert_int_ge(peer.requests, THREADS * CALLS);
	ck_assert_int_le(peer.requests, 2 * THREADS * CALLS);
	ck_assert_int_le(peer.connections, 2 * THREADS);
}
END_TEST

/*
 * A fork at any moment.  Not in the sanitizers' builds: another thread may hold
 * a lock of their allocators at that moment, which the child then waits for.
 */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
START_TEST(a_fork_under_load_holds_nothing_up)
{
	pthread_t threads[THREADS];
	pid_t child[4];

	begin(threads);
	for (int i = 0; i < 4; i++) {
		usleep(2000);
		if ((child[i] = fork()) == 0)
			_exit((long)call_often(NULL) != 0);
	}
	for (int i = 0; i < 4; i++)
		wait_for(child[i]);
	ck_assert_int_eq(end(threads), 0);
}
END_TEST
#endif

static void *
call_once(void *arg)
{
	*(enum keyd_status *)arg = verify(good);
	return NULL;
}

/* Each of them has a connection at once, more than are kept. */
START_TEST(more_calls_at_once_than_slots_all_get_their_answer)
{
	enum { MANY = 40 };
	pthread_t threads[MANY];
	enum keyd_status got[MANY];

	peer.other = DRIPS;
	for (int i = 0; i < MANY; i++)
		pthread_create(&threads[i], NULL, call_once, &got[i]);
	for (int i = 0; i < MANY; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(got[i], KEYD_OK);
	}
}
END_TEST

static void *
call_until_cancelled(void *arg)
{
	for (;;) {
		*(enum keyd_status *)arg = verify(good);
		pthread_testcancel();
	}
	return NULL;
}

START_TEST(a_thread_is_cancelled_between_calls_only)
{
	enum keyd_status got = KEYD_OK;
	pthread_t thread;

	for (int i = 0; i < 20; i++) {
		pthread_create(&thread, NULL, call_until_cancelled, &got);
		usleep(1000);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
		ck_assert_int_eq(got, KEYD_OK);
	}
	ck_assert_int_eq(peer.connections, 1);
}
END_TEST

START_TEST(a_process_without_a_descriptor_left_cannot_ask)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	int free_one = dup(0);
	struct rlimit all, none;

	ck_assert_int_ge(free_one, 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	none = all;
	none.rlim_cur = (rlim_t)free_one;
	close(free_one);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(keyd_verify_with(handle, good, NULL, &v),
	    KEYD_EUNAVAILABLE);
	ck_assert_int_eq(v.http_status, 503);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(exchange_status(ENFILE), KEYD_EUNAVAILABLE);
	ck_assert_int_eq(exchange_status(ENOMEM), KEYD_ENOMEM);
}
END_TEST

START_TEST(errno_is_kept)
{
	errno = EXDEV;
	verify(good);
	verify(bad);
	peer_hang_up(&peer);
	errno = EXDEV;
	verify(good);
	ck_assert_int_eq(errno, EXDEV);
	peer.other = RESETS;
	verify(good);
	keyd_verify(good, "X", NULL);
	keyd_close(open_with(NULL, 1));
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify");
	TCase *tc = tcase_create("verdict");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_good_token_is_accepted_and_described);
	tcase_add_test(tc, the_digest_the_permission_and_the_org_are_sent);
	tcase_add_test(tc, all_forms_of_the_call_say_the_same);
	tcase_add_test(tc, every_verdict_is_passed_on);
	tcase_add_test(tc, a_verdict_of_another_number_accepts_nothing);
	tcase_add_test(tc, no_token_is_missing_without_keyd);
	tcase_add_test(tc,
	    what_can_be_no_token_at_all_is_malformed_without_keyd);
	tcase_add_test(tc, a_wrong_checksum_is_refused_and_nothing_sent);
	tcase_add_test(tc, a_known_format_is_refused_without_keyd);
	tcase_add_test(tc, an_unknown_format_is_not_refused_without_keyd);
	tcase_add_test(tc, a_foreign_token_is_sent_if_keyd_says_so);
	tcase_add_test(tc, a_changed_format_is_noticed_within_a_second);
	tcase_add_test(tc, what_is_no_permission_is_refused_without_keyd);
	tcase_add_test(tc, a_busy_keyd_says_when_to_come_back);
	tcase_add_test(tc, a_shorter_verdict_is_filled_as_far_as_it_goes);
	tcase_add_test(tc, a_longer_verdict_keeps_what_is_not_known_here);
	tcase_add_test(tc, wrong_options_open_no_handle);
	tcase_add_test(tc, shorter_options_are_taken_as_far_as_they_go);
	tcase_add_test(tc, a_process_without_a_descriptor_left_cannot_ask);
	tcase_add_test(tc, errno_is_kept);
	suite_add_tcase(s, tc);

	tc = tcase_create("connections");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_connection_is_kept);
	tcase_add_test(tc, a_restart_of_keyd_is_not_noticed);
	tcase_add_test(tc, a_reset_of_a_kept_connection_is_asked_again);
	tcase_add_test(tc, a_reset_of_a_new_connection_is_asked_again);
	tcase_add_test(tc, it_is_not_asked_again_for_ever);
	tcase_add_test(tc, what_keyd_has_read_is_never_sent_again);
	tcase_add_test(tc, a_connection_with_an_answer_owing_is_not_used_again);
	tcase_add_test(tc, the_default_deadline_is_a_quarter_of_a_second);
	tcase_add_test(tc, a_child_speaks_on_a_connection_of_its_own);
	tcase_add_test(tc, a_child_closes_its_parents_connections);
	tcase_add_test(tc, a_child_may_close_the_handle);
	tcase_add_test(tc, eight_threads_share_a_handle);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	tcase_add_test(tc, a_fork_under_load_holds_nothing_up);
#endif
	tcase_add_test(tc, more_calls_at_once_than_slots_all_get_their_answer);
	tcase_add_test(tc, a_thread_is_cancelled_between_calls_only);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
