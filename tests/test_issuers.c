/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "suite.h"

#define ISSUER 4321 /* a uid that may issue keys of acme */

static struct scratch s;
static struct asker a;
static char own_id[KEY_ID_SIZE];
static char foreign_id[KEY_ID_SIZE];

/* The policy that gives the power; else the default one. */
static void
grant(void)
{
	struct policy_draft *d = calloc(1, sizeof(*d));
	struct grant *g = &d->grants.all[0];

	ck_assert_ptr_nonnull(d);
	policy_draft_default(d);
	d->grants.count = 1;
	g->power = POWER_ISSUE;
	g->users[g->user_count++] = ISSUER;
	strlcpy(g->orgs[g->org_count++], "acme", ORG_SIZE);
	policy_unref(a.policy);
	ck_assert_ptr_nonnull(a.policy = policy_new(d));
	free(d);
}

static void
become(uid_t uid)
{
	a.peer = (struct peer){ .uid = uid, .gid = 99 };
	peer_grant(-1, policy_grants(a.policy), &a.peer);
}

/* acme and globex with a user and a key each, of the digests 1 and 2. */
static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	grant();
	become(0);
	ask_org(&a, "acme");
	ask_org(&a, "globex");
	ask_member(&a, "acme", "alice", "editor");
	ask_member(&a, "globex", "hank", "owner");
	ask_key(&a, 1, "acme", "alice", "ours", own_id);
	ask_key(&a, 2, "globex", "hank", "theirs", foreign_id);
	become(ISSUER);
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

/* ---- what root sees of everything, to compare ---- */

struct sight {
	uint8_t bytes[6 * FRAME_MAX];
	size_t len;
};

static void
look_at(struct sight *sight, const struct request *req)
{
	ask_done(ask(&a, req));
	memcpy(sight->bytes + sight->len, a.frame.body.ptr, a.frame.body.len);
	sight->len += a.frame.body.len;
}

static void
look(struct sight *sight)
{
	static const char *const orgs[] = { "acme", "globex" };
	struct peer before = a.peer;
	struct request req = { .type = FRAME_ORG_LIST };

	sight->len = 0;
	become(0);
	look_at(sight, &req);
	for (int i = 0; i < 2; i++) {
		strlcpy(req.list.org, orgs[i], sizeof(req.list.org));
		req.type = FRAME_MEMBER_LIST;
		look_at(sight, &req);
		req.type = FRAME_LIST;
		req.list.all = true;
		look_at(sight, &req);
		req.list.all = false;
	}
	a.peer = before;
}

/* ---- every request that there is, about something ---- */

/* What a request is about. */
struct target {
	const char *org;
	const char *user;
	const char *id;
	uint8_t digest; /* of the key */
};

static uint8_t ids[2 * KEY_ID_LEN];

static void
aim_revoke(struct request_revoke *q, const struct target *t, int variant)
{
	q->by = variant == 0 ? REVOKE_BY_DIGEST : REVOKE_BY_ID;
	memset(q->digest, t->digest, sizeof(q->digest));
	if (variant == 0)
		return;
	/* Alone, after a key of one's own, or dry. */
	q->dry_run = variant == 3;
	q->count = variant == 2 ? 2 : 1;
	memcpy(ids, own_id, KEY_ID_LEN);
	memcpy(ids + (size_t)(q->count - 1) * KEY_ID_LEN, t->id, KEY_ID_LEN);
	q->ids = (struct span){ ids, (size_t)q->count * KEY_ID_LEN };
}

static void
aim_import(struct request *req, const struct target *t)
{
	static uint8_t bytes[1024];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct import_row row = { .created = 1 };

	memset(row.digest, 9, sizeof(row.digest));
	strlcpy(row.org, t->org, sizeof(row.org));
	strlcpy(row.user, t->user, sizeof(row.user));
	strlcpy(row.name, "imported", sizeof(row.name));
	import_row_put(&w, &row);
	ck_assert(wire_fits(&w));
	req->import.id = 1;
	req->import.count = 1;
	req->import.rows = (struct span){ bytes, wire_length(&w) };
}

