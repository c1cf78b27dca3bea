/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "peer.h"
#include "rules.h"
#include "rules_grant.h"

#define ID_MOST 4294967294UL /* (uid_t)-1 is nobody's */
#define ID_DIGITS 10

static bool
is_number(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* False for a number that is no id. */
static bool
read_id(const char *text, long *id)
{
	unsigned long long n;

	if (strlen(text) > ID_DIGITS)
		return false;
	n = strtoull(text, NULL, 10);
	*id = (long)n;
	return n <= ID_MOST;
}

int
rules_user(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	uid_t uid;

	(void)opt;
	if (is_number(value))
		return read_id(value, result)
		    ? 0
		    : rules_refuse(cfg, "\"%s\" is no uid", value);
	if (!peer_user(value, &uid))
		return rules_refuse(cfg,
		    "there is no user \"%s\": add it, or write another name or "
		    "a uid",
		    value);
	*(long *)result = (long)uid;
	return 0;
}

int
rules_group(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	gid_t gid;

	(void)opt;
	if (is_number(value))
		return read_id(value, result)
		    ? 0
		    : rules_refuse(cfg, "\"%s\" is no gid", value);
	if (!peer_group(value, &gid))
		return rules_refuse(cfg,
		    "there is no group \"%s\": add it, or write another name "
		    "or a gid",
		    value);
	*(long *)result = (long)gid;
	return 0;
}

int
rules_metrics(cfg_t *cfg, cfg_opt_t *opt)
{
	if (cfg_opt_size(opt) > GRANT_USERS_MAX)
		return rules_refuse(cfg, "more than %d users in metrics",
		    GRANT_USERS_MAX);
	return 0;
}

int
rules_power(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	(void)opt;
	if (strcmp(value, "issue") == 0)
		*(long *)result = POWER_ISSUE;
	else if (strcmp(value, "admin") == 0)
		*(long *)result = POWER_ADMIN;
	else
		return rules_refuse(cfg,
		    "\"%s\" is no power: write \"issue\" or \"admin\"", value);
	return 0;
}

/* Runs after each one of the list, and once more at its end. */
int
rules_grant_org(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned last = cfg_opt_size(opt);
	const char *name;

	if (last-- == 0)
		return 0;
	name = cfg_opt_getnstr(opt, last);
	if (!name_is_org(name))
		return rules_refuse(cfg,
		    "\"%s\" is no organization: up to 63 of a-z, 0-9 and -, a "
		    "letter or digit first",
		    name);
	return 0;
}

/* NULL, or the setting that has more than there is room for. */
static const char *
overfull(cfg_t *grant)
{
	if (cfg_size(grant, "users") > GRANT_USERS_MAX)
		return "users";
	if (cfg_size(grant, "groups") > GRANT_GROUPS_MAX)
		return "groups";
	return cfg_size(grant, "orgs") > GRANT_ORGS_MAX ? "orgs" : NULL;
}

int
rules_grant(cfg_t *cfg, cfg_t *grant)
{
	const char *name = cfg_title(grant);
	const char *over = overfull(grant);
	long power = cfg_getint(grant, "power");
	bool orgs = cfg_size(grant, "orgs") > 0;

	if (over != NULL)
		return rules_refuse(cfg,
		    "the grant %s has more than 64 %s: make it two", name,
		    over);
	if (cfg_size(grant, "users") + cfg_size(grant, "groups") == 0)
		return rules_refuse(cfg,
		    "the grant %s is for nobody: give it users or groups",
		    name);
	if (power == POWER_UNSAID)
		return rules_refuse(cfg,
		    "the grant %s needs power = \"issue\" or \"admin\"", name);
	if (power == POWER_ISSUE && !orgs)
		return rules_refuse(cfg,
		    "the grant %s needs orgs: those whose keys may be issued",
		    name);
	if (power == POWER_ADMIN && orgs)
		return rules_refuse(cfg,
		    "the grant %s is to administrate all: remove its orgs",
		    name);
	return 0;
}
