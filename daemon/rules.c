/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "names.h"
#include "rules.h"
#include "rules_grant.h"

#define ROTATE_DAYS_MAX 36500 /* a hundred years */
#define DAY (INT64_C(24) * 60 * 60)

#define NUMBER(member, fallback, most)                                         \
	{                                                                      \
#member, (fallback), (most), offsetof(struct config, member)   \
	}

const struct number rules_numbers[NUMBERS] = {
	NUMBER(map_size, 16384, 1024 * 1024),
	NUMBER(max_connections, 16384, 1024 * 1024),
	NUMBER(max_connections_per_uid, 4096, 1024 * 1024),
	NUMBER(frame_timeout, 5, 3600),
	NUMBER(queue, 4096, 1024 * 1024),
	NUMBER(unknown_per_second, 1000, 1000000000),
};

int
rules_refuse(cfg_t *cfg, const char *fmt, ...)
{
	char text[CONFIG_WHY_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cfg_error(cfg, "%s", text);
	return -1;
}

/* ---- each value, as soon as it is read ---- */

static int
check_number(cfg_t *cfg, cfg_opt_t *opt)
{
	long value = cfg_opt_getnint(opt, 0);

	for (size_t i = 0; i < NUMBERS; i++) {
		if (strcmp(rules_numbers[i].name, cfg_opt_name(opt)) != 0)
			continue;
		if (value < 1 || value > rules_numbers[i].most)
			return rules_refuse(cfg, "%s must be from 1 to %ld",
			    rules_numbers[i].name, rules_numbers[i].most);
	}
	return 0;
}

static int
check_rate(cfg_t *cfg, cfg_opt_t *opt)
{
	long value = cfg_opt_getnint(opt, 0);

	if (value < 1 || value > RATE_MAX)
		return rules_refuse(cfg, "%s must be from 1 to %d",
		    cfg_opt_name(opt), RATE_MAX);
	return 0;
}

static int
check_prefix(cfg_t *cfg, cfg_opt_t *opt)
{
	if (!name_is_prefix(cfg_opt_getnstr(opt, 0)))
		return rules_refuse(cfg,
		    "prefix must be a lower-case letter, then "
		    "up to 14 of a-z and 0-9");
	return 0;
}

static int
check_group(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *name = cfg_opt_getnstr(opt, 0);

	if (strlen(name) >= sizeof(((struct config *)NULL)->admin_group) ||
	    (name[0] != '\0' && !name_is_user(name + (name[0] == '_'))))
		return rules_refuse(cfg,
		    "admin_group must be the name of a group, "
		    "of up to 63 bytes, or \"\" for none");
	return 0;
}

/* Octal digits only: 666 would be another mode than it seems. */
int
rules_mode(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	size_t n = strspn(value, "01234567");
	long mode;

	if (value[0] != '0' || n < 2 || n > 5 || value[n] != '\0')
		return rules_refuse(cfg,
		    "%s must be octal with a 0 in front, such "
		    "as 0666",
		    cfg_opt_name(opt));
	mode = strtol(value, NULL, 8);
	if ((mode & ~0777L) != 0 || (mode & 0200) == 0)
		return rules_refuse(cfg,
		    "%s must be permissions only, 0200 among "
		    "them: to connect is to write",
		    cfg_opt_name(opt));
	*(long *)result = mode;
	return 0;
}

/* "30d", "24h", "15m", "30s"; 0 for anything else. */
int64_t
rules_duration(const char *text)
{
	static const char units[] = "dhms";
	static const int64_t seconds[] = { DAY, 3600, 60, 1 };
	size_t digits = strspn(text, "0123456789");
	const char *unit = strchr(units, text[digits]);
	long long n;

	if (digits < 1 || text[digits] == '\0' || unit == NULL ||
	    text[digits + 1] != '\0')
		return 0;
	n = strtoll(text, NULL, 10);
	if (n > ROTATE_DAYS_MAX * DAY / seconds[unit - units])
		return 0;
	return n * seconds[unit - units];
}

static int
check_rotate(cfg_t *cfg, cfg_opt_t *opt)
{
	if (rules_duration(cfg_opt_getnstr(opt, 0)) == 0)
		return rules_refuse(cfg,
		    "%s must be a number and d, h, m or s, such "
		    "as \"90d\", and a hundred years at most",
		    cfg_opt_name(opt));
	return 0;
}

/* Runs after each permission of the list, and once more at its end. */
static int
check_permissions(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned last = cfg_opt_size(opt);
	const char *name;
	size_t bytes = 0;

	if (last-- == 0)
		return 0;
	name = cfg_opt_getnstr(opt, last);
	if (!name_is_permission(name))
		return rules_refuse(cfg,
		    "\"%s\" is no permission: up to 63 of a-z, "
		    "0-9 and :._-, a letter or digit first",
		    name);
	for (unsigned i = 0; i < last; i++) {
		if (strcmp(cfg_opt_getnstr(opt, i), name) == 0)
			return rules_refuse(cfg,
			    "the permission %s stands twice in "
			    "one list: remove one",
			    name);
		bytes += strlen(cfg_opt_getnstr(opt, i)) + 1;
	}
	if (bytes + strlen(name) >= PERMISSIONS_SIZE)
		return rules_refuse(cfg,
		    "more than %d bytes of permissions in one "
		    "role: shorten it",
		    PERMISSIONS_SIZE - 1);
	return 0;
}

/* ---- each section, at its end ---- */

static int
check_section(cfg_t *cfg, cfg_opt_t *opt, bool (*is_name)(const char *),
    unsigned most)
{
	unsigned count = cfg_opt_size(opt);
	const char *title = cfg_title(cfg_opt_getnsec(opt, count - 1));

	if (!is_name(title))
		return rules_refuse(cfg,
		    "\"%s\" is no name for a %s: up to 31 of "
		    "a-z, 0-9 and -, a letter first",
		    title, cfg_opt_name(opt));
	if (count > most)
		return rules_refuse(cfg,
		    "more than %u sections %s: remove some", most,
		    cfg_opt_name(opt));
	return 0;
}

static int
check_role(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_section(cfg, opt, name_is_role, ROLES_MAX);
}

static int
check_context(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_section(cfg, opt, name_is_context, CONTEXTS_MAX);
}

static int
check_grant(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *grant = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);

	if (check_section(cfg, opt, name_is_role, GRANTS_MAX) != 0)
		return -1;
	return rules_grant(cfg, grant);
}

