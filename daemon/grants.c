/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "grants.h"

#define BIT(n) (UINT32_C(1) << (n))

static bool
names_user(const struct grant *g, uid_t uid)
{
	for (size_t i = 0; i < g->user_count; i++)
		if (g->users[i] == uid)
			return true;
	return false;
}

static bool
names_group(const struct grant *g, gid_t gid)
{
	for (size_t i = 0; i < g->group_count; i++)
		if (g->groups[i] == gid)
			return true;
	return false;
}

static bool
names_any(const struct grant *g, const gid_t *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (names_group(g, groups[i]))
			return true;
	return false;
}

uint32_t
grants_match(const struct grants *g, uid_t uid, gid_t gid, const gid_t *groups,
    size_t count)
{
	uint32_t match = 0;

	for (size_t i = 0; i < g->count; i++)
		if (names_user(&g->all[i], uid) ||
		    names_group(&g->all[i], gid) ||
		    names_any(&g->all[i], groups, count))
			match |= BIT(i);
	return match;
}

bool
grants_admin(const struct grants *g, uint32_t of)
{
	for (size_t i = 0; i < g->count; i++)
		if ((of & BIT(i)) != 0 && g->all[i].power == POWER_ADMIN)
			return true;
	return false;
}

static bool
is_for(const struct grant *g, const char *org)
{
	for (size_t i = 0; i < g->org_count; i++)
		if (strcmp(g->orgs[i], org) == 0)
			return g->power == POWER_ISSUE;
	return false;
}

bool
grants_issue(const struct grants *g, uint32_t of, const char *org)
{
	for (size_t i = 0; i < g->count; i++)
		if ((of & BIT(i)) != 0 && is_for(&g->all[i], org))
			return true;
	return false;
}

bool
grants_meter(const struct grants *g, uid_t uid)
{
	for (size_t i = 0; i < g->meter_count; i++)
		if (g->meters[i] == uid)
			return true;
	return false;
}
