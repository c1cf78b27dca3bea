/* SPDX-License-Identifier: ISC */
#include "mqtt_access.h"
#include "topic.h"

static bool
applies(const struct mqtt_rule *rule, const struct mqtt_session *s,
    enum mqtt_right right, const char *topic)
{
	const struct topic_names names = { s->org, s->user };

	return rule->right == right &&
	    topic_covers(rule->pattern, &names, topic);
}

/* For good: such a key is never let in again. */
static bool
is_death(enum keyd_status status)
{
	return status == KEYD_REVOKED || status == KEYD_EXPIRED ||
	    status == KEYD_UNKNOWN;
}

static enum keyd_status
note(struct mqtt_session *s, enum keyd_status status)
{
	if (is_death(status))
		s->dead = true;
	return status;
}

/* The limit comes last: a key that is over it has the permission. */
static enum keyd_status
try_rule(struct mqtt_gate *g, const struct mqtt_rules *rules, size_t i,
    struct mqtt_session *s)
{
	enum keyd_status status =
	    mqtt_gate_again(g, s->token, rules->rule[i].permission);

	if (status == KEYD_OK || status == KEYD_RATE_LIMITED)
		s->granted |= UINT64_C(1) << i;
	return note(s, status);
}

enum keyd_status
mqtt_access_use(struct mqtt_gate *g, const struct mqtt_rules *rules,
    struct mqtt_session *s, enum mqtt_right right, const char *topic)
{
	enum keyd_status status = KEYD_FORBIDDEN;

	if (s->dead)
		return KEYD_REVOKED;
	if (s->token == NULL)
		return KEYD_MISSING;
	for (size_t i = 0; i < rules->count && status == KEYD_FORBIDDEN; i++)
		if (applies(&rules->rule[i], s, right, topic))
			status = try_rule(g, rules, i, s);
	return status;
}

static bool
granted(const struct mqtt_rules *rules, const struct mqtt_session *s,
    const char *topic)
{
	for (size_t i = 0; i < rules->count; i++)
		if ((s->granted & UINT64_C(1) << i) != 0 &&
		    applies(&rules->rule[i], s, MQTT_SUBSCRIBE, topic))
			return true;
	return false;
}

enum keyd_status
mqtt_access_deliver(struct mqtt_gate *g, const struct mqtt_rules *rules,
    struct mqtt_session *s, const char *topic)
{
	enum keyd_status status;

	if (s->dead)
		return KEYD_REVOKED;
	if (granted(rules, s, topic))
		return s->token == NULL ? KEYD_OK
					: note(s, mqtt_gate_alive(g, s->token));
	status = mqtt_access_use(g, rules, s, MQTT_SUBSCRIBE, topic);
	return status == KEYD_RATE_LIMITED ? KEYD_OK : status;
}
