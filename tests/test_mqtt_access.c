/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>
#include <time.h>

#include "handle.h"
#include "mqtt_access.h"
#include "partner.h"
#include "suite.h"

static const char good[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty";

static struct peer peer;
static struct mqtt_gate gate;
static struct mqtt_rules rules;
static struct mqtt_session session;

static void
rule(const char *name, const char *value)
{
	ck_assert_ptr_null(mqtt_rules_option(&rules, name, value));
}

static void
open_gate(void)
{
	ck_assert_int_eq(mqtt_gate_open(&gate, peer.dir, "acme"), KEYD_OK);
	gate.keyd->deadline_ms = PATIENT;
	gate.beside->deadline_ms = PATIENT;
}

static void
setup(void)
{
	peer_start(&peer);
	open_gate();
	rules = (struct mqtt_rules){ 0 };
	rule("publish", "p:one a/#");
	rule("subscribe", "p:two a/#");
	rule("subscribe", "p:three %o/%u/#");
	rule("publish", "p:four a/b");
	session = (struct mqtt_session){ .org = "acme",
		.user = "alice",
		.token = seal_token(gate.seal, good) };
}

static void
teardown(void)
{
	mqtt_session_forget_token(&session);
	mqtt_rules_free(&rules);
	mqtt_gate_close(&gate);
	peer_stop(&peer);
}

static enum keyd_status
publish(const char *topic)
{
	return mqtt_access_use(&gate, &rules, &session, MQTT_PUBLISH, topic);
}

static enum keyd_status
subscribe(const char *filter)
{
	return mqtt_access_use(&gate, &rules, &session, MQTT_SUBSCRIBE, filter);
}

static enum keyd_status
deliver(const char *topic)
{
	return mqtt_access_deliver(&gate, &rules, &session, topic);
}

static void
asked(int requests, const char *permission)
{
	ck_assert_int_eq(peer.requests, requests);
	ck_assert_str_eq(peer.last.verify.permission, permission);
	ck_assert_str_eq(peer.last.verify.org, "acme");
}

START_TEST(each_use_is_verified)
{
	peer.verdict = VERDICT_OK;
	ck_assert_int_eq(publish("a/x"), KEYD_OK);
	asked(1, "p:one");
	ck_assert_int_eq(publish("a/x"), KEYD_OK);
	asked(2, "p:one");
	ck_assert_int_eq(subscribe("acme/alice/+"), KEYD_OK);
	asked(3, "p:three");
	peer.verdict = VERDICT_REVOKED;
	ck_assert_int_eq(publish("a/x"), KEYD_REVOKED);
	ck_assert(session.dead);
	ck_assert_int_eq(publish("a/x"), KEYD_REVOKED);
	ck_assert_int_eq(deliver("a/x"), KEYD_REVOKED);
	ck_assert_int_eq(peer.requests, 4);
}
END_TEST

START_TEST(what_no_rule_names_is_not_asked)
{
	ck_assert_int_eq(publish("b"), KEYD_FORBIDDEN);
	ck_assert_int_eq(publish("acme/alice/x"), KEYD_FORBIDDEN);
	ck_assert_int_eq(subscribe("#"), KEYD_FORBIDDEN);
	ck_assert_int_eq(subscribe("acme/bob/x"), KEYD_FORBIDDEN);
	ck_assert_int_eq(deliver("b"), KEYD_FORBIDDEN);
	ck_assert_int_eq(peer.requests, 0);
}
END_TEST

START_TEST(one_rule_that_lets_it_will_do)
{
	peer.verdict = VERDICT_FORBIDDEN;
	ck_assert_int_eq(publish("a/b"), KEYD_FORBIDDEN);
	asked(2, "p:four");
	peer.verdict = VERDICT_RATE_LIMITED;
	ck_assert_int_eq(publish("a/b"), KEYD_RATE_LIMITED);
	asked(3, "p:one");
	ck_assert(!session.dead);
}
END_TEST

START_TEST(a_delivery_looks_whether_the_key_lives)
{
	peer.verdict = VERDICT_OK;
	ck_assert_int_eq(subscribe("a/#"), KEYD_OK);
	asked(1, "p:two");
	peer.verdict = VERDICT_WRONG_ORG;
	ck_assert_int_eq(deliver("a/x"), KEYD_OK);
	ck_assert_int_eq(peer.requests, 2);
	ck_assert_str_eq(peer.last.verify.permission, "");
	ck_assert_str_ne(peer.last.verify.org, "acme");
	ck_assert_str_ne(peer.last.verify.org, "");
	peer.verdict = VERDICT_EXPIRED;
	ck_assert_int_eq(deliver("a/x"), KEYD_EXPIRED);
	ck_assert(session.dead);
}
END_TEST

START_TEST(a_delivery_without_a_subscription_is_verified)
{
	peer.verdict = VERDICT_FORBIDDEN;
	ck_assert_int_eq(deliver("a/x"), KEYD_FORBIDDEN);
	asked(1, "p:two");
	peer.verdict = VERDICT_RATE_LIMITED;
	ck_assert_int_eq(deliver("a/x"), KEYD_OK);
	asked(2, "p:two");
	peer.verdict = VERDICT_WRONG_ORG;
	ck_assert_int_eq(deliver("a/x"), KEYD_OK);
	ck_assert_str_ne(peer.last.verify.org, "acme");
}
END_TEST

START_TEST(who_has_left_does_nothing_and_misses_nothing)
{
	peer.verdict = VERDICT_OK;
	ck_assert_int_eq(subscribe("a/#"), KEYD_OK);
	mqtt_session_forget_token(&session);
	ck_assert_int_eq(publish("a/x"), KEYD_MISSING);
	ck_assert_int_eq(subscribe("a/x"), KEYD_MISSING);
	ck_assert_int_eq(deliver("a/x"), KEYD_OK);
	ck_assert_int_eq(deliver("acme/alice/x"), KEYD_MISSING);
	ck_assert_int_eq(deliver("b"), KEYD_MISSING);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* False: the pause was over before this could be said. */
static bool
refused_in_pause(void)
{
	enum keyd_status status = publish("a/x");

	if (now_ms() >= gate.paused_until)
		return false;
	ck_assert_int_eq(status, KEYD_ETIMEOUT);
	return true;
}

/* keyd would answer in it, and is not asked, but once when it is over. */
START_TEST(after_no_answer_there_is_a_pause)
{
	gate.keyd->deadline_ms = 250;
	peer.other = SILENT;
	ck_assert_int_eq(publish("a/x"), KEYD_ETIMEOUT);
	gate.keyd->deadline_ms = PATIENT;
	peer.other = ANSWERS;
	peer.verdict = VERDICT_OK;
	for (int i = 0; i < 1000 && refused_in_pause(); i++)
		;
	ck_assert_int_le(peer.requests, 2);
	ck_assert(!session.dead);
	gate.paused_until = now_ms();
	ck_assert_int_eq(publish("a/x"), KEYD_OK);
}
END_TEST

START_TEST(a_wrong_org_is_no_gate)
{
	struct mqtt_gate g;

	ck_assert_int_eq(mqtt_gate_open(&g, peer.dir, "Not_A_Slug"),
	    KEYD_EINVAL);
	ck_assert(g.seal == NULL && g.keyd == NULL && g.beside == NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("mqtt_access");
	TCase *tc = tcase_create("mqtt_access");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_use_is_verified);
	tcase_add_test(tc, what_no_rule_names_is_not_asked);
	tcase_add_test(tc, one_rule_that_lets_it_will_do);
	tcase_add_test(tc, a_delivery_looks_whether_the_key_lives);
	tcase_add_test(tc, a_delivery_without_a_subscription_is_verified);
	tcase_add_test(tc, who_has_left_does_nothing_and_misses_nothing);
	tcase_add_test(tc, after_no_answer_there_is_a_pause);
	tcase_add_test(tc, a_wrong_org_is_no_gate);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