static void
aim_member(struct request *req, const struct target *t, int variant)
{
	struct request_member *q = &req->member;

	if (req->type != FRAME_MEMBER_REMOVE)
		strlcpy(q->role, "tester", sizeof(q->role));
	strlcpy(q->org, t->org, sizeof(q->org));
	strlcpy(q->user, t->user, sizeof(q->user));
	q->revoke_keys = variant % 2 == 1;
}

static void
aim_revoke_all(struct request_revoke_all *q, const struct target *t,
    int variant)
{
	strlcpy(q->org, t->org, sizeof(q->org));
	if (variant % 2 == 1)
		strlcpy(q->user, t->user, sizeof(q->user));
	q->unused_since = variant > 1 ? ASK_NOW : 0;
}

static void
aim_rotate(struct request_rotate *q, const struct target *t, int variant)
{
	memset(q->digest, variant % 2 == 0 ? 4 : t->digest, sizeof(q->digest));
	strlcpy(q->id, t->id, sizeof(q->id));
	q->has_grace = variant > 1;
}

static void
aim_list(struct request_list *q, const struct target *t, int variant)
{
	strlcpy(q->org, t->org, sizeof(q->org));
	q->all = variant == 1;
	q->drifted = variant == 2;
	q->unused_since = variant == 3 ? ASK_NOW : 0;
}

static void
aim_audit(struct request_audit *q, const struct target *t, int variant)
{
	strlcpy(q->org, variant % 2 == 0 ? t->org : "", sizeof(q->org));
	strlcpy(q->id, variant > 1 ? t->id : "", sizeof(q->id));
}

/* A request of the type about the target; there are VARIANTS of each. */
#define VARIANTS 4
static struct request
aim(uint8_t type, const struct target *t, int variant)
{
	struct request req = { .type = type };

	switch (type) {
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
		strlcpy(req.org.slug, t->org, sizeof(req.org.slug));
		strlcpy(req.org.plan, "pro", sizeof(req.org.plan));
		break;
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
		aim_member(&req, t, variant);
		break;
	case FRAME_CREATE:
		/* A new token, or that of the target. */
		req = ask_create(variant % 2 == 0 ? 3 : t->digest, t->org,
		    t->user, "new");
		req.create.dry_run = variant > 1;
		break;
	case FRAME_REVOKE:
		aim_revoke(&req.revoke, t, variant);
		break;
	case FRAME_REVOKE_ALL:
		aim_revoke_all(&req.revoke_all, t, variant);
		break;
	case FRAME_ROTATE:
		aim_rotate(&req.rotate, t, variant);
		break;
	case FRAME_LIST:
		aim_list(&req.list, t, variant);
		break;
	case FRAME_MEMBER_LIST:
		strlcpy(req.list.org, t->org, sizeof(req.list.org));
		break;
	case FRAME_SHOW:
		strlcpy(req.show.id, t->id, sizeof(req.show.id));
		break;
	case FRAME_EXPLAIN:
		memset(req.explain.digest, t->digest,
		    sizeof(req.explain.digest));
		break;
	case FRAME_AUDIT:
		aim_audit(&req.audit, t, variant);
		break;
	case FRAME_AUDIT_PRUNE:
		req.audit_range.before = ASK_NOW;
		break;
	case FRAME_IMPORT_ROWS:
		aim_import(&req, t);
		break;
	case FRAME_IMPORT_COMMIT:
	case FRAME_IMPORT_ABORT:
		req.import.id = 1;
		break;
	default:
		break;
	}
	return req;
}

static const uint8_t types[] = { FRAME_STATUS, FRAME_ORG_ADD, FRAME_ORG_SET,
	FRAME_ORG_LIST, FRAME_MEMBER_ADD, FRAME_MEMBER_SET, FRAME_MEMBER_REMOVE,
	FRAME_MEMBER_LIST, FRAME_CREATE, FRAME_REVOKE, FRAME_LIST, FRAME_SHOW,
	FRAME_REVOKE_ALL, FRAME_ROTATE, FRAME_EXPLAIN, FRAME_AUDIT,
	FRAME_AUDIT_CHECK, FRAME_AUDIT_PRUNE, FRAME_IMPORT_BEGIN,
	FRAME_IMPORT_ROWS, FRAME_IMPORT_COMMIT, FRAME_IMPORT_ABORT,
	FRAME_BACKUP_BEGIN, FRAME_BACKUP_READ, FRAME_BACKUP_DONE,
	FRAME_RESTORE_BEGIN, FRAME_RESTORE_CHUNK, FRAME_RESTORE_CHECK,
	FRAME_RESTORE_COMMIT, FRAME_RESTORE_ABORT };
