/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "orgs.h"
#include "samples.h"
#include "scratch.h"
#include "suite.h"

static struct scratch s;

static void
set_up(void)
{
	scratch_open(&s);
}

static void
tear_down(void)
{
	scratch_close(&s);
}

static void
put_org(const char *slug)
{
	struct org_info org = ORG_SAMPLE;
	struct store_txn *t = scratch_begin(&s);

	strlcpy(org.slug, slug, sizeof(org.slug));
	ck_assert_int_eq(orgs_put(t, &org), STORE_OK);
	scratch_commit(t);
}

static void
put_member(const char *org, const char *user)
{
	struct member_info m = MEMBER_SAMPLE;
	struct store_txn *t = scratch_begin(&s);

	strlcpy(m.org, org, sizeof(m.org));
	strlcpy(m.user, user, sizeof(m.user));
	ck_assert_int_eq(members_put(t, &m), STORE_OK);
	scratch_commit(t);
}

START_TEST(an_org_comes_back_whole)
{
	struct org_info org = ORG_SAMPLE, got;

	put_org("acme");
	ck_assert_int_eq(orgs_get(scratch_view(&s), "acme", &got), STORE_OK);
	org_same(&got, &org);
	ck_assert_int_eq(orgs_get(scratch_view(&s), "acm", &got), STORE_NONE);
	ck_assert_int_eq(orgs_get(scratch_view(&s), "acme2", &got), STORE_NONE);
}
END_TEST

/* A client may ask for it: there is none. */
START_TEST(an_org_without_a_name_is_not_there)
{
	struct org_info got;

	put_org("acme");
	ck_assert_int_eq(orgs_get(scratch_view(&s), "", &got), STORE_NONE);
}
END_TEST

START_TEST(a_member_comes_back_whole)
{
	struct member_info m = MEMBER_SAMPLE, got;

	put_member(m.org, m.user);
	ck_assert_int_eq(members_get(scratch_view(&s), m.org, m.user, &got),
	    STORE_OK);
	member_same(&got, &m);
}
END_TEST

START_TEST(a_member_is_of_one_org)
{
	struct member_info got;

	put_member("acme", "alice");
	ck_assert_int_eq(members_get(scratch_view(&s), "acm", "ealice", &got),
	    STORE_NONE);
	ck_assert_int_eq(members_get(scratch_view(&s), "acme2", "alice", &got),
	    STORE_NONE);
	ck_assert_int_eq(members_get(scratch_view(&s), "acme", "", &got),
	    STORE_NONE);
	ck_assert_int_eq(members_get(scratch_view(&s), "", "alice", &got),
	    STORE_NONE);
}
END_TEST

START_TEST(a_member_that_is_deleted_leaves_the_others)
{
	struct member_info got;
	struct store_txn *t;

	put_member("acme", "alice");
	put_member("acme", "bob");
	t = scratch_begin(&s);
	ck_assert_int_eq(members_delete(t, "acme", "alice"), STORE_OK);
	ck_assert_int_eq(members_delete(t, "acme", "alice"), STORE_NONE);
	scratch_commit(t);
	t = scratch_view(&s);
	ck_assert_int_eq(members_get(t, "acme", "alice", &got), STORE_NONE);
	ck_assert_int_eq(members_get(t, "acme", "bob", &got), STORE_OK);
}
END_TEST

START_TEST(names_at_their_longest_are_kept_whole)
{
	char org[ORG_SIZE], user[USER_SIZE];
	struct member_info m;
	struct org_info o;

	memset(org, 'o', sizeof(org));
	memset(user, 'u', sizeof(user));
	org[ORG_SIZE - 1] = user[USER_SIZE - 1] = '\0';
	put_org(org);
	put_member(org, user);
	ck_assert_int_eq(orgs_get(scratch_view(&s), org, &o), STORE_OK);
	ck_assert_str_eq(o.slug, org);
	ck_assert_int_eq(members_get(scratch_view(&s), org, user, &m),
	    STORE_OK);
	ck_assert_str_eq(m.user, user);
}
END_TEST

struct seen {
	char names[128];
	unsigned left;
};

static bool
see(struct seen *seen, const char *name)
{
	strlcat(seen->names, name, sizeof(seen->names));
	strlcat(seen->names, " ", sizeof(seen->names));
	return --seen->left > 0;
}

static bool
see_org(void *arg, const struct org_info *org)
{
	return see(arg, org->slug);
}

static bool
see_member(void *arg, const struct member_info *m)
{
	return see(arg, m->user);
}

