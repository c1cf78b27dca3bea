/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "orgs.h"

#define VALUE_MAX 512    /* bytes of an encoded org or member */
#define ORG_VERSION 1    /* the org as protocol 1 has it */
#define MEMBER_VERSION 1 /* the member likewise */

struct member_key {
	uint8_t bytes[ORG_SIZE + USER_SIZE];
	struct span span;
};

/* The org's NUL stays, so that no org is the beginning of another. */
static void
member_key(struct member_key *k, const char *org, const char *user)
{
	struct wire_writer w = wire_writer(k->bytes, sizeof(k->bytes));

	wire_put_bytes(&w, org, strlen(org) + 1);
	wire_put_bytes(&w, user, strlen(user));
	k->span = (struct span){ k->bytes, wire_length(&w) };
}

static bool
org_decode(struct org_info *org, struct span value)
{
	struct wire_reader r = wire_reader(value.ptr, value.len);

	if (wire_get_u8(&r) != ORG_VERSION)
		return false;
	org_get(&r, org);
	return wire_done(&r);
}

static bool
member_decode(struct member_info *m, struct span value)
{
	struct wire_reader r = wire_reader(value.ptr, value.len);

	if (wire_get_u8(&r) != MEMBER_VERSION)
		return false;
	member_get(&r, m);
	return wire_done(&r);
}

enum store_status
orgs_get(struct store_txn *t, const char *slug, struct org_info *org)
{
	struct span value;
	enum store_status rc;

	rc = store_get(t, TABLE_ORGS, text_span(slug), &value);
	if (rc != STORE_OK)
		return rc;
	return org_decode(org, value) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
orgs_put(struct store_txn *t, const struct org_info *org)
{
	uint8_t bytes[VALUE_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u8(&w, ORG_VERSION);
	org_put(&w, org);
	if (!wire_fits(&w))
		return STORE_FAILED;
	store_touch_org(t, org->slug);
	return store_put(t, TABLE_ORGS, text_span(org->slug),
	    (struct span){ bytes, wire_length(&w) });
}

enum store_status
members_get(struct store_txn *t, const char *org, const char *user,
    struct member_info *m)
{
	struct member_key k;
	struct span value;
	enum store_status rc;

	member_key(&k, org, user);
	rc = store_get(t, TABLE_MEMBERS, k.span, &value);
	if (rc != STORE_OK)
		return rc;
	return member_decode(m, value) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
members_put(struct store_txn *t, const struct member_info *m)
{
	uint8_t bytes[VALUE_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct member_key k;

	wire_put_u8(&w, MEMBER_VERSION);
	member_put(&w, m);
	if (!wire_fits(&w))
		return STORE_FAILED;
	member_key(&k, m->org, m->user);
	return store_put(t, TABLE_MEMBERS, k.span,
	    (struct span){ bytes, wire_length(&w) });
}

enum store_status
members_delete(struct store_txn *t, const char *org, const char *user)
{
	struct member_key k;

	member_key(&k, org, user);
	return store_delete(t, TABLE_MEMBERS, k.span);
}

struct walk {
	orgs_step *org_step;
	members_step *member_step;
	void *arg;
	enum store_status rc;
};

static bool
walk_org(void *arg, struct span key, struct span value)
{
	struct walk *w = arg;
	struct org_info org;

	(void)key;
	if (!org_decode(&org, value)) {
		w->rc = STORE_DAMAGED;
		return false;
	}
	return w->org_step(w->arg, &org);
}

enum store_status
orgs_walk(struct store_txn *t, const char *from, orgs_step *step, void *arg)
{
	struct walk w = { .org_step = step, .arg = arg, .rc = STORE_OK };
	enum store_status rc = store_walk(t, TABLE_ORGS,
	    (struct span){ NULL, 0 }, text_span(from), walk_org, &w);

	return rc == STORE_OK ? w.rc : rc;
}

static bool
walk_member(void *arg, struct span key, struct span value)
{
	struct walk *w = arg;
	struct member_info m;

	(void)key;
	if (!member_decode(&m, value)) {
		w->rc = STORE_DAMAGED;
		return false;
	}
	return w->member_step(w->arg, &m);
}

enum store_status
members_walk(struct store_txn *t, const char *org, const char *from,
    members_step *step, void *arg)
{
	struct walk w = { .member_step = step, .arg = arg, .rc = STORE_OK };
	struct member_key prefix, start;
	enum store_status rc;

	member_key(&prefix, org, "");
	member_key(&start, org, from);
	rc = store_walk(t, TABLE_MEMBERS, prefix.span, start.span, walk_member,
	    &w);
	return rc == STORE_OK ? w.rc : rc;
}