#define TYPES (int)sizeof(types)

static const struct target globex = { "globex", "hank", foreign_id, 2 };
/* Texts as long as those of globex. */
static const struct target nothing = { "nowher", "none", "key_0000000000000000",
	5 };

/* What the message says, with what the request named left out. */
static void
anonymous(const struct target *t, char text[MESSAGE_SIZE])
{
	const char *const names[] = { t->org, t->user, t->id };
	char *at;

	ck_assert_msg(a.rep.type == FRAME_ERROR, "answered");
	strlcpy(text, a.rep.error.message, MESSAGE_SIZE);
	for (int i = 0; i < 3; i++)
		while ((at = strstr(text, names[i])) != NULL)
			memset(at, '*', strlen(names[i]));
}

/* Each request about globex is answered as if there were no globex. */
START_TEST(another_organization_is_as_if_it_were_not_there)
{
	char told[MESSAGE_SIZE], expected[MESSAGE_SIZE];
	struct sight *before = malloc(sizeof(*before));
	struct sight *after = malloc(sizeof(*after));
	uint8_t type = types[_i / VARIANTS];
	struct request req;
	uint8_t code;

	ck_assert(before != NULL && after != NULL);
	look(before);
	req = aim(type, &nothing, _i % VARIANTS);
	(void)ask(&a, &req);
	anonymous(&nothing, expected);
	code = a.rep.error.code;
	req = aim(type, &globex, _i % VARIANTS);
	(void)ask(&a, &req);
	anonymous(&globex, told);
	ck_assert_str_eq(told, expected);
	ck_assert_uint_eq(a.rep.error.code, code);
	look(after);
	ck_assert_uint_eq(before->len, after->len);
	ck_assert_mem_eq(before->bytes, after->bytes, before->len);
	ck_assert(!a.hang_up);
	free(before);
	free(after);
}
END_TEST

/* ---- what an issuer may, and the edges of it ---- */

START_TEST(an_issuer_makes_shows_and_revokes_keys_of_its_organization)
{
	struct request req = ask_create(3, "acme", "alice", "new");
	char id[KEY_ID_SIZE];

	ask_done(ask(&a, &req));
	ck_assert_uint_eq(a.rep.created.key.creator_uid, ISSUER);
	strlcpy(id, a.rep.created.key.id, sizeof(id));
	req = (struct request){ .type = FRAME_SHOW };
	strlcpy(req.show.id, id, sizeof(req.show.id));
	ask_done(ask(&a, &req));
	ck_assert_str_eq(a.rep.view.key.name, "new");
	ask_done(ask_revoke(&a, id));
	ck_assert_int_eq(ask_verify(&a, 3, "", ""), VERDICT_REVOKED);
	ask_done(ask_revoke(&a, own_id));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_OK);
}
END_TEST

START_TEST(an_issuer_rotates_keys_of_its_organization_and_revokes_all)
{
	struct request req = { .type = FRAME_ROTATE };

	memset(req.rotate.digest, 3, sizeof(req.rotate.digest));
	strlcpy(req.rotate.id, own_id, sizeof(req.rotate.id));
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(a.rep.rotated.key.creator_uid, ISSUER);
	req = (struct request){ .type = FRAME_REVOKE_ALL };
	ask_refused(ask(&a, &req), ERROR_INVALID);
	req.revoke_all.unused_since = ASK_NOW;
	ask_refused(ask(&a, &req), ERROR_DENIED);
	req.revoke_all.unused_since = 0;
	strlcpy(req.revoke_all.org, "acme", sizeof(req.revoke_all.org));
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(a.rep.revoked_all.revoked, 2);
	ck_assert_int_eq(ask_verify(&a, 3, "", ""), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_OK);
}
END_TEST

