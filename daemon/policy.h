/* SPDX-License-Identifier: ISC */
/*
 * policy.h - roles, plans, contexts and grants: what keyd.conf says of who may
 * what.
 *
 * A policy never changes once it is built, so any thread may read it without
 * a lock; whoever keeps one across a reload holds a reference of its own.
 */
#ifndef KEYD_POLICY_H
#define KEYD_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grants.h"
#include "model.h"

#define ROLES_MAX 32
#define PLANS_MAX 32
#define CONTEXTS_MAX 32

struct role {
	char name[ROLE_SIZE];
	char permissions[PERMISSIONS_SIZE]; /* spaces between, as in a key */
	bool may_create;
};

struct plan {
	char name[PLAN_SIZE];
	uint32_t rate;  /* requests per minute of each key */
	uint32_t burst; /* requests at once */
	bool custom;    /* both are 0 here and set for each org */
};

struct context {
	char name[CONTEXT_SIZE];
	int64_t rotate_after; /* s of age when a key is due; 0: never */
};

/* What a policy is built of.  Too large for a stack: about 200 KiB. */
struct policy_draft {
	char prefix[PREFIX_SIZE];
	bool foreign; /* tokens of other makers may be known */
	size_t role_count;
	size_t plan_count;
	size_t context_count;
	struct role roles[ROLES_MAX];
	struct plan plans[PLANS_MAX];
	struct context contexts[CONTEXTS_MAX];
	struct grants grants;
};

struct policy;

/* Writes the roles, plans and contexts that hold without any keyd.conf, and
   no grants. */
void policy_draft_default(struct policy_draft *d);

/*
 * Copies the draft, which must have a plan and a context at least; names and
 * permissions are the caller's to check.  The caller holds the one reference.
 * NULL and errno on failure.
 */
struct policy *policy_new(const struct policy_draft *d);

struct policy *policy_ref(struct policy *p); /* returns p */
void policy_unref(struct policy *p);         /* NULL is fine */

/* NULL when there is none of that name.  Borrowed from the policy. */
const struct role *policy_role(const struct policy *p, const char *name);
const struct plan *policy_plan(const struct policy *p, const char *name);
const struct context *policy_context(const struct policy *p, const char *name);

/* Has any role this permission? */
bool policy_has_permission(const struct policy *p, const char *permission);

const char *policy_default_plan(const struct policy *p); /* the first one */
/* "development" when there is such a context, else the first one. */
const char *policy_default_context(const struct policy *p);

const char *policy_prefix(const struct policy *p);
bool policy_foreign(const struct policy *p);

/* Borrowed from the policy. */
const struct grants *policy_grants(const struct policy *p);

/* Does the list (spaces between) hold this whole permission?  "" is never
   held, nor is anything with a space in it. */
bool permissions_have(const char *list, const char *permission);

/* Is every permission of inner in outer too?  An empty inner is. */
bool permissions_within(const char *inner, const char *outer);

#endif /* KEYD_POLICY_H */
