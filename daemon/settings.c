/* SPDX-License-Identifier: ISC */
#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"
#include "rules_grant.h"
#include "settings.h"

#define VERIFY_MODE 0666
#define ADMIN_MODE 0660
#define TOP 10 /* settings that are no numbers */
#define ADMIN_GROUP "keyd-admin"

#define SECTION (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

/* Where complaints of libconfuse go, which has no argument for it. */
static struct {
	int *line;
	char *what;
	size_t size;
	bool made;
} complaint;

static void
complain(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[CONFIG_WHY_SIZE];

	/* The first is the cause; others follow from it. */
	if (complaint.made)
		return;
	complaint.made = true;
	*complaint.line = cfg != NULL ? cfg->line : 0;
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	(void)snprintf(complaint.what, complaint.size, "%s (see keyd.conf(5))",
	    text);
}

/* The room for libconfuse's own copy of what may be set; NULL: no memory. */
static cfg_t *
open_settings(void)
{
	cfg_opt_t role[] = {
		CFG_STR_LIST("permissions", NULL, CFGF_NODEFAULT),
		CFG_BOOL("may_create", cfg_false, CFGF_NONE),
		CFG_END(),
	};
	cfg_opt_t plan[] = {
		CFG_INT("rate", 0, CFGF_NONE),
		CFG_INT("burst", 0, CFGF_NONE),
		CFG_BOOL("per_org", cfg_false, CFGF_NONE),
		CFG_END(),
	};
	cfg_opt_t context[] = {
		CFG_STR("rotate_after", NULL, CFGF_NODEFAULT),
		CFG_END(),
	};
	cfg_opt_t grant[] = {
		CFG_INT_LIST_CB("users", NULL, CFGF_NODEFAULT, rules_user),
		CFG_INT_LIST_CB("groups", NULL, CFGF_NODEFAULT, rules_group),
		CFG_INT_CB("power", POWER_UNSAID, CFGF_NONE, rules_power),
		CFG_STR_LIST("orgs", NULL, CFGF_NODEFAULT),
		CFG_END(),
	};
	cfg_opt_t top[TOP + NUMBERS + 1] = {
		CFG_STR("prefix", NULL, CFGF_NODEFAULT),
		CFG_BOOL("accept_foreign_tokens", cfg_false, CFGF_NONE),
		CFG_INT_CB("verify_mode", VERIFY_MODE, CFGF_NONE, rules_mode),
		CFG_INT_CB("admin_mode", ADMIN_MODE, CFGF_NONE, rules_mode),
		CFG_STR("admin_group", ADMIN_GROUP, CFGF_NONE),
		CFG_INT_LIST_CB("metrics", NULL, CFGF_NODEFAULT, rules_user),
		CFG_SEC("role", role, SECTION),
		CFG_SEC("plan", plan, SECTION),
		CFG_SEC("context", context, SECTION),
		CFG_SEC("grant", grant, SECTION),
	};

	for (size_t i = 0; i < NUMBERS; i++)
		top[TOP + i] = (cfg_opt_t)CFG_INT(rules_numbers[i].name,
		    rules_numbers[i].fallback, CFGF_NONE);
	top[TOP + NUMBERS] = (cfg_opt_t)CFG_END();
	return cfg_init(top, CFGF_NONE);
}

/* Every text was checked to fit. */
static void
copy(char *dst, size_t size, const char *src)
{
	(void)snprintf(dst, size, "%s", src);
}

static void
fill_role(struct role *r, cfg_t *from)
{
	size_t len = 0;

	memset(r, 0, sizeof(*r));
	copy(r->name, sizeof(r->name), cfg_title(from));
	r->may_create = cfg_getbool(from, "may_create") == cfg_true;
	for (unsigned i = 0; i < cfg_size(from, "permissions"); i++) {
		if (i > 0)
			r->permissions[len++] = ' ';
		copy(r->permissions + len, sizeof(r->permissions) - len,
		    cfg_getnstr(from, "permissions", i));
		len += strlen(r->permissions + len);
	}
}

static void
fill_plan(struct plan *p, cfg_t *from)
{
	memset(p, 0, sizeof(*p));
	copy(p->name, sizeof(p->name), cfg_title(from));
	p->rate = (uint32_t)cfg_getint(from, "rate");
	p->burst = (uint32_t)cfg_getint(from, "burst");
	p->custom = cfg_getbool(from, "per_org") == cfg_true;
}