/* Is the text in the body of the last answer? */
static bool
told(const char *text)
{
	return memmem(a.frame.body.ptr, a.frame.body.len, text, strlen(text)) !=
	    NULL;
}

START_TEST(an_issuer_lists_its_organization_and_must_name_it)
{
	static const uint8_t lists[] = { FRAME_LIST, FRAME_MEMBER_LIST };
	struct request req = { .type = FRAME_LIST };

	for (int i = 0; i < 2; i++) {
		req = (struct request){ .type = lists[i] };
		ask_refused(ask(&a, &req), ERROR_DENIED);
		ck_assert_ptr_nonnull(strstr(a.rep.error.message, "--org"));
		strlcpy(req.list.org, "acme", sizeof(req.list.org));
		ask_done(ask(&a, &req));
		ck_assert(told("alice"));
		ck_assert(!told("hank"));
	}
}
END_TEST

/* A cursor is bytes of the client's. */
START_TEST(a_cursor_does_not_lead_out_of_the_organization)
{
	static const char *const places[] = { "globex", "globex\0hank", "a",
		"acme\0zoe", "z", "\0" };
	static const size_t lens[] = { 7, 12, 1, 9, 1, 1 };

	for (int i = 0; i < 6; i++) {
		struct request req = { .type = FRAME_LIST };

		req.list.all = true;
		strlcpy(req.list.org, "acme", sizeof(req.list.org));
		req.list.cursor =
		    (struct span){ (const uint8_t *)places[i], lens[i] };
		(void)ask(&a, &req);
		ck_assert(!told("hank"));
		ck_assert(!told("theirs"));
	}
}
END_TEST

static void
ck_tells_nothing(const struct request *req)
{
	become(ISSUER);
	ask_refused(ask(&a, req), ERROR_EXISTS);
	ck_assert(!told("key_"));
	ck_assert(!told("globex"));
	become(0);
	ask_refused(ask(&a, req), ERROR_EXISTS);
	ck_assert(told(foreign_id));
}

START_TEST(a_token_of_another_organization_does_not_tell_whose_it_is)
{
	struct request create = ask_create(2, "acme", "alice", "new");
	struct request rotate = { .type = FRAME_ROTATE };

	ck_tells_nothing(&create);
	memset(rotate.rotate.digest, 2, sizeof(rotate.rotate.digest));
	strlcpy(rotate.rotate.id, own_id, sizeof(rotate.rotate.id));
	ck_tells_nothing(&rotate);
}
END_TEST

START_TEST(a_key_of_ones_own_is_not_revoked_with_a_foreign_one)
{
	struct request req = aim(FRAME_REVOKE, &globex, 2);

	ask_refused(ask(&a, &req), ERROR_NOT_FOUND);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_OK);
	become(0);
	ask_done(ask(&a, &req));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_REVOKED);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_REVOKED);
}
END_TEST

START_TEST(without_the_grant_there_is_no_power)
{
	struct request req = ask_create(3, "acme", "alice", "new");

	become(ISSUER + 1);
	ask_refused(ask(&a, &req), ERROR_DENIED);
	ck_assert(a.hang_up);
	/* A bit alone, without a grant that it stands for. */
	a.peer.grants = 2;
	ask_refused(ask(&a, &req), ERROR_DENIED);
	become(ISSUER);
	ask_done(ask(&a, &req));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("issuers");
	TCase *tc = tcase_create("issuers");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, another_organization_is_as_if_it_were_not_there,
	    0, TYPES * VARIANTS);
	tcase_add_test(tc,
	    an_issuer_makes_shows_and_revokes_keys_of_its_organization);
	tcase_add_test(tc,
	    an_issuer_rotates_keys_of_its_organization_and_revokes_all);
	tcase_add_test(tc, an_issuer_lists_its_organization_and_must_name_it);
	tcase_add_test(tc, a_cursor_does_not_lead_out_of_the_organization);
	tcase_add_test(tc,
	    a_token_of_another_organization_does_not_tell_whose_it_is);
	tcase_add_test(tc, a_key_of_ones_own_is_not_revoked_with_a_foreign_one);
	tcase_add_test(tc, without_the_grant_there_is_no_power);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