static int
check_plan(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *plan = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	bool rate = cfg_getint(plan, "rate") != 0;
	bool burst = cfg_getint(plan, "burst") != 0;

	if (check_section(cfg, opt, name_is_plan, PLANS_MAX) != 0)
		return -1;
	if (cfg_getbool(plan, "per_org") && (rate || burst))
		return rules_refuse(cfg,
		    "the plan %s has per_org: each org sets its "
		    "rate and burst, remove them here",
		    cfg_title(plan));
	if (!cfg_getbool(plan, "per_org") && !(rate && burst))
		return rules_refuse(cfg,
		    "the plan %s needs a rate and a burst, or "
		    "per_org = true",
		    cfg_title(plan));
	return 0;
}

/* ---- which is for what ---- */

static const struct {
	const char *path;
	cfg_validate_callback_t check;
} checks[] = {
	{ "prefix", check_prefix },
	{ "admin_group", check_group },
	{ "role", check_role },
	{ "role|permissions", check_permissions },
	{ "plan", check_plan },
	{ "plan|rate", check_rate },
	{ "plan|burst", check_rate },
	{ "metrics", rules_metrics },
	{ "grant", check_grant },
	{ "grant|orgs", rules_grant_org },
	{ "context", check_context },
	{ "context|rotate_after", check_rotate },
};

void
rules_set(cfg_t *cfg)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		(void)cfg_set_validate_func(cfg, checks[i].path,
		    checks[i].check);
	for (size_t i = 0; i < NUMBERS; i++)
		(void)cfg_set_validate_func(cfg, rules_numbers[i].name,
		    check_number);
}
