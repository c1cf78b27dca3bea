/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "mqtt_session.h"
#include "suite.h"

static struct mqtt_sessions all;
static struct seal *seal;
static int clients[100]; /* their addresses */

static void
setup(void)
{
	all = (struct mqtt_sessions){ 0 };
	seal = seal_new();
	ck_assert_ptr_nonnull(seal);
}

static void
teardown(void)
{
	mqtt_sessions_free(&all);
	seal_free(seal);
}

static struct mqtt_session *
add(int i, const char *id)
{
	struct mqtt_session *s =
	    mqtt_session_add(&all, &clients[i], id, seal_token(seal, id));

	ck_assert_ptr_nonnull(s);
	return s;
}

START_TEST(a_session_is_its_clients)
{
	char id[16];

	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "%d", i);
		add(i, id);
	}
	for (int i = 0; i < 100; i++) {
		struct mqtt_session *s;

		snprintf(id, sizeof(id), "%d", i);
		s = mqtt_session_find(&all, &clients[i], id);
		ck_assert_ptr_nonnull(s);
		ck_assert_str_eq(seal_open(seal, s->token), id);
	}
}
END_TEST

START_TEST(it_has_the_address_and_the_id)
{
	add(0, "one");
	ck_assert_ptr_null(mqtt_session_find(&all, &clients[0], "two"));
	ck_assert_ptr_null(mqtt_session_find(&all, &clients[0], NULL));
	ck_assert_ptr_null(mqtt_session_find(&all, &clients[1], "one"));
}
END_TEST

START_TEST(a_new_one_takes_its_place)
{
	struct mqtt_session *s = add(0, "one");

	s->granted = 7;
	s->dead = true;
	strcpy(s->user, "alice");
	s = add(0, "two");
	ck_assert(s->granted == 0 && !s->dead && s->user[0] == '\0');
	ck_assert_str_eq(seal_open(seal, s->token), "two");
	ck_assert_ptr_null(mqtt_session_find(&all, &clients[0], "one"));
}
END_TEST

START_TEST(dead_ones_are_found_while_they_have_a_token)
{
	for (int i = 0; i < 100; i++)
		add(i, "same")->dead = i % 10 == 0;
	ck_assert_uint_eq(mqtt_session_count(&all, "same"), 100);
	ck_assert_uint_eq(mqtt_session_count(&all, "other"), 0);
	for (int i = 0; i < 10; i++) {
		struct mqtt_session *s = mqtt_session_next_dead(&all);

		ck_assert(s != NULL && s->dead);
		mqtt_session_forget_token(s);
	}
	ck_assert_ptr_null(mqtt_session_next_dead(&all));
	ck_assert_uint_eq(mqtt_session_count(&all, "same"), 90);
}
END_TEST

START_TEST(none_is_fine)
{
	ck_assert_ptr_null(mqtt_session_find(&all, &clients[0], "x"));
	ck_assert_ptr_null(mqtt_session_next_dead(&all));
	ck_assert_uint_eq(mqtt_session_count(&all, "x"), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("mqtt_session");
	TCase *tc = tcase_create("mqtt_session");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_session_is_its_clients);
	tcase_add_test(tc, it_has_the_address_and_the_id);
	tcase_add_test(tc, a_new_one_takes_its_place);
	tcase_add_test(tc, dead_ones_are_found_while_they_have_a_token);
	tcase_add_test(tc, none_is_fine);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
