/* SPDX-License-Identifier: ISC */
/*
 * mosquitto_keyd.c - a plugin of Mosquitto 2 for which the password of a
 * client is a token of keyd: its options, its beginning and its end.
 */
#include <stdlib.h>

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

#include "mosquitto_events.h"

static const struct {
	int event;
	MOSQ_FUNC_generic_callback call;
} callbacks[] = {
	{ MOSQ_EVT_BASIC_AUTH, events_auth },
	{ MOSQ_EVT_ACL_CHECK, events_acl },
	{ MOSQ_EVT_DISCONNECT, events_disconnect },
	{ MOSQ_EVT_TICK, events_tick },
};
static const size_t callback_count = sizeof(callbacks) / sizeof(*callbacks);

static bool
read_options(struct mosquitto_keyd *p, const struct mosquitto_opt *options,
    int count)
{
	for (int i = 0; i < count; i++) {
		const char *wrong = mqtt_rules_option(&p->rules, options[i].key,
		    options[i].value);

		if (wrong != NULL) {
			mosquitto_log_printf(MOSQ_LOG_ERR,
			    "keyd: plugin_opt_%s %s", options[i].key, wrong);
			return false;
		}
	}
	return true;
}

static bool
start(struct mosquitto_keyd *p)
{
	enum keyd_status status =
	    mqtt_gate_open(&p->gate, p->rules.runtime_dir, p->rules.org);

	if (status != KEYD_OK) {
		mosquitto_log_printf(MOSQ_LOG_ERR,
		    "keyd: plugin_opt_org or plugin_opt_runtime_dir: %s",
		    keyd_strerror(status));
		return false;
	}
	for (size_t i = 0; i < callback_count; i++)
		if (mosquitto_callback_register(p->identity, callbacks[i].event,
			callbacks[i].call, NULL, p) != MOSQ_ERR_SUCCESS)
			return false;
	return true;
}

int
mosquitto_plugin_version(int count, const int *supported)
{
	for (int i = 0; i < count; i++)
		if (supported[i] == MOSQ_PLUGIN_VERSION)
			return MOSQ_PLUGIN_VERSION;
	return -1;
}

int
mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options,
    int count)
{
	struct mosquitto_keyd *p = userdata;

	(void)options;
	(void)count;
	if (p == NULL)
		return MOSQ_ERR_SUCCESS;
	for (size_t i = 0; i < callback_count; i++)
		mosquitto_callback_unregister(p->identity, callbacks[i].event,
		    callbacks[i].call, NULL);
	mqtt_sessions_free(&p->sessions);
	mqtt_gate_close(&p->gate);
	mqtt_rules_free(&p->rules);
	free(p);
	return MOSQ_ERR_SUCCESS;
}

int
mosquitto_plugin_init(mosquitto_plugin_id_t *identity, void **userdata,
    struct mosquitto_opt *options, int count)
{
	struct mosquitto_keyd *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return MOSQ_ERR_NOMEM;
	p->identity = identity;
	if (!read_options(p, options, count) || !start(p)) {
		mosquitto_plugin_cleanup(p, options, count);
		return MOSQ_ERR_INVAL;
	}
	*userdata = p;
	return MOSQ_ERR_SUCCESS;
}
