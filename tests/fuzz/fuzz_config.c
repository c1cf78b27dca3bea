/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../../daemon/config.h"
#include "fuzz.h"
#include "names.h"

static void
check_grant(const struct grant *g)
{
	MUST(g->user_count + g->group_count >= 1);
	MUST(g->user_count <= GRANT_USERS_MAX);
	MUST(g->group_count <= GRANT_GROUPS_MAX);
	MUST(g->org_count <= GRANT_ORGS_MAX);
	MUST((g->power == POWER_ISSUE) == (g->org_count > 0));
	for (size_t i = 0; i < g->org_count; i++)
		MUST(name_is_org(g->orgs[i]));
	for (size_t i = 0; i < g->user_count; i++)
		MUST(g->users[i] != (uid_t)-1);
	for (size_t i = 0; i < g->group_count; i++)
		MUST(g->groups[i] != (gid_t)-1);
}

/* What any configuration that was accepted must be. */
static void
check_good(const struct config *c)
{
	const struct policy *p = c->policy;

	MUST((c->verify_mode & ~0777U) == 0 && (c->verify_mode & 0200) != 0);
	MUST(c->map_size >= 1 && c->queue >= 1 && c->frame_timeout >= 1);
	MUST(c->max_connections >= 1 && c->max_connections_per_uid >= 1);
	MUST(name_is_prefix(policy_prefix(p)));
	MUST(name_is_plan(policy_default_plan(p)));
	MUST(policy_plan(p, policy_default_plan(p)) != NULL);
	MUST(policy_context(p, policy_default_context(p)) != NULL);
	MUST(!policy_has_permission(p, ""));
	MUST((c->admin_mode & ~0777U) == 0 && (c->admin_mode & 0200) != 0);
	for (size_t i = 0; i < policy_grants(p)->count; i++)
		check_grant(&policy_grants(p)->all[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char name[] = "FILE";
	char why[CONFIG_WHY_SIZE];
	struct config *c =
	    config_parse((const char *)data, size, name, why, sizeof(why));

	if (c != NULL)
		check_good(c);
	else
		MUST(strncmp(why, "FILE:", strlen("FILE:")) == 0);
	config_free(c);
	return 0;
}
