/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mqtt_rules.h"
#include "permission.h"
#include "topic.h"

static const char no_memory[] = "out of memory";
static const char not_permission[] = "is no permission";

static const char *
set_text(char **text, const char *value)
{
	if (*text != NULL)
		return "is given twice";
	if (*value == '\0')
		return "has no value";
	return (*text = strdup(value)) != NULL ? NULL : no_memory;
}

static const char *
set_permission(char **text, const char *value)
{
	return permission_ok(value) ? set_text(text, value) : not_permission;
}

static const char *
set_flag(bool *set, const char *value)
{
	*set = strcmp(value, "true") == 0;
	return *set || strcmp(value, "false") == 0
	    ? NULL
	    : "is neither true nor false";
}

/* PERMISSION PATTERN, where the permission * is any valid key.  The pattern
   is all that follows, spaces too. */
static const char *
set_rule(struct mqtt_rule *rule, const char *value)
{
	size_t len = strcspn(value, " \t");
	const char *pattern = value + len + strspn(value + len, " \t");

	if (!topic_pattern_ok(pattern))
		return "is not PERMISSION PATTERN with a pattern of MQTT";
	if ((rule->pattern = strdup(pattern)) == NULL)
		return no_memory;
	if (len == 1 && *value == '*')
		return NULL;
	if ((rule->permission = strndup(value, len)) == NULL)
		return no_memory;
	return permission_ok(rule->permission) ? NULL : not_permission;
}

static const char *
add_rule(struct mqtt_rules *r, enum mqtt_right right, const char *value)
{
	struct mqtt_rule *rule = &r->rule[r->count];

	if (r->count == MQTT_RULES_MAX)
		return "is one rule too many";
	r->count++;
	rule->right = right;
	return set_rule(rule, value);
}

const char *
mqtt_rules_option(struct mqtt_rules *r, const char *name, const char *value)
{
	if (strcmp(name, "publish") == 0)
		return add_rule(r, MQTT_PUBLISH, value);
	if (strcmp(name, "subscribe") == 0)
		return add_rule(r, MQTT_SUBSCRIBE, value);
	if (strcmp(name, "connect") == 0)
		return set_permission(&r->connect, value);
	if (strcmp(name, "org") == 0)
		return set_text(&r->org, value);
	if (strcmp(name, "runtime_dir") == 0)
		return set_text(&r->runtime_dir, value);
	if (strcmp(name, "user_match") == 0)
		return set_flag(&r->user_match, value);
	return "is no option";
}

void
mqtt_rules_free(struct mqtt_rules *r)
{
	free(r->runtime_dir);
	free(r->org);
	free(r->connect);
	for (size_t i = 0; i < r->count; i++) {
		free(r->rule[i].permission);
		free(r->rule[i].pattern);
	}
	*r = (struct mqtt_rules){ 0 };
}