static const struct {
	const char *from;
	unsigned most;
	const char *seen;
} walks[] = {
	{ "", 9, "al alice bob " },
	{ "al", 9, "al alice bob " },
	{ "ali", 9, "alice bob " },
	{ "bob", 9, "bob " },
	{ "bobby", 9, "" },
	{ "", 1, "al " },
	{ "alice", 1, "alice " },
};

#define WALKS ((int)(sizeof(walks) / sizeof(walks[0])))

START_TEST(orgs_are_walked_in_the_order_of_their_names)
{
	struct seen seen = { .left = walks[_i].most };

	put_org("bob");
	put_org("al");
	put_org("alice");
	ck_assert_int_eq(orgs_walk(scratch_view(&s), walks[_i].from, see_org,
			     &seen),
	    STORE_OK);
	ck_assert_str_eq(seen.names, walks[_i].seen);
}
END_TEST

START_TEST(members_are_walked_in_their_org_only)
{
	struct seen seen = { .left = walks[_i].most };

	put_member("acme", "bob");
	put_member("acm", "zoe");
	put_member("acme", "al");
	put_member("acme-2", "ann");
	put_member("acme", "alice");
	ck_assert_int_eq(members_walk(scratch_view(&s), "acme", walks[_i].from,
			     see_member, &seen),
	    STORE_OK);
	ck_assert_str_eq(seen.names, walks[_i].seen);
}
END_TEST

/* Sealed, and yet not what this keyd writes. */
START_TEST(another_version_is_damage)
{
	struct seen seen = { .left = 9 };
	struct store_txn *t = scratch_begin(&s);
	struct member_info m;
	struct org_info org;

	ck_assert_int_eq(store_put(t, TABLE_ORGS, text_span("acme"),
			     text_span("\x02...")),
	    STORE_OK);
	ck_assert_int_eq(store_put(t, TABLE_MEMBERS,
			     (struct span){ (const uint8_t *)"acme\0al", 7 },
			     text_span("\x02...")),
	    STORE_OK);
	ck_assert_int_eq(orgs_get(t, "acme", &org), STORE_DAMAGED);
	ck_assert_int_eq(members_get(t, "acme", "al", &m), STORE_DAMAGED);
	ck_assert_int_eq(orgs_walk(t, "", see_org, &seen), STORE_DAMAGED);
	ck_assert_int_eq(members_walk(t, "acme", "", see_member, &seen),
	    STORE_DAMAGED);
	store_abort(t);
}
END_TEST

START_TEST(every_flipped_bit_is_damage)
{
	struct member_info m;
	struct org_info org;
	struct span value;

	put_org("acme");
	put_member("acme", "al");
	ck_assert_int_eq(store_get(scratch_view(&s), TABLE_ORGS,
			     text_span("acme"), &value),
	    STORE_OK);
	for (size_t bit = 0; bit < (value.len + MAC_SIZE) * 8; bit++) {
		scratch_flip(&s, value.ptr, bit);
		ck_assert_int_eq(orgs_get(scratch_view(&s), "acme", &org),
		    STORE_DAMAGED);
		scratch_flip(&s, value.ptr, bit);
	}
	ck_assert_int_eq(store_get(scratch_view(&s), TABLE_MEMBERS,
			     (struct span){ (const uint8_t *)"acme\0al", 7 },
			     &value),
	    STORE_OK);
	for (size_t bit = 0; bit < (value.len + MAC_SIZE) * 8; bit++) {
		scratch_flip(&s, value.ptr, bit);
		ck_assert_int_eq(members_get(scratch_view(&s), "acme", "al",
				     &m),
		    STORE_DAMAGED);
		scratch_flip(&s, value.ptr, bit);
	}
	ck_assert_int_eq(orgs_get(scratch_view(&s), "acme", &org), STORE_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("orgs");
	TCase *tc = tcase_create("orgs");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, an_org_comes_back_whole);
	tcase_add_test(tc, an_org_without_a_name_is_not_there);
	tcase_add_test(tc, a_member_comes_back_whole);
	tcase_add_test(tc, a_member_is_of_one_org);
	tcase_add_test(tc, a_member_that_is_deleted_leaves_the_others);
	tcase_add_test(tc, names_at_their_longest_are_kept_whole);
	tcase_add_loop_test(tc, orgs_are_walked_in_the_order_of_their_names, 0,
	    WALKS);
	tcase_add_loop_test(tc, members_are_walked_in_their_org_only, 0, WALKS);
	tcase_add_test(tc, another_version_is_damage);
	tcase_add_test(tc, every_flipped_bit_is_damage);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