static void
fill_context(struct context *c, cfg_t *from)
{
	const char *after = cfg_getstr(from, "rotate_after");

	memset(c, 0, sizeof(*c));
	copy(c->name, sizeof(c->name), cfg_title(from));
	c->rotate_after = after != NULL ? rules_duration(after) : 0;
}

static void
fill_grant(struct grant *g, cfg_t *from)
{
	memset(g, 0, sizeof(*g));
	g->power = (enum power)cfg_getint(from, "power");
	g->user_count = cfg_size(from, "users");
	g->group_count = cfg_size(from, "groups");
	g->org_count = cfg_size(from, "orgs");
	for (unsigned i = 0; i < g->user_count; i++)
		g->users[i] = (uid_t)cfg_getnint(from, "users", i);
	for (unsigned i = 0; i < g->group_count; i++)
		g->groups[i] = (gid_t)cfg_getnint(from, "groups", i);
	for (unsigned i = 0; i < g->org_count; i++)
		copy(g->orgs[i], sizeof(g->orgs[i]),
		    cfg_getnstr(from, "orgs", i));
}

/* Sections of a kind replace all the defaults of that kind. */
static void
fill_draft(struct policy_draft *d, cfg_t *cfg)
{
	const char *prefix = cfg_getstr(cfg, "prefix");
	unsigned roles = cfg_size(cfg, "role");
	unsigned plans = cfg_size(cfg, "plan");
	unsigned contexts = cfg_size(cfg, "context");

	policy_draft_default(d);
	if (prefix != NULL)
		copy(d->prefix, sizeof(d->prefix), prefix);
	d->foreign = cfg_getbool(cfg, "accept_foreign_tokens") == cfg_true;
	for (unsigned i = 0; i < roles; i++)
		fill_role(&d->roles[i], cfg_getnsec(cfg, "role", i));
	for (unsigned i = 0; i < plans; i++)
		fill_plan(&d->plans[i], cfg_getnsec(cfg, "plan", i));
	for (unsigned i = 0; i < contexts; i++)
		fill_context(&d->contexts[i], cfg_getnsec(cfg, "context", i));
	d->grants.meter_count = cfg_size(cfg, "metrics");
	for (unsigned i = 0; i < d->grants.meter_count; i++)
		d->grants.meters[i] = (uid_t)cfg_getnint(cfg, "metrics", i);
	d->grants.count = cfg_size(cfg, "grant");
	for (unsigned i = 0; i < d->grants.count; i++)
		fill_grant(&d->grants.all[i], cfg_getnsec(cfg, "grant", i));
	d->role_count = roles > 0 ? roles : d->role_count;
	d->plan_count = plans > 0 ? plans : d->plan_count;
	d->context_count = contexts > 0 ? contexts : d->context_count;
}

static struct policy *
build_policy(cfg_t *cfg)
{
	struct policy_draft *d = malloc(sizeof(*d));
	struct policy *p;

	if (d == NULL)
		return NULL;
	fill_draft(d, cfg);
	p = policy_new(d);
	free(d);
	return p;
}

static struct config *
build(cfg_t *cfg)
{
	struct config *c = calloc(1, sizeof(*c));
	uint32_t value;

	if (c == NULL)
		return NULL;
	if ((c->policy = build_policy(cfg)) == NULL) {
		free(c);
		return NULL;
	}
	c->verify_mode = (uint32_t)cfg_getint(cfg, "verify_mode");
	c->admin_mode = (uint32_t)cfg_getint(cfg, "admin_mode");
	copy(c->admin_group, sizeof(c->admin_group),
	    cfg_getstr(cfg, "admin_group"));
	for (size_t i = 0; i < NUMBERS; i++) {
		value = (uint32_t)cfg_getint(cfg, rules_numbers[i].name);
		memcpy((char *)c + rules_numbers[i].offset, &value,
		    sizeof(value));
	}
	return c;
}

struct config *
settings_read(const char *text, int *line, char *what, size_t what_size)
{
	struct config *c = NULL;
	cfg_t *cfg = open_settings();

	*line = 0;
	copy(what, what_size, "out of memory");
	if (cfg == NULL)
		return NULL;
	complaint.line = line;
	complaint.what = what;
	complaint.size = what_size;
	complaint.made = false;
	cfg_set_error_function(cfg, complain);
	rules_set(cfg);
	if (cfg_parse_buf(cfg, text) == CFG_SUCCESS)
		c = build(cfg);
	cfg_free(cfg);
	memset(&complaint, 0, sizeof(complaint));
	return c;
}
