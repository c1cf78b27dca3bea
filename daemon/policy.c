/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

#define DAY (INT64_C(24) * 60 * 60)

#define TESTER "tests:run data:read"
#define EDITOR TESTER " tests:write probes:write registrars:write files:write"
#define ADMIN EDITOR " members:manage settings:manage"
#define OWNER ADMIN " billing:manage"

static const struct role default_roles[] = {
	{ "tester", TESTER, false },
	{ "editor", EDITOR, true },
	{ "admin", ADMIN, true },
	{ "owner", OWNER, true },
};

static const struct plan default_plans[] = {
	{ "free", 60, 10, false },
	{ "starter", 600, 60, false },
	{ "pro", 3000, 300, false },
	{ "business", 12000, 1200, false },
	{ "enterprise", 0, 0, true },
};

static const struct context default_contexts[] = {
	{ "production-ci", 90 * DAY },
	{ "development", 180 * DAY },
	{ "personal", 90 * DAY },
	{ "shared", 30 * DAY },
};

struct policy {
	atomic_uint references;
	struct policy_draft is;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void
policy_draft_default(struct policy_draft *d)
{
	memset(d, 0, sizeof(*d));
	memcpy(d->prefix, "cmk", sizeof("cmk"));
	d->role_count = COUNT(default_roles);
	d->plan_count = COUNT(default_plans);
	d->context_count = COUNT(default_contexts);
	memcpy(d->roles, default_roles, sizeof(default_roles));
	memcpy(d->plans, default_plans, sizeof(default_plans));
	memcpy(d->contexts, default_contexts, sizeof(default_contexts));
}

struct policy *
policy_new(const struct policy_draft *d)
{
	struct policy *p;

	if (d->role_count > ROLES_MAX || d->plan_count == 0 ||
	    d->plan_count > PLANS_MAX || d->context_count == 0 ||
	    d->context_count > CONTEXTS_MAX || d->grants.count > GRANTS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	if ((p = malloc(sizeof(*p))) == NULL)
		return NULL;
	atomic_init(&p->references, 1);
	p->is = *d;
	return p;
}

struct policy *
policy_ref(struct policy *p)
{
	atomic_fetch_add_explicit(&p->references, 1, memory_order_relaxed);
	return p;
}

void
policy_unref(struct policy *p)
{
	if (p == NULL)
		return;
	/* Whatever other threads read of it comes before it is freed. */
	if (atomic_fetch_sub_explicit(&p->references, 1,
		memory_order_acq_rel) == 1)
		free(p);
}

const struct role *
policy_role(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->is.role_count; i++) {
		if (strcmp(p->is.roles[i].name, name) == 0)
			return &p->is.roles[i];
	}
	return NULL;
}

const struct plan *
policy_plan(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->is.plan_count; i++) {
		if (strcmp(p->is.plans[i].name, name) == 0)
			return &p->is.plans[i];
	}
	return NULL;
}

const struct context *
policy_context(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->is.context_count; i++) {
		if (strcmp(p->is.contexts[i].name, name) == 0)
			return &p->is.contexts[i];
	}
	return NULL;
}

bool
policy_has_permission(const struct policy *p, const char *permission)
{
	for (size_t i = 0; i < p->is.role_count; i++) {
		if (permissions_have(p->is.roles[i].permissions, permission))
			return true;
	}
	return false;
}

const char *
policy_default_plan(const struct policy *p)
{
	return p->is.plans[0].name;
}

const char *
policy_default_context(const struct policy *p)
{
	const struct context *c = policy_context(p, "development");

	return c != NULL ? c->name : p->is.contexts[0].name;
}

const char *
policy_prefix(const struct policy *p)
{
	return p->is.prefix;
}

bool
policy_foreign(const struct policy *p)
{
	return p->is.foreign;
}

const struct grants *
policy_grants(const struct policy *p)
{
	return &p->is.grants;
}

/* Does the list hold this word of len bytes, which has no space in it? */
static bool
have(const char *list, const char *word, size_t len)
{
	size_t n;

	for (; *list != '\0'; list += n) {
		list += strspn(list, " ");
		n = strcspn(list, " ");
		if (n == len && memcmp(list, word, len) == 0)
			return len != 0;
	}
	return false;
}

bool
permissions_have(const char *list, const char *permission)
{
	if (strchr(permission, ' ') != NULL)
		return false;
	return have(list, permission, strlen(permission));
}

bool
permissions_within(const char *inner, const char *outer)
{
	size_t n;

	for (inner += strspn(inner, " "); *inner != '\0';
	     inner += n, inner += strspn(inner, " ")) {
		n = strcspn(inner, " ");
		if (!have(outer, inner, n))
			return false;
	}
	return true;
}
